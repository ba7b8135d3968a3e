use std::time::Duration;

use sink_jetstream::{ConnectOptions, Connection, ConnectionState, Failure, connect};
use sink_testkit::nats::NatsServer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

/// A server with these lines in its configuration, or `None` where there is none to start.
pub(crate) async fn server(config: &str) -> Option<NatsServer> {
    // It is asked for once without them, which is what tells a missing binary from a bad line.
    drop(NatsServer::start_or_skip().await?);
    Some(NatsServer::start_with(config).await.unwrap())
}

/// Options for these URLs, with waits for a test.
pub(crate) fn options(urls: &[&str]) -> ConnectOptions {
    let servers = urls.iter().map(|url| url.parse().unwrap()).collect();
    ConnectOptions {
        connect_timeout: Duration::from_secs(2),
        reconnect_wait: Duration::from_millis(20),
        reconnect_max_wait: Duration::from_millis(100),
        ..ConnectOptions::new(servers)
    }
}

/// The URL of a server with something else for its scheme and address.
pub(crate) fn url(server: &NatsServer, scheme: &str, host: &str) -> String {
    let port = server.url().rsplit_once(':').unwrap().1.to_owned();
    format!("{scheme}://{host}:{port}")
}

/// Waits for a state, and returns it.
pub(crate) async fn wait_for(
    connection: &mut Connection,
    is_it: impl FnMut(&ConnectionState) -> bool,
) -> ConnectionState {
    let last = connection.state.clone();
    match timeout(PATIENCE, connection.state.wait_for(is_it)).await {
        Ok(state) => state.unwrap().clone(),
        Err(_) => panic!("still {:?}", last.borrow()),
    }
}

/// Connects, and proves it by a message that comes back.
pub(crate) async fn connected(options: &ConnectOptions) -> (Connection, ConnectionState) {
    let mut connection = connect(options).await.unwrap();
    let state = wait_for(&mut connection, |state| state.connected).await;
    timeout(PATIENCE, connection.client.flush())
        .await
        .unwrap()
        .unwrap();
    (connection, state)
}

/// Why there is no connection. Fails if there ever was one.
pub(crate) async fn failure(options: &ConnectOptions) -> Failure {
    let mut connection = connect(options).await.unwrap();
    let state = wait_for(&mut connection, |state| {
        state.connected || state.last_error.is_some()
    });
    let state = state.await;
    assert_eq!(state.generation, 0, "{state:?}");
    state.last_error.unwrap()
}

const PATIENCE: Duration = Duration::from_secs(10);

/// Changes the configuration of a server that runs.
pub(crate) async fn reconfigure(server: &NatsServer, config: &str) {
    let directory = server.directory();
    std::fs::write(directory.join("nats.conf"), config).unwrap();
    signal(server, "HUP").await;
    let log = directory.join("nats.log");
    let reloaded = async {
        loop {
            let text = std::fs::read_to_string(&log).unwrap();
            if text.contains("Reloaded server configuration") {
                return;
            }
            assert!(!text.contains("Failed to reload"), "{text}");
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, reloaded).await.unwrap();
}

/// Sends a signal to a server, whose process is named by the file with its ports.
pub(crate) async fn signal(server: &NatsServer, name: &str) {
    let files = std::fs::read_dir(server.directory()).unwrap();
    let process = files.filter_map(|file| {
        let name = file.unwrap().file_name().into_string().unwrap();
        let (_, process) = name.strip_suffix(".ports")?.rsplit_once('_')?;
        Some(process.to_owned())
    });
    let process = process.last().unwrap();
    let kill = Command::new("kill").args(["-s", name, &process]).status();
    assert!(kill.await.unwrap().success());
}

/// A listener, and the URL of a server that would listen there.
pub(crate) async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Takes one client in, as a server does.
pub(crate) async fn welcome(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let greeting = b"INFO {\"max_payload\":1024}\r\n";
    stream.write_all(greeting).await.unwrap();
    stream.read_buf(&mut Vec::new()).await.unwrap();
    stream.write_all(b"PONG\r\n").await.unwrap();
    stream
}
