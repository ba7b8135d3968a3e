//! `/metrics`, judged by Prometheus's own tool.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Broker, Daemon, ENSURE, drained, event, post_batch, until};

/// Tenants, types, ids and sources of all kinds, with a broker and without: what is told stays
/// small and well-formed.
#[test]
fn metrics_are_few_and_well_formed_whatever_events_say() {
    let broker = Broker::start();
    let url = broker.url();
    let with_broker = [
        ("CONSIGN_NATS_URL", url.as_str()),
        ("CONSIGN_STREAMS", "ensure"),
    ];
    for settings in [&[][..], &with_broker] {
        let dir = tempfile::tempdir().unwrap();
        let daemon = Daemon::start(dir.path(), settings);
        if !settings.is_empty() {
            until(&daemon, std::time::Duration::from_secs(30), |status| {
                status["nats"]["connected"] == true
            });
        }
        let mut client = daemon.client();
        let mut numbers = 0..;
        for _ in 0..10 {
            let batch: Vec<String> = numbers.by_ref().take(200).map(hostile).collect();
            post_batch(&mut client, &batch).unwrap();
        }
        for method in ["GET", "BREW", "PATCH"] {
            for n in 0..50 {
                let path = format!("/v1/nothing/{n}?x=%22");
                client.request(method, &path, &[], b"").unwrap();
            }
        }
        let metrics = client.get("/metrics").unwrap().body;
        let series = metrics
            .lines()
            .filter(|line| !line.starts_with('#'))
            .count();
        assert!((50..=500).contains(&series), "{series}: {metrics}");
        for told in ["tenant-7", "hostile", "/v1/nothing", "BREW", "/s/"] {
            assert!(!metrics.contains(told), "{told}: {metrics}");
        }
        let mut names = vec![
            "consign_events_received_total{transport=\"batched\"}",
            "consign_events_refused_total{kind=",
            "consign_sink_events_total{sink=\"",
            "consign_sink_emit_duration_seconds_bucket{",
            "consign_redactions_total{rule=",
            "consign_signed_total{keyid=\"",
            "consign_dlq_events{area=\"waiting\"}",
            "consign_dlq_bytes",
            "consign_dlq_oldest_age_seconds",
            "consign_dlq_written_total{reason=",
            "consign_dlq_redriven_total{outcome=",
            "consign_sse_clients 0",
            "consign_sse_dropped_total 0",
            "consign_http_requests_total{",
            "consign_build_info{version=",
            "consign_verify_total{result=\"verified\"} 0",
            "process_cpu_seconds_total ",
            "process_resident_memory_bytes ",
            "process_virtual_memory_bytes ",
            "process_open_fds ",
            "process_max_fds ",
            "process_start_time_seconds ",
            "process_threads ",
        ];
        if !settings.is_empty() {
            names.extend([
                "consign_circuit_state{sink=\"jetstream\",state=\"connected\"} 1",
                "consign_circuit_next_probe_seconds 0",
                "consign_circuit_transitions_total{sink=\"jetstream\",to=\"reconnecting\"} 0",
                "consign_nats_reconnects_total 0",
                "consign_nats_connected 1",
                "consign_inflight_acks 0",
                "consign_nats_deliveries_total{outcome=\"acked\"}",
            ]);
        }
        for name in names {
            assert!(metrics.contains(name), "{name}: {metrics}");
        }
        lint(&metrics);
        assert!(daemon.stop().0.success());
    }
}

/// What an outage moves, and what every event does.
#[test]
fn an_outage_and_its_end_move_their_counters() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    let patience = Duration::from_secs(30);
    let figure = |name: &str| figure(&daemon, name);
    let emitted = "consign_sink_emit_duration_seconds_count{sink=\"jetstream\"}";
    let to = |state: &str| {
        format!("consign_circuit_transitions_total{{sink=\"jetstream\",to=\"{state}\"}}")
    };
    let verified = "consign_verify_total{result=\"verified\"}";
    assert_eq!(daemon.client().post(&event("1", "{}")).unwrap().status, 204);
    assert_eq!((figure(emitted), figure(verified)), (1.0, 0.0));
    let connected = figure(&to("connected"));
    let cpu = figure("process_cpu_seconds_total");
    let started = figure("process_start_time_seconds");
    assert!(figure("process_resident_memory_bytes") > 1e6);
    assert!(figure("process_open_fds") > 5.0);
    broker.kill();
    until(&daemon, patience, |status| {
        status["nats"]["connected"] == false
    });
    assert_eq!(daemon.client().post(&event("2", "{}")).unwrap().status, 204);
    assert_eq!(figure(&to("reconnecting")), 1.0);
    broker.restart();
    until(&daemon, patience, drained);
    assert_eq!(figure(&to("connected")), connected + 1.0);
    assert!(figure("consign_nats_reconnects_total") >= 1.0);
    assert!(figure(emitted) == 2.0 && figure(verified) >= 1.0);
    let metrics = daemon.client().get("/metrics").unwrap().body;
    let signed = metrics
        .lines()
        .find(|line| line.starts_with("consign_signed_total{keyid="));
    assert!(signed.unwrap().ends_with(" 2"), "{signed:?}");
    until(&daemon, patience, |_| {
        figure("process_cpu_seconds_total") > cpu
    });
    assert_eq!(figure("process_start_time_seconds"), started);
}

/// A series' figure.
fn figure(daemon: &Daemon, series: &str) -> f64 {
    let metrics = daemon.client().get("/metrics").unwrap().body;
    let mut lines = metrics.lines();
    let line = lines.find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{series}: {metrics}"))
        .parse()
        .unwrap()
}

/// Events of a thousand tenants and types, each tenth of them refused.
fn hostile(number: u64) -> String {
    let tenant = match number % 10 {
        0 => r#"a\"} 1\nevil{x=\"y"#.to_owned(),
        _ => format!("tenant-{number}"),
    };
    format!(
        r#"{{"specversion":"1.0","id":"{number}\\\"","source":"/s/{number}","type":"hostile.t{number}","tenantid":"{tenant}","data":{{"password":"x{number}"}}}}"#
    )
}

/// What `promtool check metrics` has to say.
pub(crate) fn lint(metrics: &str) {
    let Some(promtool) = promtool() else {
        assert!(
            variable("CI").is_none(),
            "promtool is missing; cargo xtask tools"
        );
        eprintln!("not judged by promtool, which is missing: cargo xtask tools");
        return;
    };
    let mut child = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(metrics.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.is_empty(),
        "{said}\n{metrics}"
    );
}

fn promtool() -> Option<PathBuf> {
    let named = variable("PROMTOOL").map(PathBuf::from);
    let path = variable("PATH").unwrap_or_default();
    let on_path = || {
        let mut found = std::env::split_paths(&path).map(|dir| dir.join("promtool"));
        found.find(|file| file.is_file())
    };
    named.or_else(on_path)
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find their tools by the environment"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
