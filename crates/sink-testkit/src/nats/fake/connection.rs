use std::io;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::sleep;

use super::answer::Answer;
use super::published::Published;
use super::state::State;
use crate::nats::frame::{Frame, Framer, Kind};

/// Talks with one client until either ends it.
pub(super) async fn serve(stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut from, mut to) = stream.into_split();
    let (says, said) = mpsc::unbounded_channel();
    says.send(Said::Bytes(lock(state).greeting.clone())).ok();
    let mut talk = Talk {
        state,
        says,
        subscriptions: Vec::new(),
        verbose: false,
    };
    let listen = async {
        let mut framer = Framer::default();
        while from.read_buf(&mut framer.buffer).await? > 0 {
            while let Some(frame) = framer.next() {
                talk.hear(&frame);
            }
        }
        Ok(())
    };
    tokio::select! {
        ended = listen => ended,
        ended = speak(said, &mut to) => ended,
    }
}

async fn speak(
    mut said: UnboundedReceiver<Said>,
    to: &mut tokio::net::tcp::OwnedWriteHalf,
) -> io::Result<()> {
    while let Some(Said::Bytes(bytes)) = said.recv().await {
        to.write_all(&bytes).await?;
    }
    to.shutdown().await
}

/// What goes to the client.
#[derive(Debug)]
enum Said {
    Bytes(Bytes),
    End,
}

struct Talk<'a> {
    state: &'a Mutex<State>,
    says: UnboundedSender<Said>,
    /// Subjects and their ids.
    subscriptions: Vec<(String, String)>,
    verbose: bool,
}

impl Talk<'_> {
    fn hear(&mut self, frame: &Frame) {
        let line = frame.bytes.get(..frame.line).unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            _ if frame.kind == Kind::Raw => {
                say(
                    &self.says,
                    Answer::server_error("Unknown Protocol Operation"),
                    None,
                );
                say(&self.says, Answer::Close, None);
            }
            "PING" => {
                return say(
                    &self.says,
                    Answer::Raw(Bytes::from_static(b"PONG\r\n")),
                    None,
                );
            }
            "CONNECT" => self.connect(rest),
            "SUB" => {
                let words: Vec<&str> = rest.split_ascii_whitespace().collect();
                if let (Some(subject), Some(id)) = (words.first(), words.last()) {
                    self.subscriptions
                        .push(((*subject).to_owned(), (*id).to_owned()));
                }
            }
            "UNSUB" => {
                // With a number of messages it is to end later, and may as well go on.
                self.subscriptions.retain(|(_, id)| id != rest.trim());
            }
            "PUB" | "HPUB" => {
                if let Some(message) = Published::read(frame) {
                    self.publish(&message);
                }
            }
            _ => return,
        }
        if self.verbose {
            say(
                &self.says,
                Answer::Raw(Bytes::from_static(b"+OK\r\n")),
                None,
            );
        }
    }

    fn connect(&mut self, options: &str) {
        let value: Value = serde_json::from_str(options).unwrap_or_default();
        self.verbose = value.get("verbose") == Some(&Value::Bool(true));
        let mut state = lock(self.state);
        state.connects.push(options.to_owned());
        if let Some(text) = &state.refusal {
            say(&self.says, Answer::server_error(text), None);
            say(&self.says, Answer::Close, None);
        }
    }

    fn publish(&self, message: &Published) {
        let reply = message.reply.clone().unwrap_or_default();
        let found = self
            .subscriptions
            .iter()
            .find(|(subject, _)| matches(subject, &reply));
        let place = found.map(|(_, id)| format!("{reply} {id}"));
        let answer = lock(self.state).take(message);
        say(&self.says, answer, place.as_deref());
    }
}

/// Says it where `place`, a subject and the subscription's id, tells.
fn say(says: &UnboundedSender<Said>, answer: Answer, place: Option<&str>) {
    let message = |body: &[u8]| {
        let place = place?;
        let mut bytes = format!("MSG {place} {}\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(b"\r\n");
        Some(Said::Bytes(bytes.into()))
    };
    let said = match answer {
        Answer::Store | Answer::Silence => None,
        Answer::Forge {
            stream,
            sequence,
            duplicate,
        } => {
            let mut ack = json!({"stream": stream, "seq": sequence});
            if let Some(fields) = ack.as_object_mut().filter(|_| duplicate) {
                fields.insert("duplicate".to_owned(), Value::Bool(true));
            }
            message(ack.to_string().as_bytes())
        }
        Answer::Error {
            code,
            err_code,
            description,
        } => {
            let error = json!({"code": code, "err_code": err_code, "description": description});
            message(json!({ "error": error }).to_string().as_bytes())
        }
        Answer::Reply(body) => message(&body),
        Answer::Status(code, text) => place.map(|place| {
            let head = format!("NATS/1.0 {code} {text}\r\n\r\n");
            let size = head.len();
            Said::Bytes(format!("HMSG {place} {size} {size}\r\n{head}\r\n").into())
        }),
        Answer::Raw(bytes) => Some(Said::Bytes(bytes)),
        Answer::Close => Some(Said::End),
        Answer::All(answers) => {
            answers
                .into_iter()
                .for_each(|answer| say(says, answer, place));
            None
        }
        Answer::Later(by, answer) => {
            let (says, place) = (says.clone(), place.map(str::to_owned));
            tokio::spawn(async move {
                sleep(by).await;
                say(&says, *answer, place.as_deref());
            });
            None
        }
    };
    if let Some(said) = said {
        // Nobody is there to hear it once the connection is over.
        says.send(said).ok();
    }
}

fn matches(pattern: &str, subject: &str) -> bool {
    let mut tokens = subject.split('.');
    for wanted in pattern.split('.') {
        match tokens.next() {
            Some(_) if wanted == ">" => return true,
            Some(token) if wanted == "*" || wanted == token => {}
            _ => return false,
        }
    }
    tokens.next().is_none()
}

pub(super) fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
