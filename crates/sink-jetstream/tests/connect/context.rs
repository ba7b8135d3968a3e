use std::error::Error as _;
use std::fs;
use std::path::Path;

use sink_jetstream::{Auth, ConnectError, Context, ContextError, TlsMode};
use tempfile::TempDir;

use super::support::{connected, server};

/// Contexts as the `nats` command writes them: every field there, most of them empty.
struct Contexts(TempDir);

impl Contexts {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("context")).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, fields: &[(&str, &str)]) {
        let lines = FIELDS.map(|field| {
            let given = fields.iter().find(|(name, _)| *name == field);
            format!(
                "  \"{field}\": \"{}\"",
                given.map_or("", |(_, value)| value)
            )
        });
        let tls_first = fields.iter().any(|(name, _)| *name == "tls_first");
        let text = format!(
            "{{\n{},\n  \"tls_first\": {tls_first}\n}}",
            lines.join(",\n")
        );
        fs::write(
            self.0.path().join("context").join(format!("{name}.json")),
            text,
        )
        .unwrap();
    }

    fn load(&self, name: &str) -> Result<Context, ContextError> {
        Context::load(self.0.path(), name, Some(Path::new("/home/otto")))
    }

    fn error(&self, fields: &[(&str, &str)]) -> ContextError {
        self.write("wrong", fields);
        let error = self.load("wrong").unwrap_err();
        let text = format!(
            "{error:?} {error} {:?}",
            error.source().map(ToString::to_string)
        );
        assert!(!text.contains("c4nary"), "{text}");
        error
    }
}

#[test]
fn the_fields_of_a_context_become_options() {
    let contexts = Contexts::new();
    contexts.write("empty", &[]);
    let empty = contexts.load("empty").unwrap().options;
    assert_eq!(empty.servers[0].to_string(), "nats://127.0.0.1:4222");
    assert!(empty.auth.is_none() && empty.tls.mode == TlsMode::Auto);
    assert_eq!((&empty.domain, &empty.tls.ca_file), (&None, &None));
    contexts.write(
        "full",
        &[
            ("description", "the hub"),
            ("url", "nats://a:1, tls://b:2"),
            ("creds", "~/hub.creds"),
            ("cert", "/etc/cert.pem"),
            ("key", "relative/key.pem"),
            ("ca", "~/ca.pem"),
            ("jetstream_domain", "hub"),
            ("jetstream_api_prefix", "JS.hub.API"),
            ("inbox_prefix", "_INBOX_otto"),
            ("tls_first", ""),
        ],
    );
    let full = contexts.load("full").unwrap();
    assert_eq!(
        (full.name.as_str(), full.description.as_str()),
        ("full", "the hub")
    );
    let options = full.options;
    let servers: Vec<_> = options.servers.iter().map(ToString::to_string).collect();
    assert_eq!(servers, ["nats://a:1", "tls://b:2"]);
    let home = Path::new("/home/otto");
    assert!(matches!(&options.auth, Auth::CredsFile(file) if *file == home.join("hub.creds")));
    assert_eq!(options.tls.mode, TlsMode::First);
    assert_eq!(options.tls.ca_file, Some(home.join("ca.pem")));
    assert_eq!(options.tls.cert_file, Some("/etc/cert.pem".into()));
    assert_eq!(options.tls.key_file, Some("relative/key.pem".into()));
    assert_eq!(options.domain.as_deref(), Some("hub"));
    assert_eq!(options.api_prefix.as_deref(), Some("JS.hub.API"));
    assert_eq!(options.inbox_prefix.as_deref(), Some("_INBOX_otto"));
}

#[test]
fn contexts_are_listed_and_one_may_be_selected() {
    let contexts = Contexts::new();
    let directory = contexts.0.path();
    assert_eq!(Context::selected(directory).unwrap(), None);
    for name in ["prod", "dev.eu"] {
        contexts.write(name, &[]);
    }
    fs::write(directory.join("context.txt"), "prod\n").unwrap();
    fs::write(directory.join("context").join("notes.txt"), "").unwrap();
    assert_eq!(
        Context::selected(directory).unwrap().as_deref(),
        Some("prod")
    );
    assert_eq!(Context::names(directory).unwrap(), ["dev.eu", "prod"]);
    assert!(Context::names(&directory.join("none")).unwrap().is_empty());
}

#[test]
fn a_context_that_cannot_be_followed_is_refused_and_not_quoted() {
    let contexts = Contexts::new();
    for field in ["nsc", "socks_proxy", "user_jwt", "user_seed"] {
        let error = contexts.error(&[(field, "c4nary://x")]);
        assert!(error.to_string().contains(field), "{error}");
    }
    let vault = contexts.error(&[("creds", "op://c4nary/nats")]);
    assert!(matches!(
        vault,
        ContextError::Unsupported { field: "creds", .. }
    ));
    let two = contexts.error(&[
        ("token", "c4nary"),
        ("user", "c4nary"),
        ("password", "c4nary"),
    ]);
    let ContextError::Options { source, .. } = two else {
        panic!("{two:?}");
    };
    assert!(matches!(source, ConnectError::TwoLogins { .. }));
    let url = contexts.error(&[("url", "http://otto:c4nary@h")]);
    assert!(matches!(url, ContextError::Options { .. }));
    let json = contexts.error(&[("token", "c4nary\" 7")]);
    assert!(
        matches!(json, ContextError::Malformed { line: 5, .. }),
        "{json}"
    );
    for name in ["", "../x", "a/b", "..", "missing"] {
        let error = contexts.load(name).unwrap_err();
        let missing = matches!(error, ContextError::Unreadable { .. });
        assert_eq!(missing, name == "missing", "{name}: {error}");
    }
}

#[tokio::test]
async fn a_context_leads_to_its_server() {
    let config = "authorization { user: otto, password: right }";
    let Some(server) = server(config).await else {
        return;
    };
    let contexts = Contexts::new();
    let login = [("user", "otto"), ("password", "right")];
    contexts.write("here", &[login[0], login[1], ("url", &server.url())]);
    connected(&contexts.load("here").unwrap().options).await;
}

const FIELDS: [&str; 18] = [
    "description",
    "url",
    "socks_proxy",
    "token",
    "user",
    "password",
    "creds",
    "nkey",
    "cert",
    "key",
    "ca",
    "nsc",
    "jetstream_domain",
    "jetstream_api_prefix",
    "jetstream_event_prefix",
    "inbox_prefix",
    "user_jwt",
    "user_seed",
];
