use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sink_testkit::Log;
use supervisor::settings::Settings;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A supervisor in this process, on a thread of its own. Cut off when it is dropped, as by a crash.
pub(crate) struct Daemon {
    pub(crate) addr: SocketAddr,
    broker: Option<String>,
    data: PathBuf,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    _folder: TempDir,
}

impl Daemon {
    /// Starts one before this broker, and waits until it listens.
    pub(crate) fn start(broker: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        Self::on(folder, data, Some(broker))
    }

    /// Starts one that has no broker, and keeps a journal.
    pub(crate) fn alone() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_owned();
        Self::on(folder, data, None)
    }

    /// The same with its data in this directory, which outlives it.
    pub(crate) fn start_in(data: &Path, broker: &str) -> Self {
        Self::on(tempfile::tempdir().unwrap(), data.to_owned(), Some(broker))
    }

    fn on(folder: TempDir, data: PathBuf, broker: Option<&str>) -> Self {
        let mut daemon = Self {
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            broker: broker.map(str::to_owned),
            data,
            running: None,
            _folder: folder,
        };
        daemon.start_again();
        daemon
    }

    /// Starts it where it was before, with what it kept.
    pub(crate) fn start_again(&mut self) {
        let settings = settings(self.addr, self.broker.as_deref(), &self.data);
        let (told, listens) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || run(settings, &told, stopped));
        self.addr = listens.recv_timeout(Duration::from_secs(60)).unwrap();
        self.running = Some((stop, thread));
    }

    /// Ends it as a crash would.
    pub(crate) fn crash(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            thread.join().unwrap();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.crash();
        }
    }
}

fn settings(addr: SocketAddr, broker: Option<&str>, data: &Path) -> Settings {
    let (addr, data) = (addr.to_string(), data.display().to_string());
    let mut variables = vec![
        ("CONSIGN_DATA_DIR", data.as_str()),
        ("CONSIGN_HTTP_ADDR", addr.as_str()),
    ];
    if let Some(broker) = broker {
        variables.extend([("CONSIGN_NATS_URL", broker), ("CONSIGN_STREAMS", "ensure")]);
    }
    let lookup = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let names: Vec<_> = variables
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let (settings, _) = Settings::from_lookup(&lookup, &names).unwrap();
    settings
}

/// Tells where it listens as soon as the log says so.
fn run(settings: Settings, told: &mpsc::Sender<SocketAddr>, mut stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut log = Some(Log::listen());
    runtime.block_on(async {
        let mut running = std::pin::pin!(supervisor::daemon::run(settings));
        loop {
            let moment = tokio::time::sleep(Duration::from_millis(5));
            tokio::select! {
                ended = &mut running => panic!("the supervisor ended: {ended:?}"),
                _ = &mut stopped => return,
                () = moment, if log.is_some() => {}
            }
            let addr = log.as_ref().and_then(|log| listening(&log.text()));
            if let Some(addr) = addr {
                log = None;
                told.send(addr).unwrap();
            }
        }
    });
}

fn listening(log: &str) -> Option<SocketAddr> {
    let line = log
        .lines()
        .find(|line| line.contains("message=listening"))?;
    let addr = line
        .split_whitespace()
        .find_map(|field| field.strip_prefix("addr="));
    addr?.parse().ok()
}
