use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A shell in a directory of its own, with our programs and a broker's on its path. What it starts
/// ends with it.
pub(crate) struct Session {
    shell: Child,
    said: BufReader<ChildStdout>,
    folder: TempDir,
    http: u16,
    nats: u16,
}

/// What came of a command.
pub(crate) struct Done {
    pub(crate) exit: i32,
    pub(crate) out: String,
    err: String,
}

impl Session {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (http, nats) = (free_port(), free_port());
        programs(folder.path(), nats);
        let work = folder.path().join("work");
        fs::create_dir(&work).unwrap();
        let path = format!(
            "{}:/usr/local/bin:/usr/bin:/bin",
            folder.path().join("bin").display()
        );
        let mut shell = Command::new("bash")
            .arg("--norc")
            .env_clear()
            .env("PATH", path)
            .env("HOME", &work)
            .env("CONSIGN_HTTP_ADDR", format!("127.0.0.1:{http}"))
            .current_dir(&work)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let said = BufReader::new(shell.stdout.take().unwrap());
        Self {
            shell,
            said,
            folder,
            http,
            nats,
        }
    }

    /// Runs one command line, as if it were typed, and waits for what it starts in the background
    /// to answer.
    pub(crate) fn run(&mut self, text: &str) -> Done {
        let typed = text
            .replace("127.0.0.1:4222", &format!("127.0.0.1:{}", self.nats))
            .replace("127.0.0.1:8080", &format!("127.0.0.1:{}", self.http));
        let (out, err) = (self.file("out"), self.file("err"));
        let line = format!(
            "{{ {typed}\n}} >{} 2>{} </dev/null; echo \"exit $?\"\n",
            out.display(),
            err.display()
        );
        self.shell
            .stdin
            .as_mut()
            .unwrap()
            .write_all(line.as_bytes())
            .unwrap();
        let mut exit = String::new();
        self.said.read_line(&mut exit).unwrap();
        if typed.ends_with('&') {
            let port = if typed.contains("nats-server") {
                self.nats
            } else {
                self.http
            };
            wait_for(port);
        }
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        Done {
            exit: exit.trim().strip_prefix("exit ").unwrap().parse().unwrap(),
            out: read(&out),
            err: read(&err),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let group = format!("-{}", self.shell.id());
        // The shell first gets the chance to end what it started; both may be gone already.
        Command::new("kill")
            .args(["-9", "--", &group])
            .status()
            .ok();
        self.shell.wait().ok();
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}\n{}\n{}", self.exit, self.out, self.err)
    }
}

/// What the pages call by its name.
fn programs(folder: &Path, nats: u16) {
    let bin = folder.join("bin");
    fs::create_dir(&bin).unwrap();
    let consign = Path::new(env!("CARGO_BIN_EXE_consign"));
    let supervisor = consign.with_file_name("supervisor");
    assert!(
        supervisor.is_file(),
        "the daemon is not built: cargo build -p supervisor"
    );
    let broker = sink_testkit::nats::find_binary().unwrap();
    let started = folder.join("started").display().to_string();
    let store = folder.join("store").display().to_string();
    let program = |name: &str, text: String| {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    program(
        "supervisor",
        format!("exec {} \"$@\"", supervisor.display()),
    );
    // A page's broker stands at the usual address, as far as the page can tell.
    program(
        "consign",
        format!(
            "[ -e {started} ] && export NATS_URL=nats://127.0.0.1:{nats}\nexec {} \"$@\"",
            consign.display()
        ),
    );
    program(
        "nats-server",
        format!(
            "touch {started}\nexec {} \"$@\" -a 127.0.0.1 -p {nats} -sd {store}",
            broker.display()
        ),
    );
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(start.elapsed() < PATIENCE, "nothing listens at {port}");
        park_timeout(Duration::from_millis(20));
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
