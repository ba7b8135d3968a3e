//! Reads server-sent events (HTML Living Standard, section 9.2.6).

use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use reqwest::Response;
use tokio::time::timeout;

/// The events of an answer that does not end.
#[derive(Debug)]
pub(crate) struct Frames {
    response: Response,
    reader: Reader,
}

/// One event of a stream.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Message {
    /// Its type; empty where none is named, which means `message`.
    pub(crate) event: String,
    /// What to go on after, where it says so.
    pub(crate) id: Option<String>,
    /// Its data.
    pub(crate) data: Bytes,
}

/// Cuts a stream of bytes into events, however it comes in.
#[derive(Debug, Default)]
struct Reader {
    buffer: BytesMut,
    /// So many bytes of the buffer are known to hold no line's end.
    searched: usize,
    begun: Message,
    data: Option<BytesMut>,
}

impl Frames {
    pub(crate) fn of(response: Response) -> Self {
        let reader = Reader::default();
        Self { response, reader }
    }

    /// The next event; `None` where the connection ended, or was silent for too long.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some(message) = self.reader.next() {
                return Some(message);
            }
            if self.reader.buffer.len() > LONGEST {
                return None;
            }
            let more = timeout(SILENCE, self.response.chunk()).await;
            self.reader.feed(&more.ok()?.ok()??);
        }
    }
}

impl Message {
    /// Whether it is of the type that events are of.
    pub(crate) fn is_plain(&self) -> bool {
        self.event.is_empty() || self.event == "message"
    }
}

impl Reader {
    /// Takes what was read.
    fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole event of what was read so far. Those without data are none.
    fn next(&mut self) -> Option<Message> {
        while let Some(line) = self.line() {
            if !line.is_empty() {
                self.field(&line);
                continue;
            }
            let message = std::mem::take(&mut self.begun);
            if let Some(data) = self.data.take() {
                return Some(Message {
                    data: data.freeze(),
                    ..message
                });
            }
        }
        None
    }

    /// The next whole line, without its end. Ours end in LF, others' maybe in CR LF.
    fn line(&mut self) -> Option<Bytes> {
        let fresh = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(place) = fresh.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let mut line = self.buffer.split_to(self.searched + place).freeze();
        self.buffer.advance(1);
        self.searched = 0;
        if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        Some(line)
    }

    fn field(&mut self, line: &[u8]) {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let text = || String::from_utf8_lossy(value).into_owned();
        match name {
            b"data" => match &mut self.data {
                None => self.data = Some(value.into()),
                Some(data) => {
                    data.extend_from_slice(b"\n");
                    data.extend_from_slice(value);
                }
            },
            b"event" => self.begun.event = text(),
            b"id" => self.begun.id = Some(text()),
            // `retry`, comments, and what is not known.
            _ => {}
        }
    }
}

/// Far more than any event takes.
const LONGEST: usize = 8 << 20;
/// Longer than a supervisor lets pass without a sign of life.
const SILENCE: Duration = Duration::from_secs(40);

#[cfg(test)]
mod tests {
    use super::{Message, Reader};

    #[test]
    fn a_stream_comes_apart_into_its_events_however_it_was_cut() {
        let stream = "retry: 2000\n\nid: S:1\nevent: message\ndata: {\"a\":1}\n\n:\n\n\
                      event:lagged\r\ndata:one\r\ndata: two\r\n\r\ndata: unfinished\n";
        for size in 1..=stream.len() {
            let mut reader = Reader::default();
            let mut messages = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                reader.feed(piece);
                messages.extend(std::iter::from_fn(|| reader.next()));
            }
            let message = |event: &str, id: Option<&str>, data: &'static str| Message {
                event: event.to_owned(),
                id: id.map(str::to_owned),
                data: data.into(),
            };
            assert_eq!(
                messages,
                [
                    message("message", Some("S:1"), "{\"a\":1}"),
                    message("lagged", None, "one\ntwo"),
                ],
                "in pieces of {size}"
            );
        }
    }
}
