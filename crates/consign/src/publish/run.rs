use async_nats::HeaderMap;
use events_core::WireEvent;
use events_core::subject::{Routes, Subject};
use supervisor::exit::{Exit, Failure};

use super::draft::is_event;
use super::guess::Guess;
use super::ledger::Ledger;
use super::message::{binary, headers, leave_events_alone};
use super::tag::{Repeat, Tag};
use super::{Arguments, input};
use crate::broker::BrokerArguments;
use crate::client::{Address, Client};
use crate::output::Output;
use crate::send::{Chain, Message, Window};

pub(super) async fn publish(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.check()?;
    let subject = arguments.subject()?;
    let settings = broker.settings()?;
    let routes = settings.routing().map_err(|error| {
        Failure::new(Exit::Config, "use CONSIGN_SUBJECT or CONSIGN_ROUTES").because(error)
    })?;
    let prefix = settings.subject_prefix.as_str();
    let guess = subject
        .as_ref()
        .map(|subject| Guess::of(subject, &routes, prefix));
    let headers = headers(&arguments.headers)?;
    if !arguments.raw {
        leave_events_alone(&headers)?;
    }
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
        ledger: Ledger::new(output),
    };
    if arguments.reads_lines() {
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
    ledger: Ledger<'a>,
}

impl Run<'_> {
    /// The data on the command line, so many times.
    async fn given(&mut self) -> Result<Exit, Failure> {
        let data = self.arguments.data.as_deref().map(load).transpose()?;
        for _ in 0..self.arguments.count.get() {
            if self.arguments.raw {
                self.raw(data.clone().unwrap_or_default()).await?;
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
                Err(failure) => self.ledger.refused(Some(line), failure)?,
            }
        }
        let exit = self.finish().await?;
        self.ledger.sum_up();
        Ok(exit)
    }

    /// The event that a text is, or becomes.
    fn event(&self, text: Option<&str>) -> Result<(WireEvent, Repeat), Failure> {
        let (json, repeat) = match (text, &self.guess) {
            (Some(text), _) if is_event(text) => (text.replace(['\n', '\r'], " "), Repeat::Same),
            (text, Some(guess)) => {
                let attributes = &self.arguments.attributes;
                if text.is_some_and(|text| {
                    serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
                }) {
                    return Err(Failure::new(Exit::Failed, "make the event")
                        .because("the data is no JSON")
                        .try_next("JSON such as '{\"n\":1}' or '\"a text\"', or --raw for bytes as they are"));
                }
                let repeat = match attributes.id {
                    Some(_) => Repeat::Same,
                    None => Repeat::AnotherId,
                };
                (attributes.event(guess, text)?, repeat)
            }
            (_, None) => {
                return Err(Failure::new(Exit::Failed, "read the event")
                    .because("it is no JSON object with a specversion"));
            }
        };
        let event = WireEvent::from_bytes(json.into());
        let event =
            event.map_err(|error| Failure::new(Exit::Failed, "read the event").because(error))?;
        Ok((event, repeat))
    }

    async fn raw(&mut self, payload: Vec<u8>) -> Result<(), Failure> {
        let Door::Broker(window) = &mut self.door else {
            return Ok(());
        };
        let subject = self.subject.as_ref().map(ToString::to_string);
        let subject = subject.unwrap_or_default();
        let has_id = self.headers.get("Nats-Msg-Id").is_some();
        let tag = Tag {
            line: None,
            id: None,
            subject: subject.clone(),
            repeat: if has_id {
                Repeat::Same
            } else {
                Repeat::Another
            },
        };
        let message = Message {
            subject,
            headers: self.headers.clone(),
            payload: payload.into(),
        };
        let answers = window.publish(tag, message).await;
        self.ledger.acknowledged(answers)
    }

    async fn hand_over(
        &mut self,
        (event, repeat): (WireEvent, Repeat),
        line: Option<u64>,
    ) -> Result<(), Failure> {
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
                let failure = Failure::new(Exit::Failed, "find the event's subject");
                return self.ledger.refused(line, failure.because(violations));
            }
        };
        let id = Some(event.attributes().id().as_str().to_owned());
        let tag = Tag {
            line,
            id,
            subject,
            repeat,
        };
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
                let answers = window.publish(tag, message).await;
                self.ledger.acknowledged(answers)
            }
            Door::Chain(chain) => {
                let text = String::from_utf8_lossy(event.bytes()).into_owned();
                let answers = chain.hand_over(tag, &text).await;
                self.ledger.decided(answers)
            }
        }
    }

    async fn finish(&mut self) -> Result<Exit, Failure> {
        match &mut self.door {
            Door::Broker(window) => {
                let answers = window.finish().await;
                self.ledger.acknowledged(answers)?;
            }
            Door::Chain(chain) => {
                let answers = chain.finish().await;
                self.ledger.decided(answers)?;
            }
        }
        Ok(self.ledger.exit())
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
