use bytes::{Bytes, BytesMut};

/// One unit of the NATS protocol with its line end, or bytes that are none of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) bytes: Bytes,
    /// How many of the bytes are the first line, without its line end.
    pub(super) line: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// `PUB`, `HPUB`, `MSG` or `HMSG`.
    Message,
    /// Any other line.
    Control,
    /// Not NATS: what a TLS client says, or what nobody should.
    Raw,
}

/// Cuts a stream of bytes into frames. Once it meets what is no NATS it passes all on as it is.
#[derive(Debug, Default)]
pub(super) struct Framer {
    /// What was read and is not part of a frame yet.
    pub(super) buffer: BytesMut,
    raw: bool,
}

impl Framer {
    /// The next whole frame of the buffer.
    pub(super) fn next(&mut self) -> Option<Frame> {
        if self.buffer.is_empty() {
            return None;
        }
        match self.measure() {
            _ if self.raw => Some(self.split(Kind::Raw, self.buffer.len(), 0)),
            Measured::Frame(kind, length, line) if length <= self.buffer.len() => {
                Some(self.split(kind, length, line))
            }
            Measured::Frame(_, length, _) if length <= LONGEST_MESSAGE => None,
            Measured::Unfinished if self.buffer.len() <= LONGEST_LINE => None,
            Measured::Frame(..) | Measured::Unfinished | Measured::Alien => {
                self.raw = true;
                Some(self.split(Kind::Raw, self.buffer.len(), 0))
            }
        }
    }

    /// What is left at the end of the stream.
    pub(super) fn rest(&mut self) -> Option<Frame> {
        let left = self.buffer.len();
        (left > 0).then(|| self.split(Kind::Raw, left, 0))
    }

    fn split(&mut self, kind: Kind, length: usize, line: usize) -> Frame {
        let bytes = self.buffer.split_to(length).freeze();
        Frame { kind, bytes, line }
    }

    fn measure(&self) -> Measured {
        let Some(line) = self.buffer.windows(2).position(|pair| pair == b"\r\n") else {
            let longest = self.buffer.get(..9).unwrap_or(&self.buffer);
            let verb = longest.split(|byte| byte.is_ascii_whitespace()).next();
            let begins = |known: &[u8]| verb.is_some_and(|verb| known.starts_with(&upper(verb)));
            let known = MESSAGES.iter().chain(&CONTROLS).any(|known| begins(known));
            return if known {
                Measured::Unfinished
            } else {
                Measured::Alien
            };
        };
        let text = self.buffer.get(..line).unwrap_or_default();
        let mut words = text
            .split(|byte| byte.is_ascii_whitespace())
            .filter(|word| !word.is_empty());
        let verb = upper(words.next().unwrap_or_default());
        if CONTROLS.contains(&verb.as_slice()) {
            return Measured::Frame(Kind::Control, line + 2, line);
        }
        let payload = words.next_back().and_then(|word| str::from_utf8(word).ok());
        match payload.and_then(|digits| digits.parse::<u32>().ok()) {
            Some(payload) if MESSAGES.contains(&verb.as_slice()) => {
                let length = (line + 4).saturating_add(payload as usize);
                Measured::Frame(Kind::Message, length, line)
            }
            _ => Measured::Alien,
        }
    }
}

enum Measured {
    /// A frame, its length and its line's length.
    Frame(Kind, usize, usize),
    /// The begin of a line.
    Unfinished,
    Alien,
}

fn upper(word: &[u8]) -> Vec<u8> {
    word.to_ascii_uppercase()
}

const MESSAGES: [&[u8]; 4] = [b"PUB", b"HPUB", b"MSG", b"HMSG"];
const CONTROLS: [&[u8]; 8] = [
    b"INFO", b"CONNECT", b"PING", b"PONG", b"+OK", b"-ERR", b"SUB", b"UNSUB",
];
const LONGEST_LINE: usize = 1 << 20;
/// What a nats-server lets `max_payload` be at most, and a little for the line.
const LONGEST_MESSAGE: usize = (64 << 20) + 4096;

#[cfg(test)]
mod tests {
    use super::{Framer, Kind};

    const TALK: &str = "INFO {\"a\":1}\r\nPUB a.b reply 5\r\nab\r\nc\r\nping\r\n\
                        HMSG a 1 12 14\r\nNATS/1.0\r\n\r\nok\r\n+OK\r\n-ERR 'no'\r\n";

    #[test]
    fn a_stream_comes_apart_into_its_frames_however_it_was_cut() {
        for size in 1..TALK.len() {
            let mut framer = Framer::default();
            let mut frames = Vec::new();
            for chunk in TALK.as_bytes().chunks(size) {
                framer.buffer.extend_from_slice(chunk);
                frames.extend(std::iter::from_fn(|| framer.next()));
            }
            assert_eq!(framer.rest(), None);
            let kinds: Vec<Kind> = frames.iter().map(|frame| frame.kind).collect();
            let (message, control) = (Kind::Message, Kind::Control);
            assert_eq!(
                kinds,
                [control, message, control, message, control, control]
            );
            let whole: Vec<u8> = frames
                .iter()
                .flat_map(|frame| frame.bytes.to_vec())
                .collect();
            assert_eq!(whole, TALK.as_bytes());
            assert_eq!(&frames[1].bytes[..frames[1].line], b"PUB a.b reply 5");
        }
    }

    #[test]
    fn what_is_no_nats_passes_as_it_comes_from_then_on() {
        for alien in [
            "\x16\x03\x01",
            "GET / HTTP",
            "PUB a x\r\n",
            "MSG a 1 99999999\r\n",
        ] {
            let mut framer = Framer::default();
            framer.buffer.extend_from_slice(b"PING\r\n");
            assert_eq!(framer.next().unwrap().kind, Kind::Control);
            framer.buffer.extend_from_slice(alien.as_bytes());
            let frame = framer.next().unwrap();
            assert_eq!(
                (frame.kind, &frame.bytes[..]),
                (Kind::Raw, alien.as_bytes())
            );
            framer.buffer.extend_from_slice(b"PING\r\n");
            assert_eq!(framer.next().unwrap().kind, Kind::Raw);
        }
    }

    #[test]
    fn the_buffer_stays_bounded_where_a_line_never_ends() {
        let mut framer = Framer::default();
        framer.buffer.extend_from_slice(b"INFO ");
        framer.buffer.resize(super::LONGEST_LINE + 1, b'x');
        assert_eq!(framer.next().map(|frame| frame.kind), Some(Kind::Raw));
    }
}
