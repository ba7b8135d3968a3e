use std::net::SocketAddr;

use serde_json::Value;

use crate::client::{Chunk, Client, request};

/// A client of the live tail, reading one event after another (HTML Living Standard, 9.2.6).
pub(crate) struct Watcher {
    pub(crate) client: Client,
    unread: String,
    /// The id of the event read last.
    pub(crate) last: String,
}

/// What a stream says.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Said {
    Message {
        id: String,
        data: String,
    },
    Lagged(Value),
    Spilled(String),
    Notice(Value),
    Retry(u64),
    Comment,
    /// The stream came to its end.
    End,
    /// The stream was cut off.
    Cut,
}

impl Watcher {
    /// Begins to watch, and reads the greeting.
    pub(crate) async fn start(addr: SocketAddr, query: &str, headers: &str) -> Self {
        let mut client = Client::connect(addr).await;
        let path = format!("/v1/events/stream{query}");
        client.send(request("GET", &path, headers, "")).await;
        let head = client.head().await;
        assert_eq!(head.status, 200);
        assert_eq!(head.header("content-type"), Some("text/event-stream"));
        let mut watcher = Self {
            client,
            unread: String::new(),
            last: String::new(),
        };
        assert!(matches!(watcher.says().await, Said::Retry(500..=60_000)));
        watcher
    }

    /// Comes back with the last id it saw.
    pub(crate) async fn again(self, addr: SocketAddr, query: &str) -> Self {
        let header = format!("last-event-id: {}\r\n", self.last);
        drop(self.client);
        Self::start(addr, query, &header).await
    }

    /// The number of the next event, which must be one.
    pub(crate) async fn number(&mut self) -> u64 {
        match self.says().await {
            Said::Message { id, data } => {
                let event: Value = serde_json::from_str(&data).unwrap();
                assert_eq!(id, format!("S:{}", event["id"].as_str().unwrap()));
                event["id"].as_str().unwrap().parse().unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn says(&mut self) -> Said {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let said = Self::parse(block);
                self.unread = rest.to_owned();
                if let Said::Message { id, .. } = &said {
                    self.last.clone_from(id);
                }
                return said;
            }
            match self.client.chunk().await {
                Chunk::Data(chunk) => self.unread += std::str::from_utf8(&chunk).unwrap(),
                Chunk::End => return Said::End,
                Chunk::Cut => return Said::Cut,
            }
        }
    }

    fn parse(block: &str) -> Said {
        let (mut id, mut event, mut data, mut retry) = (None, None, None, None);
        for line in block.split('\n') {
            let (field, value) = line.split_once(':').unwrap();
            let value = value.strip_prefix(' ').unwrap_or(value);
            let place = match field {
                "id" => &mut id,
                "event" => &mut event,
                "data" => &mut data,
                "retry" => &mut retry,
                "" => return Said::Comment,
                other => panic!("{other}"),
            };
            assert_eq!(
                place.replace(value.to_owned()),
                None,
                "{field} is there once"
            );
        }
        if let Some(retry) = retry {
            return Said::Retry(retry.parse().unwrap());
        }
        let data = data.unwrap();
        match event.as_deref() {
            Some("message") => Said::Message {
                id: id.unwrap(),
                data,
            },
            Some("lagged") => {
                assert_eq!(id, None, "where to go on stays as it was");
                Said::Lagged(serde_json::from_str(&data).unwrap())
            }
            Some("spilled") => {
                assert_eq!(id, None, "there is nothing to come back to");
                Said::Spilled(data)
            }
            Some("notice") => {
                assert_eq!(id, None);
                Said::Notice(serde_json::from_str(&data).unwrap())
            }
            other => panic!("{other:?}"),
        }
    }
}
