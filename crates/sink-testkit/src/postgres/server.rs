use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use super::binary::{self, MissingPostgres};
use crate::port::Port;

/// A PostgreSQL server on a port of its own of the loopback interface, in a directory of its own,
/// with the password `secret` for its one user. Killed when it is dropped; the directory goes with
/// it.
///
/// PostgreSQL refuses to run as root: there it runs as `nobody`.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    directory: TempDir,
    port: Port,
    process: Option<Child>,
}

impl Postgres {
    /// Makes a cluster, starts its server and waits until it takes connections.
    ///
    /// # Errors
    /// [`MissingPostgres`], inside an error of kind `NotFound`, where there is none; else why the
    /// server did not start, with the end of its log.
    ///
    /// # Panics
    /// Outside a Tokio runtime with I/O and time enabled; so do the other methods.
    pub async fn start() -> io::Result<Self> {
        let programs = binary::find()?;
        let directory = tempfile::Builder::new().prefix("postgres-").tempdir()?;
        if geteuid().is_root() {
            chown(directory.path(), Some(NOBODY), Some(NOBODY))?;
        }
        let mut server = Self {
            programs,
            directory,
            port: Port::claim()?,
            process: None,
        };
        server.make().await?;
        server.spawn().await?;
        Ok(server)
    }

    /// Starts a server, or prints why a test is skipped and returns `None` where the machine has
    /// none.
    ///
    /// # Panics
    /// Where the server does not start; and where there is none although `CI` is set, since there
    /// a skipped test would go unseen.
    pub async fn start_or_skip() -> Option<Self> {
        match Self::start().await {
            Ok(server) => Some(server),
            Err(error) if MissingPostgres::is_behind(&error) && !crate::nats::is_ci() => {
                #[expect(clippy::print_stderr, reason = "a skipped test must say so")]
                {
                    eprintln!("skipped: {error}");
                }
                None
            }
            Err(error) => panic!("failed to start PostgreSQL: {error}"),
        }
    }

    /// Where clients connect to a database, the user's name and password included. The same after a
    /// restart.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let port = self.port.number();
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}")
    }

    /// Runs statements with `psql`, on a database, and returns what it prints: rows, a line each,
    /// columns parted by `|`. The database of every server is called `postgres`.
    ///
    /// # Errors
    /// What `psql` complains of.
    pub async fn psql(&self, database: &str, sql: &str) -> io::Result<String> {
        let mut command = Command::new(self.programs.join("psql"));
        command.args([
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            &self.url(database),
            "-c",
            sql,
        ]);
        let output = command.stdin(Stdio::null()).output().await?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
        }
        let text = String::from_utf8(output.stdout).map_err(io::Error::other)?;
        Ok(text.trim_end().to_owned())
    }

    /// Ends the server as a crash would, with SIGKILL to all its processes, and waits until they
    /// are gone.
    ///
    /// # Errors
    /// Where they cannot be signalled.
    pub async fn kill(&mut self) -> io::Result<()> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        // The first goes first: it would start others in the place of those that die.
        let all = family(&process);
        process.kill().await?;
        let start = Instant::now();
        for pid in all {
            // Those that are gone already cannot be signalled.
            kill_process(pid, Signal::KILL).ok();
            while runs(pid) {
                if start.elapsed() > PATIENCE {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "end on SIGKILL"));
                }
                sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    /// Starts the server again, on its port and with what it stored, killing it first if it runs.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) -> io::Result<()> {
        self.kill().await?;
        self.spawn().await
    }

    async fn make(&self) -> io::Result<()> {
        let password = self.directory.path().join("password");
        fs::write(&password, PASSWORD)?;
        if geteuid().is_root() {
            chown(&password, Some(NOBODY), Some(NOBODY))?;
        }
        let mut command = self.command("initdb");
        command
            .args(["--pgdata", DATA, "--username", USER, "--pwfile", "password"])
            .args([
                "--auth",
                "scram-sha-256",
                "--encoding",
                "UTF8",
                "--locale",
                "C",
            ])
            .arg("--no-sync");
        let output = command.output().await?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
        }
        Ok(())
    }

    async fn spawn(&mut self) -> io::Result<()> {
        let log = fs::File::create(self.directory.path().join("log"))?;
        let mut command = self.command("postgres");
        command
            .args(["-D", DATA, "-p", &self.port.number().to_string()])
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
            ])
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        self.process = Some(command.spawn()?);
        let start = Instant::now();
        let state = self.directory.path().join(DATA).join("postmaster.pid");
        while !is_ready(&state) {
            let ended = match &mut self.process {
                Some(process) => process.try_wait()?,
                None => None,
            };
            if ended.is_some() || start.elapsed() > PATIENCE {
                self.process = None;
                let log = fs::read_to_string(self.directory.path().join("log"));
                return Err(io::Error::other(log.unwrap_or_default()));
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir(self.directory.path())
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        if geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(process) = &mut self.process else {
            return;
        };
        let all = family(process);
        // What is gone already needs no signal.
        drop(process.start_kill());
        for pid in all {
            kill_process(pid, Signal::KILL).ok();
        }
    }
}

/// The processes that the first one has started: a connection has one each.
fn family(process: &Child) -> Vec<Pid> {
    let id = process.id().unwrap_or_default();
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let children = children.unwrap_or_default();
    let pids = children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok());
    pids.filter_map(Pid::from_raw).collect()
}

/// Whether a process runs: one that waits to be reaped has no command line left.
fn runs(pid: Pid) -> bool {
    let line = fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero()));
    line.is_ok_and(|line| !line.is_empty())
}

/// The eighth line of the file that a server keeps while it runs tells its state.
fn is_ready(state: &Path) -> bool {
    let text = fs::read_to_string(state).unwrap_or_default();
    text.lines()
        .nth(7)
        .is_some_and(|line| line.trim() == "ready")
}

const USER: &str = "consign";
const PASSWORD: &str = "secret";
const DATA: &str = "data";
/// The user and group `nobody` nearly everywhere.
const NOBODY: u32 = 65534;
/// How long a server may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);
