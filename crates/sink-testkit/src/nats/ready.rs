use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Child;
use tokio::time::sleep;

/// Where a server can be reached, beside the port it was given.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Addresses {
    pub(super) monitoring: Option<SocketAddr>,
}

/// Waits until the server wrote its ports file, which it does once it takes connections.
pub(super) async fn wait(process: &mut Child, directory: &Path) -> io::Result<Addresses> {
    let id = process.id().unwrap_or_default();
    let suffix = format!("_{id}.ports");
    loop {
        if let Some(addresses) = addresses_in(directory, &suffix)? {
            return Ok(addresses);
        }
        if let Some(status) = process.try_wait()? {
            return Err(io::Error::other(format!("ended with {status}")));
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// The error, followed by the end of the server's log.
pub(super) fn with_log(error: &io::Error, log: &Path) -> io::Error {
    let log = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    let last = lines.len().saturating_sub(10);
    let (_, end) = lines.split_at(last);
    io::Error::new(error.kind(), format!("{error}\n{}", end.join("\n")))
}

fn addresses_in(directory: &Path, suffix: &str) -> io::Result<Option<Addresses>> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(suffix) {
            // The file may be there before all of it is.
            return Ok(addresses(&fs::read_to_string(entry.path())?));
        }
    }
    Ok(None)
}

/// The first of each in `{"nats":["nats://127.0.0.1:4222"],"monitoring":["http://127.0.0.1:1"]}`.
fn addresses(ports: &str) -> Option<Addresses> {
    let ports: Value = serde_json::from_str(ports).ok()?;
    let first = |kind: &str, scheme: &str| {
        let url = ports.get(kind)?.get(0)?.as_str()?;
        url.strip_prefix(scheme)?.parse().ok()
    };
    first("nats", "nats://")?;
    Some(Addresses {
        monitoring: first("monitoring", "http://"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Addresses, addresses};

    #[test]
    fn addresses_are_read_from_a_whole_ports_file_alone() {
        let ports = r#"{"monitoring":["http://127.0.0.1:1"],"nats":["nats://127.0.0.1:4222"]}"#;
        let both = Addresses {
            monitoring: "127.0.0.1:1".parse().ok(),
        };
        assert_eq!(addresses(ports), Some(both));
        for cut in 0..ports.len() {
            assert_eq!(addresses(&ports[..cut]), None);
        }
    }
}
