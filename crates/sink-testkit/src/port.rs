use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

use rustix::process::geteuid;

/// A TCP port of the loopback interface that is this holder's alone, also while nothing listens
/// on it, so that a server that was killed finds it free when it starts again.
///
/// It lies below the ports that the system hands out by itself (from 32768 on Linux, from 49152
/// on macOS), so no client and no `bind` to port 0 can be given it; among the tests of this
/// machine a locked file holds it, which ends with the process at the latest.
#[derive(Debug)]
pub(crate) struct Port {
    number: u16,
    _claim: File,
}

impl Port {
    /// Claims one that nobody listens on.
    ///
    /// # Errors
    /// Where the claims cannot be written, and `AddrInUse` where no free port was found.
    pub(crate) fn claim() -> io::Result<Self> {
        let claims = std::env::temp_dir().join(format!("consign-ports-{}", geteuid().as_raw()));
        fs::create_dir_all(&claims)?;
        for _ in 0..TRIES {
            let number = fastrand::u16(RANGE);
            let claim = File::create(claims.join(number.to_string()))?;
            if claim.try_lock().is_ok() && is_free(number) {
                return Ok(Self {
                    number,
                    _claim: claim,
                });
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "found no free port",
        ))
    }

    pub(crate) fn number(&self) -> u16 {
        self.number
    }
}

/// Whether nobody listens there, tests or others.
fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

const RANGE: Range<u16> = 10_000..30_000;
const TRIES: usize = 100;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::TcpListener;

    use super::Port;

    #[test]
    fn ports_that_are_held_are_different_and_free() {
        let held: Vec<Port> = (0..200).map(|_| Port::claim().unwrap()).collect();
        let numbers: HashSet<u16> = held.iter().map(Port::number).collect();
        assert_eq!(numbers.len(), held.len());
        for port in &held {
            drop(TcpListener::bind(("127.0.0.1", port.number())).unwrap());
        }
    }
}
