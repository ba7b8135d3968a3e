use crate::client::{Client, event, request, structured};
use crate::host::Host;

const CLOUD_EVENT: &str = "content-type: application/cloudevents+json\r\n";

#[tokio::test]
async fn texts_that_are_no_acceptable_json_are_400() {
    let host = Host::start().await;
    let mut client = host.client().await;
    let with_data = |data: &str| event("1", "t").replace(r#"{"n":1.10}"#, data).into_bytes();
    let deep = |open: &str| with_data(&open.repeat(100_000));
    for (what, body) in [
        ("depth of arrays", deep("[")),
        ("depth of objects", with_data(&r#"{"a":"#.repeat(50_000))),
        ("only opening", "[".repeat(100_000).into_bytes()),
        ("duplicate keys", with_data(r#"{"a":1,"\u0061":2}"#)),
        ("duplicate attributes", br#"{"id":"1","id":"2"}"#.to_vec()),
        (
            "invalid UTF-8",
            [br#"{"id":""#.as_slice(), b"\xff\"}"].concat(),
        ),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
        (
            "byte order mark",
            ["\u{feff}", &event("1", "t")].concat().into_bytes(),
        ),
        ("lone surrogate", with_data(r#""\ud800""#)),
        ("NUL", with_data("\"\0\"")),
        ("cut", with_data("[1")),
        ("empty", Vec::new()),
        (
            "1e999 as an extension",
            event("1", "t")
                .replace(r#""data""#, r#""level":1e999,"data""#)
                .into_bytes(),
        ),
    ] {
        let answer = client.ask(structured(body)).await;
        assert_eq!(answer.status, 400, "{what}");
        assert!(
            answer.problem()["violations"][0]["problem"].is_string(),
            "{what}"
        );
    }
    assert!(host.kept().is_empty());
    let answer = client.ask(structured(with_data("1e999"))).await;
    assert_eq!(answer.status, 204, "numbers in data are nobody's business");
}

#[tokio::test]
async fn a_declared_length_over_the_limit_is_refused_before_the_body() {
    let host = Host::start().await;
    let mut client = host.client().await;
    for length in ["1048577", "20971520", "9223372036854775807"] {
        let mut client = host.client().await;
        let head = format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{CLOUD_EVENT}\
                            expect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
        );
        let answer = client.ask(head).await;
        assert_eq!(answer.status, 413, "{length}: and no 100 before it");
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(client.rest().await, b"");
    }
    let negative = "POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n";
    assert_eq!(client.ask(negative).await.status, 400);
}

#[tokio::test]
async fn who_sends_20_mib_all_the_same_still_reads_the_answer() {
    let host = Host::start().await;
    let mut client = host.client().await;
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{CLOUD_EVENT}\
                        content-length: {}\r\n\r\n",
        20 << 20
    );
    client.send(head).await;
    let piece = vec![b' '; 1 << 20];
    for sent in 0..20 {
        assert!(client.try_send(&piece).await, "cut off after {sent} MiB");
    }
    assert_eq!(client.answer().await.status, 413);
}

#[tokio::test]
async fn a_body_without_end_is_cut_at_the_limit() {
    let host = Host::start().await;
    assert_eq!(pour(host.client().await).await, 413);
    assert!(host.kept().is_empty());
}

/// Sends chunk after chunk, up to 32 MiB, until the server stops it.
async fn pour(mut client: Client) -> u16 {
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{CLOUD_EVENT}\
                        transfer-encoding: chunked\r\n\r\n"
    );
    client.send(head).await;
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    for _ in 0..512 {
        if !client.try_send(&chunk).await {
            break;
        }
    }
    client.answer().await.status
}

#[tokio::test]
async fn large_heads_pass_up_to_the_limit() {
    let host = Host::start().await;
    let with_header = |bytes: usize| {
        let padding = format!("{CLOUD_EVENT}x-padding: {}\r\n", "x".repeat(bytes));
        request("POST", "/v1/events", &padding, event("1", "t"))
    };
    let mut client = host.client().await;
    assert_eq!(client.ask(with_header(10_000)).await.status, 204);
    assert_eq!(client.ask(with_header(17_000)).await.status, 431);
    let strict = Host::start_with(|config| config.limits.max_header_bytes = 2000).await;
    assert_eq!(
        strict.client().await.ask(with_header(1000)).await.status,
        204
    );
    assert_eq!(
        strict.client().await.ask(with_header(2000)).await.status,
        431
    );
    let mut client = host.client().await;
    let many = (0..200)
        .map(|n| format!("x-{n}: 1\r\n"))
        .collect::<String>();
    let many = request("POST", "/v1/events", &many, event("1", "t"));
    assert_eq!(client.ask(many).await.status, 431);
}

#[tokio::test]
async fn a_request_that_breaks_http_is_400() {
    let host = Host::start().await;
    let chunked = format!(
        "POST /v1/events HTTP/1.1\r\nhost: localhost\r\n{CLOUD_EVENT}\
                           transfer-encoding: chunked\r\n\r\nnot hex\r\n"
    );
    let twice = request(
        "POST",
        "/v1/events",
        &[CLOUD_EVENT; 2].concat(),
        event("1", "t"),
    );
    for bytes in [
        chunked.into_bytes(),
        twice,
        b"\0\0\0\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
    ] {
        let mut client = host.client().await;
        assert_eq!(
            client.ask(&bytes).await.status,
            400,
            "{}",
            bytes.escape_ascii()
        );
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_event() {
    let host = Host::start().await;
    let mut bytes = structured(event("1", "t"));
    bytes.pop();
    let mut client = host.client().await;
    client.send(&bytes).await;
    drop(client);
    let mut client = host.client().await;
    assert_eq!(client.ask(structured(event("2", "t"))).await.status, 204);
    assert_eq!(host.kept(), ["2"]);
}
