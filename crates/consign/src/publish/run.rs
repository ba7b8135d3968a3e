use async_nats::HeaderMap;
use async_nats::jetstream::publish::PublishAck;
use bytes::Bytes;
use events_core::WireEvent;
use events_core::subject::{Routes, Subject};
use supervisor::exit::{Exit, Failure};

use super::draft::is_event;
use super::guess::Guess;
use super::line::{Tag, binary, headers};
use super::{Arguments, input};
use crate::broker::BrokerArguments;
use crate::client::{Address, Client};
use crate::output::{Format, Output};
use crate::send::{Chain, Fate, Message, Tally, Window};

pub(super) async fn publish(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let subject = arguments.subject()?;
    let settings = broker.settings()?;
    let routes = settings.routing().map_err(|error| {
        Failure::new(Exit::Config, "use CONSIGN_SUBJECT or CONSIGN_ROUTES").because(error)
    })?;
    let prefix = settings.subject_prefix.as_str();
    let guess = subject
        .as_ref()
        .map(|subject| Guess::of(subject, &routes, prefix));
    if arguments.count.get() > 1 && arguments.attributes.id.is_some() {
        let what = "several events cannot have one id";
        return Err(Failure::new(Exit::Usage, what).try_next("leave --id or --count out"));
    }
    let headers = headers(&arguments.headers)?;
    let door = if arguments.through_chain {
        let url = arguments.url.clone();
        Door::Chain(Chain::new(Client::new(&Address::at(url))?))
    } else {
        Door::Broker(Box::new(Window::new(broker.reach().await?)))
    };
    let mut run = Run {
        arguments,
        subject,
        guess,
        routes,
        headers,
        door,
        tally: Tally::default(),
        output,
    };
    if arguments.reads_input() {
        run.lines().await
    } else {
        run.given().await
    }
}

/// Where events are handed over.
enum Door {
    Broker(Box<Window<Tag>>),
    Chain(Chain<Tag>),
}

struct Run<'a> {
    arguments: &'a Arguments,
    subject: Option<Subject>,
    guess: Option<Guess>,
    routes: Routes,
    headers: HeaderMap,
    door: Door,
    tally: Tally,
    output: &'a mut Output,
}

