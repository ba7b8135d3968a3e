use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Client, connected, until};

/// A running `supervisor`, killed when dropped.
pub(crate) struct Daemon {
    child: Child,
    addr: SocketAddr,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Daemon {
    /// Starts one on a free port with `data` as its data directory and waits until it listens.
    /// Panics with its log where it does not.
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Self::command(data, settings).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let addr = loop {
            let mut line = String::new();
            if stderr.read_line(&mut line).unwrap() == 0 {
                panic!("the daemon did not start: {:?}\n{said}", child.wait());
            }
            said.push_str(&line);
            if let Some(addr) = listening(&line) {
                break addr;
            }
        };
        let log = Arc::new(Mutex::new(said));
        let sink = log.clone();
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
                sink.lock().unwrap().push_str(&std::mem::take(&mut line));
            }
        });
        Self {
            child,
            addr,
            log,
            reader: Some(reader),
        }
    }

    /// Starts one that publishes to the broker at `url`, which may be away.
    pub(crate) fn with_broker(data: &Path, url: &str, settings: &[(&str, &str)]) -> Self {
        let settings = [&[("CONSIGN_NATS_URL", url)], settings].concat();
        Self::start(data, &settings)
    }

    /// Starts one that publishes to the broker at `url`, and waits until it is connected.
    pub(crate) fn connected(data: &Path, url: &str, settings: &[(&str, &str)]) -> Self {
        let daemon = Self::with_broker(data, url, settings);
        until(&daemon, Duration::from_secs(30), connected);
        daemon
    }

    /// The program, ready to be spawned: nothing of this process's environment but PATH.
    pub(crate) fn command(data: &Path, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_supervisor"));
        command
            .env_clear()
            .env("CONSIGN_DATA_DIR", data)
            .env("CONSIGN_HTTP_ADDR", "127.0.0.1:0")
            .env("CONSIGN_LOG_FORMAT", "json")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs one to its end and returns its exit code and what it said on standard error.
    pub(crate) fn run(data: &Path, settings: &[(&str, &str)]) -> (Option<i32>, String) {
        let output = Self::command(data, settings).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.addr).unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// SIGKILL, as the out-of-memory killer sends it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, then the exit status and everything logged.
    pub(crate) fn stop(self) -> (ExitStatus, String) {
        self.signal("TERM");
        self.ended()
    }

    /// Waits for its end: the exit status and everything logged.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        let mut out = String::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        let log = self.log.lock().unwrap().clone();
        (status, log + &out)
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .unwrap();
        assert!(sent.success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The address in the log line that says where the daemon listens.
fn listening(line: &str) -> Option<SocketAddr> {
    let entry: serde_json::Value = serde_json::from_str(line).ok()?;
    if entry.get("message")? != "listening" {
        return None;
    }
    entry.get("addr")?.as_str()?.parse().ok()
}

/// Lets the daemon make the streams that are missing.
pub(crate) const ENSURE: (&str, &str) = ("CONSIGN_STREAMS", "ensure");
