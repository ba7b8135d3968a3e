//! Traces: from HTTP, through the chain, into the header of the message, and to a collector.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{Broker, Client, Daemon, event, journal, until};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn a_trace_goes_from_http_through_the_chain_to_the_message() {
    let collector = Collector::start();
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let url = broker.url();
    let daemon = Daemon::start(
        dir.path(),
        &[
            ("CONSIGN_NATS_URL", &url),
            ("CONSIGN_STREAMS", "ensure"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint()),
            ("OTEL_SERVICE_NAME", "under-test"),
        ],
    );
    until(&daemon, Duration::from_secs(30), |status| {
        status["nats"]["connected"] == true
    });
    let mut client = daemon.client();
    let secret = event("1", r#"{"password":"hunter2"}"#);
    assert_eq!(post(&mut client, CALLER, &secret), 204);
    let began = "00-11111111111111111111111111111111-2222222222222222-01";
    let elsewhere = format!(r#""traceparent":"{began}","data""#);
    let elsewhere = event("2", "{}").replace(r#""data""#, &elsewhere);
    assert_eq!(post(&mut client, CALLER, &elsewhere), 204);
    let refused = event("3", "{}").replace("test.made", "hunter2 no subject");
    assert_eq!(post(&mut client, CALLER, &refused), 400);
    let messages = broker.stored("CONSIGN_EVENTS");
    let (status, log) = daemon.stop();
    assert!(status.success(), "{log}");

    // An event that began nowhere began with its request; another keeps where it began.
    assert_eq!(messages[0].event["traceparent"], CALLER);
    assert_eq!(messages[1].event["traceparent"], began);
    let spans = collector.spans();
    assert_eq!(spans.len(), 4, "{spans:#?}");
    for (message, id) in messages.iter().zip(["1", "2"]) {
        let of = |name: &str| {
            let mut found = spans
                .iter()
                .filter(|span| span.name == name && text(span, "cloudevents.event_id") == id);
            found.next().unwrap()
        };
        let receive = of("receive");
        let send = of("send {prefix}.events.{tenantId}.{type}");
        assert_eq!(hex(&receive.trace_id), TRACE);
        assert_eq!(hex(&receive.parent_span_id), "00f067aa0ba902b7");
        assert_eq!(send.parent_span_id, receive.span_id);
        let hop = format!("00-{TRACE}-{}-01", hex(&send.span_id));
        assert_eq!(message.traceparent.as_deref(), Some(hop.as_str()));
        for (name, value) in [
            ("messaging.system", "nats"),
            ("messaging.operation.type", "send"),
            (
                "messaging.destination.template",
                "{prefix}.events.{tenantId}.{type}",
            ),
            ("messaging.message.id", &message.message_id),
            ("cloudevents.event_source", "/test"),
            ("cloudevents.event_type", "test.made"),
            ("cloudevents.event_spec_version", "1.0"),
            ("consign.outcome", "delivered"),
        ] {
            assert_eq!(text(send, name), value, "{name}");
        }
    }
    let heard = String::from_utf8_lossy(&collector.heard.lock().unwrap().concat()).into_owned();
    assert!(heard.contains("under-test"));
    assert!(!heard.contains("hunter2"), "{heard}");
}

#[test]
fn a_collector_that_hangs_or_is_away_harms_nothing_and_is_told_once() {
    let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
    let away = TcpListener::bind("127.0.0.1:0").unwrap();
    let [hangs_at, away_at] =
        [&hangs, &away].map(|l| format!("http://{}", l.local_addr().unwrap()));
    drop(away);
    for endpoint in [hangs_at, away_at] {
        let dir = tempfile::tempdir().unwrap();
        let settings = [
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint.as_str()),
            ("OTEL_BSP_SCHEDULE_DELAY", "10"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"),
        ];
        let daemon = Daemon::start(dir.path(), &settings);
        let mut client = daemon.client();
        let began = Instant::now();
        for n in 0..300 {
            assert_eq!(post(&mut client, CALLER, &event(&n.to_string(), "{}")), 204);
        }
        let took = began.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
        let stopping = Instant::now();
        let (status, log) = daemon.stop();
        assert!(status.success(), "{log}");
        let took = stopping.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}");
        assert!(
            log.matches("traces cannot be exported").count() <= 1,
            "{log}"
        );
        assert!(log.contains("could not be exported") || log.contains("cannot be exported"));
        assert_eq!(journal(dir.path()).len(), 300);
    }
}

/// A collector behind TLS gets the same from who trusts it; others say why they do not.
#[test]
fn a_collector_behind_tls_is_told_where_it_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("collector.pem");
    let collector = Collector::start_secure(&trusted);
    let (endpoint, trusted) = (collector.endpoint(), trusted.to_str().unwrap());
    let nobodys = folder.path().join("nobodys.pem");
    let certificate = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&nobodys, certificate.cert.pem()).unwrap();
    for (certificates, said) in [
        (trusted, ""),
        (nobodys.to_str().unwrap(), "invalid peer certificate"),
        ("/nowhere.pem", "OTEL_EXPORTER_OTLP_CERTIFICATE"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let settings = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", certificates),
        ];
        let daemon = Daemon::start(dir.path(), &settings);
        assert_eq!(post(&mut daemon.client(), CALLER, &event("1", "{}")), 204);
        let (status, log) = daemon.stop();
        assert!(status.success(), "{log}");
        let complaints = log.matches("traces cannot be exported").count();
        assert_eq!(complaints, usize::from(!said.is_empty()), "{log}");
        assert!(log.contains(said), "{said}: {log}");
        // The one that is trusted came first.
        assert_eq!(collector.spans().len(), 2);
    }
}

