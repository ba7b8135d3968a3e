use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sink_testkit::Log;
use supervisor::settings::Settings;
use tempfile::TempDir;

/// A supervisor in this process, on a thread of its own, for as long as the process lives.
pub(crate) struct Daemon {
    pub(crate) addr: SocketAddr,
    _data: TempDir,
}

impl Daemon {
    /// Starts one before this broker, and waits until it listens.
    pub(crate) fn start(broker: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let settings = settings(broker, data.path());
        let (told, listens) = mpsc::channel();
        thread::spawn(move || run(settings, &told));
        let addr = listens.recv_timeout(Duration::from_secs(60)).unwrap();
        Self { addr, _data: data }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

fn settings(broker: &str, data: &Path) -> Settings {
    let data = data.display().to_string();
    let variables = [
        ("CONSIGN_DATA_DIR", data.as_str()),
        ("CONSIGN_HTTP_ADDR", "127.0.0.1:0"),
        ("CONSIGN_NATS_URL", broker),
        ("CONSIGN_STREAMS", "ensure"),
    ];
    let lookup = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let names = variables.map(|(name, _)| name.to_owned());
    let (settings, _) = Settings::from_lookup(&lookup, &names).unwrap();
    settings
}

/// Tells where it listens as soon as the log says so.
fn run(settings: Settings, told: &mpsc::Sender<SocketAddr>) {
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
