use super::{Files, problems, read, read_now, report};
use crate::settings::names::rows;
use crate::settings::row::Availability;
use crate::settings::{UnknownSetting, example, schema};

#[test]
fn a_mistake_is_told_as_a_block() {
    let files = Files::new();
    let missing = files.path("nats.pem");
    let problems = read(&[
        ("NATS_CA_FILE", &missing),
        ("CONSIGN_SIGN_KEY", "a"),
        ("CONSIGN_SIGN_KEY_FILE", "/b"),
        ("CONSIGN_DLQ_MAX_BYTES", "10 potatoes"),
    ])
    .unwrap_err();
    assert_eq!(problems.to_string(), "3 problems in the configuration");
    let expected = format!(
        "error: 3 problems in the configuration\n\
         \x20 CONSIGN_SIGN_KEY      and CONSIGN_SIGN_KEY_FILE are both set; keep one\n\
         \x20 CONSIGN_NATS_CA_FILE  {missing}: no such file  (set by env NATS_CA_FILE)\n\
         \x20 CONSIGN_DLQ_MAX_BYTES \"10 potatoes\" is not a size; try 512MiB\n\
         try: consign config validate\n"
    );
    assert_eq!(problems.render(), expected);
}

#[test]
fn one_mistake_is_singular() {
    let problems = read(&[("CONSIGN_STDIN", "maybe")]).unwrap_err();
    assert_eq!(problems.to_string(), "1 problem in the configuration");
}

#[test]
fn long_and_odd_values_are_quoted_with_care() {
    let long = "9".repeat(500);
    let line = problems(&[("CONSIGN_DLQ_MAX_BYTES", &long)]).concat();
    assert!(line.len() < 200 && line.contains('…'), "{line}");
    let line = problems(&[("CONSIGN_STDIN", "a\u{1b}[31m\n")]).concat();
    assert!(!line.contains(char::is_control), "{line:?}");
}

#[test]
fn a_setting_is_explained() {
    let report = report(&[
        ("NATS_URL", "nats://u:p@nats:4222"),
        ("CRUVERO_NATS_URL", "nats://x"),
    ]);
    let expected = "\
CONSIGN_NATS_URL   NATS server URL(s), comma-separated.   value nats://nats:4222  (credentials hidden)
  from     env NATS_URL (alias; CONSIGN_NATS_URL not set)
  default  none   accepts  nats://, tls://, ws:// or wss:// URLs, comma-separated, like nats://127.0.0.1:4222   reload  restart
  also     NATS_URL, CRUVERO_NATS_URL
  hides    env CRUVERO_NATS_URL
";
    for name in [
        "CONSIGN_NATS_URL",
        "consign_nats_url",
        "nats_url",
        "NATS_URL",
        "CRUVERO_NATS_URL",
    ] {
        let text = report.explain(name).unwrap();
        assert!(text.starts_with(expected), "{text}");
    }
}

#[test]
fn what_is_read_again_says_so() {
    let report = report(&[]);
    for (name, reload) in [
        ("CONSIGN_HTTP_TOKENS_FILE", "SIGHUP"),
        ("CONSIGN_LOG", "SIGHUP"),
        ("CONSIGN_REDACT", "restart"),
    ] {
        let text = report.explain(name).unwrap();
        assert!(text.contains(&format!("   reload  {reload}\n")), "{text}");
    }
}

#[test]
fn explaining_what_is_not_there_suggests_what_is() {
    let unknown: UnknownSetting = report(&[]).explain("CONSIGN_DATADIR").unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "CONSIGN_DATADIR is not a setting; did you mean CONSIGN_DATA_DIR"
    );
}

#[test]
fn a_wrong_setting_is_explained_too() {
    let problems = read(&[("CONSIGN_STDIN", "maybe")]).unwrap_err();
    let text = problems.report().explain("CONSIGN_STDIN").unwrap();
    assert!(
        text.contains("value (invalid)") && text.contains("env CONSIGN_STDIN"),
        "{text}"
    );
}

