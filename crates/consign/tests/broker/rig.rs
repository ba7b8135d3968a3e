use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use async_nats::jetstream;
use sink_testkit::nats::NatsServer;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) use crate::program::{bare, err, ok, out};

/// A broker that runs until this is dropped, and `consign` beside it.
pub(crate) struct Rig {
    pub(crate) runtime: Runtime,
    pub(crate) server: NatsServer,
    dir: TempDir,
}

impl Rig {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let server = runtime.block_on(NatsServer::start()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        Self {
            runtime,
            server,
            dir,
        }
    }

    /// With the streams of the settings.
    pub(crate) fn with_streams() -> Self {
        let rig = Self::start();
        ok(&rig.consign(&["stream", "ensure"]));
        rig
    }

    /// A file for public keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.dir.path().join("public.jwks.json")
    }

    /// Runs `consign` with this broker named by its flag.
    pub(crate) fn consign(&self, arguments: &[&str]) -> Output {
        let url = self.server.url();
        bare(arguments).args(["--server", &url]).output().unwrap()
    }

    /// The same with something on its standard input.
    pub(crate) fn fed(&self, arguments: &[&str], input: &str) -> Output {
        let url = self.server.url();
        let mut command = bare(arguments);
        fed(command.args(["--server", &url]), input)
    }

    /// JetStream, seen by a client that has nothing to do with ours.
    pub(crate) fn jetstream(&self) -> jetstream::Context {
        self.runtime.block_on(async {
            let client = async_nats::connect(self.server.url()).await;
            jetstream::new(client.unwrap())
        })
    }
}

impl Rig {
    /// Stores so many messages of a subject, each acknowledged.
    pub(crate) fn store(&self, subject: &str, count: usize) {
        let js = self.jetstream();
        self.runtime.block_on(async {
            for _ in 0..count {
                let ack = js.publish(subject.to_owned(), "{}".into()).await;
                ack.unwrap().await.unwrap();
            }
        });
    }

    /// Makes a stream anew with these settings, whatever there was.
    pub(crate) fn replace(&self, config: &jetstream::stream::Config) {
        let js = self.jetstream();
        self.runtime.block_on(async {
            let _gone = js.delete_stream(&config.name).await;
            // The server says that a stream is deleted before its files are gone.
            let mut attempts = 0..200;
            while let Err(error) = js.create_stream(config.clone()).await {
                assert!(attempts.next().is_some(), "{error}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
    }

    /// How many messages a stream holds.
    pub(crate) fn held(&self, stream: &str) -> u64 {
        let js = self.jetstream();
        self.runtime.block_on(async {
            let mut stream = js.get_stream(stream).await.unwrap();
            stream.info().await.unwrap().state.messages
        })
    }

    /// The JSON that a run prints, whatever its exit code.
    pub(crate) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let output = self.consign(arguments);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    }
}

/// Runs a command with something on its standard input.
pub(crate) fn fed(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // One that has enough before the end does not read it all.
    let feeding = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _fed = feeding.join().unwrap();
    output
}