#[test]
fn nobody_is_told_of_traces_unless_somebody_asks() {
    let collector = Collector::start();
    let endpoint = collector.endpoint();
    for settings in [
        &[][..],
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
            ("OTEL_SDK_DISABLED", "true"),
        ],
    ] {
        let dir = tempfile::tempdir().unwrap();
        let daemon = Daemon::start(dir.path(), settings);
        assert_eq!(post(&mut daemon.client(), CALLER, &event("1", "{}")), 204);
        assert_eq!(
            post(&mut daemon.client(), "00-1-2-3", &event("2", "{}")),
            204
        );
        assert!(daemon.stop().0.success());
        let events = journal(dir.path());
        assert_eq!(events[0]["traceparent"], CALLER);
        assert!(events[1].get("traceparent").is_none());
    }
    assert!(collector.spans().is_empty());
}

fn post(client: &mut Client, traceparent: &str, event: &str) -> u16 {
    let headers = [
        ("content-type", "application/cloudevents+json"),
        ("traceparent", traceparent),
    ];
    let answer = client.request("POST", "/v1/events", &headers, event.as_bytes());
    answer.unwrap().status
}

fn text(span: &Span, name: &str) -> String {
    let found = span.attributes.iter().find(|pair| pair.key == name);
    let value = found.and_then(|pair| pair.value.clone()?.value);
    match value {
        Some(Any::StringValue(text)) => text,
        other => panic!("{name} of {} is {other:?}", span.name),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An OTLP receiver over HTTP that keeps every body it gets.
struct Collector {
    endpoint: String,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    fn start() -> Self {
        Self::listen("http", Some)
    }

    /// One that speaks TLS, with a certificate of its own, which it writes to `file`.
    fn start_secure(file: &Path) -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(file, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        Self::listen("https", move |mut stream: TcpStream| {
            let mut connection = ServerConnection::new(config.clone()).unwrap();
            // Whoever does not trust us hangs up.
            connection.complete_io(&mut stream).ok()?;
            Some(StreamOwned::new(connection, stream))
        })
    }

    fn listen<S: Read + Write>(
        scheme: &str,
        greet: impl Fn(TcpStream) -> Option<S> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let log = heard.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten().filter_map(greet) {
                log.lock().unwrap().push(Self::answer(stream));
            }
        });
        Self { endpoint, heard }
    }

    fn answer(stream: impl Read + Write) -> Vec<u8> {
        let mut stream = BufReader::new(stream);
        let mut head = BTreeMap::new();
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.starts_with("POST /v1/traces HTTP/1.1"), "{line}");
        loop {
            line.clear();
            stream.read_line(&mut line).unwrap();
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            head.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        assert_eq!(head["content-type"], "application/x-protobuf");
        let mut body = vec![0; head["content-length"].parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.get_mut().write_all(answer).unwrap();
        stream.get_mut().flush().unwrap();
        body
    }

    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn spans(&self) -> Vec<Span> {
        let heard = self.heard.lock().unwrap();
        let requests = heard
            .iter()
            .map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
        let resources = requests.flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }
}
