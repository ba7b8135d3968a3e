use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::http;
use crate::rig::{bare, ok};

/// Answers at once that it took an event, but for one of them.
fn serve(listener: &TcpListener, stalls_at: u64, stall: Duration) {
    let asked = Arc::new(AtomicU64::new(0));
    for client in listener.incoming() {
        let (client, asked) = (client.unwrap(), Arc::clone(&asked));
        thread::spawn(move || answer(&client, &asked, stalls_at, stall));
    }
}

/// Until the client hangs up.
fn answer(client: &TcpStream, asked: &AtomicU64, stalls_at: u64, stall: Duration) {
    client.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(client);
    while let Some(request) = http::read(&mut reader) {
        let posts = request.line.starts_with("POST ");
        if posts && asked.fetch_add(1, Ordering::SeqCst) == stalls_at {
            // Nobody ever says anything here.
            let (_never, silence) = mpsc::channel::<()>();
            silence.recv_timeout(stall).unwrap_err();
        }
        let answer = "HTTP/1.1 204 No Content\r\nconsign-outcome: delivered\r\n\r\n";
        let mut client = client;
        client.write_all(answer.as_bytes()).unwrap();
    }
}

#[test]
fn what_waits_behind_a_stall_is_late_by_its_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // One event goes ahead of the run's thousand.
    thread::spawn(move || serve(&listener, 501, Duration::from_millis(400)));
    let steady = ["--events", "1000", "--rate", "1000", "--window", "1"];
    let alone = ["--leg", "none", "--warm-up", "1", "-o", "json"];
    let said = ok(&bare(&["bench", "--url", &url])
        .args(steady)
        .args(alone)
        .output()
        .unwrap());
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["delivered"], 1000, "{report}");
    let latency = &report["answers"]["latency_ms"];
    // Only one request took 400 ms. Those that came due meanwhile waited for it, 200 of them
    // for more than 200 ms.
    assert!(latency["max"].as_f64().unwrap() >= 400.0, "{report}");
    let buckets = latency["buckets"].as_array().unwrap();
    let late = buckets
        .iter()
        .filter(|bucket| bucket["up_to"].as_f64().is_none_or(|most| most > 200.0));
    let late: u64 = late.map(|bucket| bucket["count"].as_u64().unwrap()).sum();
    assert!(late >= 200, "{late} in {report}");
    assert!(report["behind_ms"].as_f64().unwrap() >= 390.0, "{report}");
}
