use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Stands between the daemon and the broker and writes down every byte that passes.
pub(crate) struct Wire {
    addr: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    /// A wire to the broker at `url`. Ends with the test's process.
    pub(crate) fn to(url: &str) -> Self {
        let upstream = url.trim_start_matches("nats://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A broker that is away: the client finds its connection closed.
                if let Ok(server) = TcpStream::connect(&upstream) {
                    relay(&client, &server, &log);
                }
            }
        });
        Self { addr, heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.addr)
    }

    pub(crate) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

fn relay(client: &TcpStream, server: &TcpStream, log: &Arc<Mutex<Vec<u8>>>) {
    for (from, to) in [(client, server), (server, client)] {
        let mut from = from.try_clone().unwrap();
        let mut to = to.try_clone().unwrap();
        let log = log.clone();
        thread::spawn(move || {
            let mut buffer = vec![0; 16 << 10];
            while let Ok(read @ 1..) = from.read(&mut buffer) {
                log.lock().unwrap().extend_from_slice(&buffer[..read]);
                if to.write_all(&buffer[..read]).is_err() {
                    break;
                }
            }
            // The other direction may be closed already.
            let _closed = to.shutdown(Shutdown::Both);
            let _closed = from.shutdown(Shutdown::Both);
        });
    }
}