#[test]
fn values_are_shown_with_their_origin() {
    let files = Files::new();
    let token = files.write("token", "sixteen-letters!", 0o600);
    let config = files.write("consign.toml", "stdin = true\n", 0o600);
    let report = report(&[
        ("CONSIGN_HTTP_TOKEN_FILE", &token),
        ("CONSIGN_CONFIG", &config),
        ("STATE_DIRECTORY", "/var/lib/consign"),
    ]);
    let shown = report.show();
    let line = |name: &str| {
        let line = shown
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name));
        line.unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("SETTING"), "SETTING VALUE FROM");
    assert_eq!(
        line("CONSIGN_HTTP_TOKEN"),
        format!("CONSIGN_HTTP_TOKEN (hidden) env CONSIGN_HTTP_TOKEN_FILE, file {token}")
    );
    assert_eq!(
        line("CONSIGN_STDIN"),
        format!("CONSIGN_STDIN true stdin in {config}")
    );
    assert_eq!(
        line("CONSIGN_DATA_DIR"),
        "CONSIGN_DATA_DIR /var/lib/consign default, by env STATE_DIRECTORY"
    );
    assert_eq!(line("CONSIGN_SINK"), "CONSIGN_SINK auto default");

    let json = report.to_json();
    let items = json["items"].as_array().unwrap();
    let stdin = items
        .iter()
        .find(|item| item["name"] == "CONSIGN_STDIN")
        .unwrap();
    assert_eq!(stdin["value"], "true");
    assert_eq!(stdin["valid"], true);
    let token = items
        .iter()
        .find(|item| item["name"] == "CONSIGN_HTTP_TOKEN")
        .unwrap();
    assert_eq!(token["value"], "(hidden)");
}

#[test]
fn the_example_with_everything_uncommented_is_a_configuration() {
    let text = example();
    let settings: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| line.starts_with("CONSIGN_"))
        .filter_map(|line| line.split_once('='))
        .collect();
    assert!(settings.len() > 60, "{text}");
    if let Err(problems) = read(&settings) {
        panic!("{}", problems.render());
    }
    assert!(
        text.lines()
            .all(|line| line.is_empty() || line.starts_with('#')),
        "{text}"
    );
}

#[test]
fn the_schema_describes_the_file() {
    let schema = schema();
    assert_eq!(schema["additionalProperties"], false);
    let properties = schema["properties"].as_object().unwrap();
    assert!(!properties.contains_key("config"));
    assert_eq!(properties["stdin"]["type"], "boolean");
    assert_eq!(properties["stdin"]["default"], false);
    assert_eq!(properties["http_max_batch"]["default"], 1000);
    assert_eq!(
        properties["sign"]["enum"],
        serde_json::json!(["off", "ed25519"])
    );
    assert_eq!(properties["http_token"]["writeOnly"], true);
    assert!(properties.contains_key("http_token_file"));

    // Every key with its default, written as TOML, is accepted by the reader.
    let files = Files::new();
    let mut text = String::new();
    for (key, property) in properties {
        if let Some(default) = property.get("default") {
            text.push_str(&format!("{key} = {default}\n"));
        }
    }
    let config = files.write("consign.toml", &text, 0o600);
    assert_eq!(problems(&[("CONSIGN_CONFIG", &config)]), [""; 0]);
}

#[test]
fn any_name_of_a_setting_can_be_asked_for() {
    let report = report(&[]);
    for name in [
        "CONSIGN_HTTP_TOKEN",
        "CONSIGN_HTTP_TOKEN_FILE",
        "http_token",
        "http_token_file",
    ] {
        let text = report.explain(name).unwrap();
        assert!(text.starts_with("CONSIGN_HTTP_TOKEN "), "{text}");
    }
}

#[test]
fn the_documents_say_what_this_build_lacks() {
    let report = report(&[]);
    for row in rows() {
        let lacks = row.capability.availability() == Availability::Later;
        let text = report.explain(row.name).unwrap();
        assert_eq!(text.contains("which this build lacks"), lacks, "{text}");
    }
    assert!(read_now(&[]).is_ok());
}
