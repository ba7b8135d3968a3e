use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::binary::{self, MissingBinary};
use super::ready::{self, Addresses};
use crate::port::Port;

/// A `nats-server` process with JetStream, on a port of its own of the loopback interface and in
/// a directory of its own. Killed when it is dropped; the directory goes with it.
#[derive(Debug)]
pub struct NatsServer {
    binary: PathBuf,
    directory: TempDir,
    port: Port,
    addresses: Addresses,
    process: Option<Child>,
}

impl NatsServer {
    /// Starts a server and waits until it takes connections.
    ///
    /// The binary is the one that `NATS_SERVER` names, else the one that `cargo xtask tools` put
    /// into the workspace's build folder, else the first on `PATH`.
    ///
    /// # Errors
    /// [`MissingBinary`], inside an error of kind `NotFound`, where there is none; else why the
    /// server did not start, with the end of its log.
    ///
    /// # Panics
    /// Outside a Tokio runtime with I/O and time enabled; so do the other methods.
    pub async fn start() -> io::Result<Self> {
        Self::start_with("").await
    }

    /// The same with lines for the server's configuration file, such as `max_payload: 4096` or
    /// `jetstream { sync_interval: always }`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(config: &str) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("nats-").tempdir()?;
        std::fs::write(directory.path().join(CONFIG), config)?;
        let mut server = Self {
            binary: binary::find()?,
            directory,
            port: Port::claim()?,
            addresses: Addresses::default(),
            process: None,
        };
        server.spawn().await?;
        Ok(server)
    }

    /// Starts a server, or prints why a test is skipped and returns `None` where the machine has
    /// no `nats-server`.
    ///
    /// # Panics
    /// Where the server does not start; and where the binary is missing although `CI` is set,
    /// since there a skipped test would go unseen.
    pub async fn start_or_skip() -> Option<Self> {
        or_skip(Self::start().await)
    }

    /// Where clients connect: `nats://127.0.0.1:<port>`. The same after a restart.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    /// The directory that holds the server's configuration, log and, in `jetstream`, its streams.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Ends the server as a crash would, with SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    /// Where the process cannot be signalled.
    pub async fn kill(&mut self) -> io::Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Asks the server to end, with SIGTERM, and waits until it has.
    ///
    /// # Errors
    /// Where it does not end in time; it is killed then.
    pub async fn stop(&mut self) -> io::Result<()> {
        if self.process_id().is_none() {
            return Ok(());
        }
        self.signal(Signal::TERM)?;
        // One that is paused hears of it only then.
        self.signal(Signal::CONT)?;
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        match timeout(PATIENCE, process.wait()).await {
            Ok(status) => status.map(drop),
            Err(_) => {
                process.kill().await?;
                Err(io::Error::new(io::ErrorKind::TimedOut, "end on SIGTERM"))
            }
        }
    }

    /// Starts the server again, on its port and with what it stored, ending it first if it runs.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) -> io::Result<()> {
        self.kill().await?;
        self.spawn().await
    }

    /// Stops the process where it stands, with SIGSTOP, and waits until all of it does: its
    /// connections stay open and silent.
    ///
    /// # Errors
    /// Where it does not run; so do the two below.
    pub fn pause(&self) -> io::Result<()> {
        self.signal(Signal::STOP)?;
        let pid = WaitId::Pid(self.pid()?);
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let start = Instant::now();
        // Threads that are busy on another core go on for some microseconds.
        while waitid(pid.clone(), options)?.is_none() {
            if start.elapsed() > PATIENCE {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "stop on SIGSTOP"));
            }
            std::thread::yield_now();
        }
        Ok(())
    }

    /// Lets a paused process go on, with SIGCONT.
    ///
    /// # Errors
    /// As [`pause`](Self::pause).
    pub fn resume(&self) -> io::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Has the server enter lame-duck mode, with SIGUSR2: it takes no new clients, tells those it
    /// has, closes them one by one and ends. It begins to close them after the
    /// `lame_duck_grace_period` of its configuration, by itself 10 s.
    ///
    /// # Errors
    /// As [`pause`](Self::pause).
    pub fn lame_duck(&self) -> io::Result<()> {
        self.signal(Signal::USR2)
    }

    /// The process's id while the server runs.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// Where clients connect.
    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port.number()))
    }

    /// Where its monitoring is, if its configuration has it.
    pub(super) fn monitoring(&self) -> Option<SocketAddr> {
        self.addresses.monitoring
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(self.pid()?, signal)?)
    }

    fn pid(&self) -> io::Result<Pid> {
        let id = self.process_id().and_then(|id| i32::try_from(id).ok());
        let gone = || io::Error::new(io::ErrorKind::NotFound, "the server does not run");
        id.and_then(Pid::from_raw).ok_or_else(gone)
    }

    async fn spawn(&mut self) -> io::Result<()> {
        let directory = self.directory.path();
        let port = self.port.number().to_string();
        let process = Command::new(&self.binary)
            .current_dir(directory)
            .args(["--config", CONFIG, "--log", LOG, "--jetstream"])
            .args(["--store_dir", ".", "--ports_file_dir", "."])
            .args(["--addr", "127.0.0.1", "--port", &port])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let process = self.process.insert(process);
        let ready = ready::wait(process, directory);
        let addresses = match timeout(PATIENCE, ready).await {
            Ok(addresses) => addresses,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "did not get ready")),
        };
        match addresses {
            Ok(addresses) => self.addresses = addresses,
            Err(error) => {
                self.process = None;
                return Err(ready::with_log(&error, &directory.join(LOG)));
            }
        }
        Ok(())
    }
}

/// What started, or `None`, said on stderr, where there is no binary to start.
pub(super) fn or_skip<T>(started: io::Result<T>) -> Option<T> {
    match started {
        Ok(started) => Some(started),
        Err(error) if MissingBinary::is_behind(&error) && !binary::is_ci() => {
            #[expect(clippy::print_stderr, reason = "a skipped test must say so")]
            {
                eprintln!("skipped: {error}");
            }
            None
        }
        Err(error) => panic!("failed to start nats-server: {error}"),
    }
}

const CONFIG: &str = "nats.conf";
const LOG: &str = "nats.log";
/// How long a server may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(20);
