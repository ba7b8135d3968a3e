use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::process::Child;
use tokio::time::sleep;

/// Waits until the server wrote its ports file, which it does once it takes connections.
pub(super) async fn wait(process: &mut Child, directory: &Path) -> io::Result<SocketAddr> {
    let id = process.id().unwrap_or_default();
    let suffix = format!("_{id}.ports");
    loop {
        if let Some(address) = address_in(directory, &suffix)? {
            return Ok(address);
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

fn address_in(directory: &Path, suffix: &str) -> io::Result<Option<SocketAddr>> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(suffix) {
            // The file may be there before all of it is.
            return Ok(address(&fs::read_to_string(entry.path())?));
        }
    }
    Ok(None)
}

/// The client address in `{"nats":["nats://127.0.0.1:4222"]}`.
fn address(ports: &str) -> Option<SocketAddr> {
    let (_, rest) = ports.split_once("\"nats\":[\"nats://")?;
    let (address, _) = rest.split_once('"')?;
    address.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_client_address_is_read_from_a_whole_ports_file_alone() {
        let ports = r#"{"monitoring":["http://127.0.0.1:1"],"nats":["nats://127.0.0.1:4222"]}"#;
        assert_eq!(address(ports), "127.0.0.1:4222".parse().ok());
        for cut in 0..ports.len() - 3 {
            assert_eq!(address(&ports[..cut]), None);
        }
    }
}