impl Run<'_> {
    /// The data on the command line, so many times.
    async fn given(&mut self) -> Result<Exit, Failure> {
        let data = self.arguments.data.as_deref().map(load).transpose()?;
        for _ in 0..self.arguments.count.get() {
            if self.arguments.raw {
                let payload = data.clone().unwrap_or_default().into();
                self.raw(payload).await?;
            } else {
                let text = data.as_ref().map(|data| utf8(data)).transpose()?;
                let event = self.event(text)?;
                self.hand_over(event, None).await?;
            }
        }
        self.finish().await
    }

    /// Events from standard input. A line that is refused harms no other.
    async fn lines(&mut self) -> Result<Exit, Failure> {
        let mut lines = input::lines();
        while let Some((line, text)) = lines.recv().await {
            let read = text
                .map_err(|error| Failure::new(Exit::Failed, "read standard input").because(error));
            let read = match read {
                Ok(text) => utf8(&text).and_then(|text| self.event(Some(text))),
                Err(failure) => Err(failure),
            };
            match read {
                Ok(event) => self.hand_over(event, Some(line)).await?,
                Err(failure) => {
                    self.tally.refused += 1;
                    let (id, subject) = (None, String::new());
                    Tag {
                        line: Some(line),
                        id,
                        subject,
                    }
                    .refused(&failure, self.output);
                }
            }
        }
        let exit = self.finish().await?;
        self.output.note(&self.tally.in_words());
        Ok(exit)
    }

    /// The event that a text is, or becomes.
    fn event(&self, text: Option<&str>) -> Result<WireEvent, Failure> {
        let json = match (text, &self.guess) {
            (Some(text), _) if is_event(text) => text.replace(['\n', '\r'], " "),
            (text, Some(guess)) => {
                let arguments = self.arguments;
                if text.is_some_and(|text| {
                    serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
                }) {
                    return Err(Failure::new(Exit::Failed, "make the event")
                        .because("the data is no JSON")
                        .try_next("JSON such as '{\"n\":1}' or '\"a text\"', or --raw for bytes as they are"));
                }
                arguments.attributes.event(guess, text)?
            }
            (_, None) => {
                return Err(Failure::new(Exit::Failed, "read the event")
                    .because("it is no JSON object with a specversion"));
            }
        };
        WireEvent::from_bytes(json.into())
            .map_err(|error| Failure::new(Exit::Failed, "read the event").because(error))
    }

    async fn raw(&mut self, payload: Bytes) -> Result<(), Failure> {
        let subject = self
            .subject
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = Message {
            subject: subject.clone(),
            headers: self.headers.clone(),
            payload,
        };
        let tag = Tag {
            line: None,
            id: None,
            subject,
        };
        if let Door::Broker(window) = &mut self.door {
            let answered = window.publish(tag, message).await;
            self.acknowledged(answered)?;
        }
        Ok(())
    }

    async fn hand_over(&mut self, event: WireEvent, line: Option<u64>) -> Result<(), Failure> {
        let id = Some(event.attributes().id().as_str().to_owned());
        let subject = match &self.subject {
            Some(subject) => Ok(subject.clone()),
            None => self
                .routes
                .resolve(event.attributes())
                .map(|(_, subject)| subject),
        };
        let subject = match subject {
            Ok(subject) => subject.to_string(),
            Err(violations) => {
                self.tally.refused += 1;
                let failure =
                    Failure::new(Exit::Failed, "find the event's subject").because(violations);
                Tag {
                    line,
                    id,
                    subject: String::new(),
                }
                .refused(&failure, self.output);
                return Ok(());
            }
        };
        let tag = Tag { line, id, subject };
        match &mut self.door {
            Door::Broker(window) => {
                let mut message = if self.arguments.binary {
                    binary(&event, &tag.subject)?
                } else {
                    Message::of_event(&event, &tag.subject)
                };
                for (name, values) in self.headers.iter() {
                    for value in values {
                        message.headers.append(name.clone(), value.clone());
                    }
                }
                let answered = window.publish(tag, message).await;
                self.acknowledged(answered)
            }
            Door::Chain(chain) => {
                let text = String::from_utf8_lossy(event.bytes()).into_owned();
                let answered = chain.hand_over(tag, &text).await?;
                self.decided(answered)
            }
        }
    }

    async fn finish(&mut self) -> Result<Exit, Failure> {
        match &mut self.door {
            Door::Broker(window) => {
                let answered = window.finish().await;
                self.acknowledged(answered)?;
            }
            Door::Chain(chain) => {
                let answered = chain.finish().await?;
                self.decided(answered)?;
            }
        }
        Ok(if self.tally.refused == 0 {
            Exit::Done
        } else {
            Exit::Failed
        })
    }

    fn acknowledged(
        &mut self,
        answered: Vec<(Tag, Result<PublishAck, Failure>)>,
    ) -> Result<(), Failure> {
        for (tag, answer) in answered {
            match answer {
                Ok(ack) => {
                    if ack.duplicate {
                        self.tally.duplicates += 1;
                    } else {
                        self.tally.stored += 1;
                    }
                    tag.stored(&ack, self.output)?;
                }
                Err(failure) => {
                    self.tally.refused += 1;
                    if failure.exit() == Exit::Unreachable || tag.line.is_none() {
                        if let Some(line) = tag.line {
                            let known = self.tally.in_words();
                            self.output.note(&format!("line {line} and what follows it: not known to be stored; before it, {known}"));
                        }
                        return Err(failure);
                    }
                    tag.refused(&failure, self.output);
                }
            }
        }
        Ok(())
    }

    fn decided(&mut self, answered: Vec<(Tag, Fate)>) -> Result<(), Failure> {
        for (tag, fate) in answered {
            match fate {
                Fate::Kept { outcome, receipt } => {
                    if outcome == "spilled" {
                        self.tally.spilled += 1;
                    } else {
                        self.tally.stored += 1;
                    }
                    match self.output.format() {
                        Format::Json => self.output.foreign_json(receipt.get())?,
                        _ => {
                            let id = tag
                                .id
                                .as_deref()
                                .map(crate::human::safe)
                                .unwrap_or_default();
                            let receipt = crate::human::safe(receipt.get());
                            let outcome = crate::human::safe(&outcome);
                            self.output
                                .line(&format!("{outcome:<9}  {id}  {receipt}"))?;
                        }
                    }
                }
                Fate::Refused(why) => {
                    self.tally.refused += 1;
                    let failure =
                        Failure::new(Exit::Failed, "hand the event to the chain").because(why);
                    tag.refused(&failure, self.output);
                }
            }
        }
        Ok(())
    }
}

fn load(data: &str) -> Result<Vec<u8>, Failure> {
    match data.strip_prefix('@') {
        Some(name) => crate::input::read(name),
        None if data == "-" => crate::input::read("-"),
        None => Ok(data.as_bytes().to_vec()),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes)
        .map_err(|_| Failure::new(Exit::Failed, "read the event").because("it is not UTF-8"))
}
