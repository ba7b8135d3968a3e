use bytes::Bytes;

use crate::nats::frame::Frame;

/// What a client published.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Published {
    /// Where to.
    pub subject: String,
    /// Where it waits for the answer, if it does.
    pub reply: Option<String>,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The bytes after the headers.
    pub payload: Bytes,
}

impl Published {
    /// The value of the first header of that name, in whatever case it is written.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_it = |(own, _): &&(String, String)| own.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(is_it)
            .map(|(_, value)| value.as_str())
    }

    /// Reads a `PUB` or `HPUB` frame.
    pub(super) fn read(frame: &Frame) -> Option<Self> {
        let line = str::from_utf8(frame.bytes.get(..frame.line)?).ok()?;
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let (verb, words) = words.split_first()?;
        let (subject, words) = words.split_first()?;
        let (sizes, reply) = if verb.eq_ignore_ascii_case("HPUB") {
            words
                .split_last_chunk::<2>()
                .map(|(reply, [head, _])| (head.parse().ok(), reply))?
        } else {
            words
                .split_last_chunk::<1>()
                .map(|(reply, _)| (Some(0), reply))?
        };
        let body = frame.line + 2..frame.bytes.len().checked_sub(2)?;
        let payload_at = body.start.checked_add(sizes?)?;
        let head = frame.bytes.get(body.start..payload_at)?;
        frame.bytes.get(payload_at..body.end)?;
        Some(Self {
            subject: (*subject).to_owned(),
            reply: reply.first().map(|&reply| reply.to_owned()),
            headers: headers(&String::from_utf8_lossy(head)),
            payload: frame.bytes.slice(payload_at..body.end),
        })
    }
}

fn headers(head: &str) -> Vec<(String, String)> {
    let pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}
