use std::net::SocketAddr;

use events_http::{BindError, Config, Server};

use crate::client::{event, get, request, structured};
use crate::host::{Host, ports};

const TOKEN: &str = "correct-horse-battery";

#[tokio::test]
async fn beyond_loopback_needs_a_token_or_an_explicit_word() {
    let host = Host::start().await;
    let ports = ports(&host.state);
    for (addr, token, insecure, binds) in [
        ("127.0.0.1:0", None, false, true),
        ("127.8.9.10:0", None, false, true),
        ("0.0.0.0:0", None, false, false),
        ("[::]:0", None, false, false),
        ("0.0.0.0:0", Some(TOKEN), false, true),
        ("0.0.0.0:0", None, true, true),
    ] {
        let addr: SocketAddr = addr.parse().unwrap();
        let config = Config {
            token: token.map(|token| token.parse().unwrap()),
            insecure,
            ..Config::new(addr)
        };
        match Server::bind(config, ports.clone()).await {
            Ok(server) => assert!(binds && server.local_addr().port() != 0, "{addr}"),
            Err(BindError::Exposed { addr: named }) => assert!(!binds && named == addr, "{addr}"),
            Err(error) => panic!("{addr}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_taken_address_is_an_error() {
    let host = Host::start().await;
    let error = Server::bind(Config::new(host.addr), ports(&host.state))
        .await
        .unwrap_err();
    assert!(matches!(error, BindError::Listen { addr, .. } if addr == host.addr));
}

#[tokio::test]
async fn the_token_opens_what_is_closed() {
    let host = with_token().await;
    let mut client = host.client().await;
    for (method, path, open) in [
        ("GET", "/livez", true),
        ("GET", "/readyz", true),
        ("GET", "/startupz", true),
        ("GET", "/.well-known/jwks.json", true),
        ("GET", "/metrics", false),
        ("GET", "/v1/status", false),
        ("GET", "/v1/dlq", false),
        ("GET", "/v1/dlq/1", false),
        ("DELETE", "/v1/dlq/1", false),
        ("POST", "/v1/dlq/redrive", false),
        ("GET", "/v1/nothing", false),
        ("GET", "/livez/", false),
        ("GET", "//livez", false),
        ("OPTIONS", "/v1/events", false),
        ("POST", "/v1/events", false),
    ] {
        let bare = client.ask(request(method, path, "", "")).await;
        assert_eq!(bare.status == 401, !open, "{method} {path}");
        let shown = format!("authorization: Bearer {TOKEN}\r\n");
        let answer = client.ask(request(method, path, &shown, "")).await;
        assert_ne!(answer.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn any_other_token_is_401_and_kept_out() {
    let host = with_token().await;
    let mut client = host.client().await;
    let close = &TOKEN[..TOKEN.len() - 1];
    for (header, challenge) in [
        (
            format!("authorization: Bearer {close}\r\n"),
            "Bearer error=\"invalid_token\"",
        ),
        (
            format!("authorization: Bearer {TOKEN}x\r\n"),
            "Bearer error=\"invalid_token\"",
        ),
        ("authorization: Bearer \r\n".into(), "Bearer"),
        (format!("authorization: Basic {TOKEN}\r\n"), "Bearer"),
        (format!("x-authorization: Bearer {TOKEN}\r\n"), "Bearer"),
        (
            format!("authorization: Bearer {TOKEN}\r\n").repeat(2),
            "Bearer",
        ),
    ] {
        let headers = format!("content-type: application/cloudevents+json\r\n{header}");
        let answer = client
            .ask(request("POST", "/v1/events", &headers, event("1", "t")))
            .await;
        assert_eq!(answer.status, 401, "{header}");
        assert_eq!(
            answer.header("www-authenticate"),
            Some(challenge),
            "{header}"
        );
        answer.problem();
    }
    assert!(host.kept().is_empty());
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_403() {
    let host = Host::start_with(|config| config.hosts = vec!["consign.internal".into()]).await;
    let mut client = host.client().await;
    let port = host.addr.port();
    for (named, status) in [
        ("localhost".to_owned(), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("CONSIGN.internal:80".to_owned(), 200),
        ("evil.example".to_owned(), 403),
        (format!("evil.example:{port}"), 403),
        ("localhost.evil.example".to_owned(), 403),
        ("127.0.0.1.evil.example".to_owned(), 403),
        ("10.1.2.3".to_owned(), 403),
        ("evil.example\r\nhost: localhost".to_owned(), 400),
        ("local host".to_owned(), 400),
        (String::new(), 400),
    ] {
        let answer = client
            .ask(format!("GET /livez HTTP/1.1\r\nhost: {named}\r\n\r\n"))
            .await;
        assert_eq!(answer.status, status, "{named}");
    }
    let nameless = client.ask("GET /livez HTTP/1.1\r\n\r\n").await;
    assert_eq!(nameless.status, 400);
    let absolute = "GET http://evil.example/livez HTTP/1.1\r\nhost: localhost\r\n\r\n";
    assert_eq!(client.ask(absolute).await.status, 403);
}

#[tokio::test]
async fn no_answer_invites_a_page_or_may_be_kept() {
    let host = with_token().await;
    let mut client = host.client().await;
    let origin = "origin: http://evil.example\r\naccess-control-request-method: POST\r\n";
    for ask in [
        get("/livez"),
        get("/metrics"),
        structured(event("1", "t")),
        request("OPTIONS", "/v1/events", origin, ""),
        request("GET", "/readyz", origin, ""),
    ] {
        let answer = client.ask(ask).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let head = answer.head.to_ascii_lowercase();
        assert!(
            !head.contains("access-control-") && !head.contains("cookie"),
            "{head}"
        );
    }
}

async fn with_token() -> Host {
    Host::start_with(|config| config.token = Some(TOKEN.parse().unwrap())).await
}
