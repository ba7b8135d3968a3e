use std::io;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use crate::client::{batched, event, request, structured};
use crate::host::Host;

const CANARY: &str = "canaryx7";

/// Whatever part of a request holds a secret, no answer and no log line at any level repeats it.
#[tokio::test]
async fn nothing_of_a_request_is_repeated() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
    let _guard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());

    let host =
        Host::start_with(|config| config.token = Some("correct-horse".parse().unwrap())).await;
    let bearer = "authorization: Bearer correct-horse\r\n";
    let typed = format!("{bearer}content-type: application/cloudevents+json\r\n");
    let valid = |json: String| request("POST", "/v1/events", &typed, json);
    let requests = [
        structured(event(CANARY, CANARY)),
        valid(event("1", "fate.unavailable").replace("1.10", &format!("\"{CANARY}\""))),
        valid(format!(
            r#"{{"{CANARY}":{{}},"id":["{CANARY}"],"x":"{CANARY}"#
        )),
        valid(event("1", "t").replace("/test", &format!("not a uri {CANARY}"))),
        valid(event(&format!("secret {CANARY}"), "t")),
        batched(format!("[{CANARY}]")),
        request(
            "POST",
            "/v1/events",
            &format!("{bearer}content-type: {CANARY}/{CANARY}\r\n"),
            "",
        ),
        request(
            "POST",
            "/v1/events",
            &format!("{bearer}content-type: application/cloudevents+{CANARY}\r\n"),
            "",
        ),
        request("GET", &format!("/{CANARY}?q={CANARY}"), bearer, ""),
        request(CANARY, "/v1/events", bearer, ""),
        request(
            "GET",
            "/v1/status",
            &format!("authorization: Bearer {CANARY}\r\n"),
            "",
        ),
        request(
            "OPTIONS",
            "/v1/events",
            &format!("{bearer}webhook-request-origin: {CANARY}\r\n"),
            "",
        ),
        format!("GET /livez HTTP/1.1\r\nhost: {CANARY}.example\r\n\r\n").into_bytes(),
        format!("{CANARY} \0\r\n\r\n").into_bytes(),
    ];
    for bytes in &requests {
        let answer = host.client().await.ask(bytes).await;
        let text = format!("{}{}", answer.head, answer.body.escape_ascii()).to_lowercase();
        assert!(!text.contains(CANARY), "{text}");
    }
    let lines = log.text().to_lowercase();
    assert!(
        !lines.contains(CANARY) && !lines.contains("correct-horse"),
        "{lines}"
    );
    // A log line for all but the last, which never became a request.
    assert_eq!(
        lines.matches("answered").count(),
        requests.len() - 1,
        "{lines}"
    );
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
