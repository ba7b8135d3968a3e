use std::time::Duration;

use sink_jetstream::{ConnectionState, FailureClass, connect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::support::{failure, listener, options, wait_for, welcome};

/// Greets as a server does and then refuses whatever login comes.
pub(crate) async fn refuse_login(mut stream: TcpStream) {
    let greeting = b"INFO {\"server_id\":\"fake\",\"max_payload\":1}\r\n";
    stream.write_all(greeting).await.unwrap();
    stream.read_buf(&mut Vec::new()).await.unwrap();
    let refusal = b"-ERR 'Authorization Violation'\r\n";
    stream.write_all(refusal).await.unwrap();
}

/// A server that sends these bytes to whoever connects, again and again if they end in no line.
async fn sending(bytes: &'static [u8]) -> (String, JoinHandle<()>) {
    let (listener, url) = listener().await;
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while stream.write_all(bytes).await.is_ok() && !bytes.ends_with(b"\n") {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                stream.read_to_end(&mut Vec::new()).await.ok();
            });
        }
    });
    (url, task)
}

#[tokio::test]
async fn fb22_garbage_is_an_error_in_words() {
    for bytes in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"INFO {\"max_payload\":\"lots\"}\r\n",
        b"INFO {\"server_id\":\"\xff\xfe\"}\r\n",
        b"INFO \r\n",
        b"INFO [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\r\n",
        b"-ERR '\xff\x1b[31mred'\r\n",
        b"-ERR 'go \x1b[31maway'\r\n",
        b"MSG a b c d e f\r\n",
        b"PONG\r\n",
        b"\r\n",
    ] {
        let (url, task) = sending(bytes).await;
        let failure = failure(&options(&[&url])).await;
        let words = failure.to_string();
        assert_eq!(failure.class, FailureClass::Other, "{words}");
        assert!(!words.contains(char::is_control), "{words:?}");
        assert!(words.len() < 400, "{words}");
        task.abort();
    }
}

#[tokio::test]
async fn fb22_garbage_later_on_costs_the_connection_and_no_more() {
    let (listener, url) = listener().await;
    let mut connection = connect(&options(&[&url])).await.unwrap();
    for generation in 1..4 {
        let mut stream = welcome(&listener).await;
        let is_new = |state: &ConnectionState| state.connected && state.generation == generation;
        let state = wait_for(&mut connection, is_new).await;
        assert_eq!(
            state.max_payload,
            Some(1024),
            "a server without a name has limits, too"
        );
        stream.write_all(b"\xff\xfe garbage\r\n").await.unwrap();
        let state = wait_for(&mut connection, |state| !state.connected).await;
        assert_eq!(state.last_error.unwrap().class, FailureClass::Other);
    }
}

/// The client's own parser panics on this one, in a task of its own.
#[tokio::test]
async fn fb22_a_client_that_breaks_down_is_told_from_one_that_waits() {
    let (url, task) = sending(b"-ERR\r\n").await;
    let mut connection = connect(&options(&[&url])).await.unwrap();
    let state = wait_for(&mut connection, |state| state.closed).await;
    let failure = state.last_error.unwrap();
    assert!(failure.words.contains("broke down"), "{failure}");
    task.abort();
}

#[tokio::test]
async fn fb22_a_greeting_without_end_is_given_up() {
    static ZEROS: [u8; 64 << 10] = [b'0'; 64 << 10];
    let (url, task) = sending(&ZEROS).await;
    let mut impatient = options(&[&url]);
    impatient.connect_timeout = Duration::from_millis(200);
    let failure = failure(&impatient).await;
    assert!(failure.to_string().contains("in time"), "{failure}");
    task.abort();
}

#[tokio::test]
async fn a_server_that_ends_the_connection_at_once_is_asked_again() {
    let (listener, url) = listener().await;
    let mut connection = connect(&options(&[&url])).await.unwrap();
    for _ in 0..3 {
        drop(listener.accept().await.unwrap());
    }
    let state = wait_for(&mut connection, |state| state.last_error.is_some()).await;
    assert_eq!(state.last_error.unwrap().class, FailureClass::Other);
}

#[tokio::test]
async fn a_server_that_others_tell_of_is_never_reached_without_tls() {
    // `wss` is nothing the client can speak, and it would speak in the open.
    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let trap_url = format!("wss://{}", trap.local_addr().unwrap());
    let (listener, url) = listener().await;
    let connection = connect(&options(&[&url])).await.unwrap();
    for _ in 0..4 {
        let (mut stream, _) = listener.accept().await.unwrap();
        let greeting = format!("INFO {{\"connect_urls\":[\"{trap_url}\"]}}\r\n");
        stream.write_all(greeting.as_bytes()).await.unwrap();
        stream.read_buf(&mut Vec::new()).await.unwrap();
        stream.write_all(b"PONG\r\n").await.unwrap();
    }
    let trapped = tokio::time::timeout(Duration::from_millis(1), trap.accept()).await;
    assert!(trapped.is_err());
    drop(connection);
}
