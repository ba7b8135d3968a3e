use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A reader of the live stream. It reads nothing until it is asked to.
pub(crate) struct Watcher(BufReader<TcpStream>);

/// What a live stream says.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Said {
    /// An event: its id and itself.
    Event(String, String),
    /// An event that waits on disk.
    Spilled(String),
    /// Something that the client may want to know.
    Notice(String),
    /// Events are missing.
    Lagged,
    /// The stream ended.
    End,
}

impl Watcher {
    pub(crate) fn open(addr: SocketAddr, query: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(addr).unwrap();
        let patience = Duration::from_secs(60);
        stream.set_read_timeout(Some(patience)).unwrap();
        let query = query.replace('>', "%3E");
        let last = last.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
        let head =
            format!("GET /v1/events/stream{query} HTTP/1.1\r\nhost: localhost\r\n{last}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut watcher = Self(BufReader::new(stream));
        // The greeting says that the server follows.
        while !watcher.line().starts_with("retry:") {}
        watcher
    }

    /// The id and the data of the next event, which must be one.
    pub(crate) fn event(&mut self) -> (String, String) {
        match self.says() {
            Said::Event(id, data) => (id, data),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn says(&mut self) -> Said {
        let (mut id, mut kind) = (String::new(), String::new());
        loop {
            let line = self.line();
            // The last chunk of a body is of no size. A line without an end was cut off with the
            // connection, and its event is discarded (HTML Living Standard, section 9.2.6).
            if !line.ends_with('\n') || line.trim_end() == "0" {
                return Said::End;
            }
            if let Some(text) = line.strip_prefix("event:") {
                kind = text.trim().to_owned();
            }
            if let Some(text) = line.strip_prefix("id:") {
                id = text.trim().to_owned();
            }
            let Some(data) = line.strip_prefix("data:") else {
                continue;
            };
            let data = data.trim().to_owned();
            return match kind.as_str() {
                "message" => Said::Event(id, data),
                "spilled" => Said::Spilled(data),
                "notice" => Said::Notice(data),
                "lagged" => Said::Lagged,
                other => panic!("{other}: {data}"),
            };
        }
    }

    /// The next line with its end, or nothing at the end of all.
    fn line(&mut self) -> String {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(_) => line,
            // A client that reads too late finds the connection cut.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => String::new(),
            Err(error) => panic!("{error}"),
        }
    }
}
