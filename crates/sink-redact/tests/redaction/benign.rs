//! Events without secrets keep every byte.

use serde_json::{Value, json};

use crate::support::{event, redactor};

/// One event in ten thousand may lose something it should not.
#[test]
fn ten_thousand_benign_events_stay_as_they_are() {
    let redactor = redactor();
    let mut random = Random(1);
    let mut touched = Vec::new();
    for _ in 0..10_000 {
        let data = random.object(0).to_string();
        let id = random.text().replace(['\n', '\t'], " ");
        let mut event = event()
            .subject(&random.path())
            .extension("correlationid", &id);
        event = event.extension("traceparent", &random.trace()).json(&data);
        let mut event = event.build().unwrap();
        let before = event.clone();
        redactor.redact(&mut event).unwrap();
        if event != before {
            touched.push(String::from_utf8(event.data().unwrap().as_bytes().to_vec()).unwrap());
        }
    }
    assert!(
        touched.len() <= 1,
        "{} touched: {:#?}",
        touched.len(),
        &touched[..touched.len().min(5)]
    );
}

/// SplitMix64: the same events in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }

    fn digits(&mut self, alphabet: &str, length: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..length)
            .map(|_| char::from(letters[self.below(letters.len())]))
            .collect()
    }

    fn hex(&mut self, length: usize) -> String {
        self.digits("0123456789abcdef", length)
    }

    fn uuid(&mut self) -> String {
        [8, 4, 4, 4, 12].map(|length| self.hex(length)).join("-")
    }

    fn trace(&mut self) -> String {
        format!("00-{}-{}-01", self.hex(32), self.hex(16))
    }

    fn path(&mut self) -> String {
        let parts: Vec<_> = (0..=self.below(5)).map(|_| self.of(&WORDS)).collect();
        format!("/{}", parts.join("/"))
    }

    fn prose(&mut self) -> String {
        let words: Vec<_> = (0..=self.below(14)).map(|_| self.of(&WORDS)).collect();
        format!("{}.", words.join(" "))
    }

    fn text(&mut self) -> String {
        match self.below(20) {
            0 => self.uuid(),
            1 => format!("01{}", self.digits("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24)),
            2 => self.hex(64),
            3 => format!("sha256:{}", self.hex(64)),
            4 => self.hex(40),
            5 => self.path(),
            6 => self.prose(),
            7 => format!(
                "https://{}.example{}?page={}&q=a%20b",
                self.of(&WORDS),
                self.path(),
                self.below(99)
            ),
            8 => format!("{}@{}.example", self.of(&WORDS), self.of(&WORDS)),
            9 => format!(
                "2026-{:02}-{:02}T10:15:30.{:06}Z",
                1 + self.below(12),
                1 + self.below(28),
                self.below(999_999)
            ),
            10 => format!(
                "{}-{}-{}",
                self.of(&WORDS),
                self.hex(10),
                self.digits("bcdfghjklmnpqrstvwxz2456789", 5)
            ),
            11 => format!(
                "registry.example/{}/{}:v{}.{}@sha256:{}",
                self.of(&WORDS),
                self.of(&WORDS),
                self.below(9),
                self.below(40),
                self.hex(64)
            ),
            12 => format!(
                "arn:aws:s3:::{}-{}/{}",
                self.of(&WORDS),
                self.below(1_000_000),
                self.of(&WORDS)
            ),
            13 => self.digits(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                64,
            ),
            14 => format!(
                "10.{}.{}.{}:{}",
                self.below(255),
                self.below(255),
                self.below(255),
                self.below(65_535)
            ),
            15 => format!(
                "{}Of{}Service.java:{}",
                self.of(&WORDS),
                self.of(&WORDS),
                self.below(900)
            ),
            16 => json!({self.of(&WORDS): self.below(100), "text": self.prose()}).to_string(),
            17 => format!(
                "the token for {} expires; {} of {} tokens used\n\tat line {}",
                self.of(&WORDS),
                self.below(9),
                self.below(99),
                self.below(99)
            ),
            18 => self.trace(),
            _ => format!(
                "{}={} {}={}",
                self.of(&WORDS),
                self.below(999),
                self.of(&WORDS),
                self.of(&WORDS)
            ),
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(10) {
            0 => json!(self.next()),
            1 => json!(self.below(1000) as f64 / 7.0),
            2 => json!(self.below(2) == 0),
            3 if depth < 3 => self.object(depth + 1),
            4 if depth < 3 => (0..self.below(4)).map(|_| self.value(depth + 1)).collect(),
            _ => json!(self.text()),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut members = serde_json::Map::new();
        for _ in 0..2 + self.below(8) {
            let key = match self.below(3) {
                0 => self.of(&KEYS).to_owned(),
                1 => format!("{}_{}", self.of(&WORDS), self.of(&WORDS)),
                _ => self.of(&WORDS).to_owned(),
            };
            members.insert(key, self.value(depth));
        }
        Value::Object(members)
    }
}

const WORDS: [&str; 64] = [
    "account",
    "action",
    "agent",
    "alert",
    "author",
    "basic",
    "batch",
    "bearing",
    "branch",
    "bucket",
    "build",
    "cache",
    "client",
    "cluster",
    "commit",
    "config",
    "cookbook",
    "cursor",
    "database",
    "deploy",
    "disk",
    "editor",
    "engine",
    "event",
    "export",
    "filter",
    "folder",
    "gateway",
    "header",
    "host",
    "image",
    "index",
    "invoice",
    "journal",
    "keyboard",
    "ledger",
    "library",
    "login",
    "message",
    "metric",
    "monitor",
    "network",
    "order",
    "package",
    "passage",
    "payment",
    "policy",
    "profile",
    "queue",
    "region",
    "release",
    "report",
    "request",
    "secretary",
    "section",
    "server",
    "session",
    "signal",
    "stream",
    "task",
    "tenant",
    "ticket",
    "user",
    "volume",
];

const KEYS: [&str; 32] = [
    "id",
    "name",
    "type",
    "status",
    "createdAt",
    "updated_at",
    "traceId",
    "span_id",
    "requestId",
    "user_agent",
    "ip",
    "path",
    "reason",
    "count",
    "total_tokens",
    "max_tokens",
    "token_count",
    "tokens_used",
    "next_page_token",
    "token_type",
    "secret_name",
    "password_policy",
    "public_key",
    "partition_key",
    "key",
    "session_id",
    "author",
    "authorized",
    "access_key_id",
    "digest",
    "checksum",
    "etag",
];
