use std::process::Output;
use std::time::Duration;

use serde_json::Value;
use sink_testkit::nats::{Direction, Fault, Odds, Proxy};

use crate::daemon::Daemon;
use crate::rig::{Rig, bare, err, ok, out};
use crate::running::Running;

/// `consign bench` of this supervisor, with its broker at this address.
fn bench(daemon: &Daemon, broker: &str, arguments: &[&str]) -> Output {
    let url = daemon.url();
    let mut command = bare(&["bench", "--url", &url, "--server", broker, "-o", "json"]);
    command.args(arguments).output().unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_str(&out(output)).unwrap_or_else(|_| panic!("{output:?}"))
}

fn leg<'a>(report: &'a Value, name: &str) -> &'a Value {
    let mut legs = report["legs"].as_array().unwrap().iter();
    legs.find(|leg| leg["leg"] == name).unwrap()
}

/// How many took longer than so many milliseconds, one of the buckets' bounds.
fn slower(leg: &Value, millis: f64) -> u64 {
    let buckets = leg.pointer("/latency_ms/buckets").unwrap();
    let buckets = buckets.as_array().unwrap();
    let slow = |bucket: &&Value| bucket["up_to"].as_f64().is_none_or(|most| most > millis);
    let counts = buckets.iter().filter(slow);
    counts.map(|bucket| bucket["count"].as_u64().unwrap()).sum()
}

#[test]
fn everything_arrives_once_and_in_order_on_both_legs() {
    let rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    let broker = rig.server.url();
    for arguments in [
        &["--events", "300", "--rate", "600", "--tenant", "acme"][..],
        &["--events", "1003", "--flat-out", "--batch", "25"],
    ] {
        let output = bench(
            &daemon,
            &broker,
            &[arguments, &["--min-delivery", "100"]].concat(),
        );
        let report = report(&output);
        assert_eq!(output.status.code(), Some(0), "{report}");
        let sent = report["sent"].as_u64().unwrap();
        assert_eq!(report["delivered"], sent);
        assert_eq!(report["answers"]["received"], sent);
        for name in ["nats", "sse"] {
            let leg = leg(&report, name);
            assert_eq!(leg["received"], sent, "{report}");
            for none in [
                "missing",
                "duplicates",
                "out_of_order",
                "unannounced",
                "lagged",
            ] {
                assert_eq!(leg[none], 0, "{none} of {report}");
            }
            assert_eq!(leg["latency_ms"]["count"], sent);
        }
    }
}

#[test]
fn a_harmed_leg_is_reported_for_just_what_was_done_to_it() {
    let rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    let proxy = Proxy::start(&rig.server.url()).unwrap();
    let by = Duration::from_millis(50);
    let odds = Odds {
        drop: 1,
        double: 1,
        delay: 5,
        delay_by: by..=by,
    };
    let subjects = "consign.events.single.bench.event".parse().unwrap();
    proxy.aim(Direction::ToClient, subjects);
    proxy.set(Direction::ToClient, Fault::Odds(odds, 11));
    let arguments = ["--events", "2000", "--rate", "1000", "--settle", "1s"];
    let output = bench(&daemon, &proxy.url(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report = report(&output);
    let harm = proxy.counts().to_client;
    assert_eq!(harm.messages, 2000, "{harm:?}");
    assert!(
        harm.dropped > 5 && harm.doubled > 5 && harm.delayed > 50,
        "{harm:?}"
    );

    let nats = leg(&report, "nats");
    assert_eq!(nats["received"], 2000 - harm.dropped, "{harm:?} {report}");
    assert_eq!(nats["missing"], harm.dropped, "{harm:?} {report}");
    assert_eq!(nats["duplicates"], harm.doubled, "{harm:?} {report}");
    // The leg beside it, which nobody harmed, says how busy the machine was.
    let sse = leg(&report, "sse");
    assert_eq!(
        (&sse["received"], &sse["duplicates"]),
        (&2000.into(), &0.into())
    );
    let slow = slower(nats, 50.0);
    let busy = slower(sse, 20.0);
    assert!(slow >= harm.delayed, "{harm:?} {report}");
    assert!(slow <= harm.delayed + busy + 10, "{harm:?} {report}");
    // One that was held back comes after the next, but for the last few of the run.
    let late = nats["out_of_order"].as_u64().unwrap();
    assert!(
        late <= harm.delayed && late + 20 >= harm.delayed,
        "{harm:?} {report}"
    );
}

#[test]
fn a_demand_that_is_missed_exits_3_and_is_named() {
    let rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    let few = [
        "--events",
        "50",
        "--rate",
        "500",
        "--warm-up",
        "1",
        "--settle",
        "200ms",
    ];
    let slow = ["--leg", "sse", "--max-p99", "1us"];
    let output = bench(&daemon, &rig.server.url(), &[&few[..], &slow].concat());
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let missed = &report(&output)["missed"];
    assert_eq!(missed.as_array().unwrap().len(), 1);
    assert!(
        missed[0].as_str().unwrap().starts_with("sse: p99 "),
        "{missed}"
    );

    let proxy = Proxy::start(&rig.server.url()).unwrap();
    proxy.aim(Direction::ToClient, "*.*.*.bench.event".parse().unwrap());
    proxy.set(Direction::ToClient, Fault::Drop);
    let demands = [
        "--leg",
        "nats",
        "--min-delivery",
        "99.99",
        "--max-p99",
        "1m",
    ];
    let output = bench(&daemon, &proxy.url(), &[&few[..], &demands].concat());
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let report = report(&output);
    assert_eq!(leg(&report, "nats")["missing"], 50);
    assert_eq!(report["missed"][0], "nats: delivery 0.00% is below 99.99%");
}

#[test]
fn people_get_a_line_for_each_leg() {
    let rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    let (url, broker) = (daemon.url(), rig.server.url());
    let old = [
        "--ui-url",
        &url,
        "--nats-url",
        &broker,
        "--workflow-id",
        "wf-1",
    ];
    let steady = ["--steady-events", "20", "--steady-rate", "200"];
    let mut command = bare(&["bench"]);
    let said = ok(&command.args(old).args(steady).output().unwrap());
    assert!(
        said.starts_with("sent 20   delivered 20   spilled 0   refused 0   unanswered 0   in 0.1s"),
        "{said}"
    );
    for leg in ["answers", "nats", "sse"] {
        let mut lines = said.lines();
        let line = lines.find(|line| line.starts_with(leg)).unwrap();
        assert!(line.contains("  100.00%  "), "{said}");
    }
}

#[test]
fn who_is_away_or_shows_nothing_is_named() {
    let away = bare(&["bench", "--url", "http://127.0.0.1:1", "--leg", "none"]);
    let output = { away }.output().unwrap();
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    assert!(err(&output).contains("http://127.0.0.1:1"), "{output:?}");

    let rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    let output = bench(&daemon, "nats://127.0.0.1:1", &["--events", "1"]);
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    assert!(err(&output).contains("nats://127.0.0.1:1"), "{output:?}");

    let elsewhere = [
        "--events",
        "1",
        "--leg",
        "nats",
        "--subject",
        "nobody.says.this",
    ];
    let output = bench(&daemon, &rig.server.url(), &elsewhere);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = err(&output);
    assert!(
        said.starts_with("error: see events on the nats leg\n"),
        "{said}"
    );
    assert!(said.contains("nobody.says.this"), "{said}");
}

#[test]
fn audit_is_filled_by_no_mistake_and_names_are_runs() {
    let rig = Rig::with_streams();
    let daemon = Daemon::start(&rig.server.url());
    let url = daemon.url();
    let few = ["bench", "--events", "5", "--warm-up", "1", "--flat-out"];
    let run = |arguments: &[&str]| {
        let at = ["--leg", "none", "--url", &url];
        bare(&[&few[..], &at, arguments].concat()).output().unwrap()
    };
    let refused = run(&["--type", "audit.bench"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(
        err(&refused).contains("6 events into the audit stream"),
        "{refused:?}"
    );
    assert!(
        err(&refused).contains("--i-know-this-is-audit"),
        "{refused:?}"
    );
    assert_eq!(
        (rig.held("CONSIGN_AUDIT"), rig.held("CONSIGN_EVENTS")),
        (0, 0)
    );
    let knowing = run(&["--type", "audit.bench", "--i-know-this-is-audit"]);
    assert_eq!(knowing.status.code(), Some(0), "{knowing:?}");
    assert_eq!(rig.held("CONSIGN_AUDIT"), 6);
    let named = run(&["--run-id", "night-1", "-o", "name"]);
    assert_eq!(ok(&named), "night-1\n");
}

#[test]
fn an_interrupt_ends_it_with_what_was_measured_and_130() {
    let rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    let (url, broker) = (daemon.url(), rig.server.url());
    let mut watching = Running::start(bare(&["subscribe", "consign.events.>", "-s", &broker]));
    watching.wait_for("watching ");
    let long = ["--events", "100000", "--rate", "200", "-o", "json"];
    let bench = bare(&[&["bench", "--url", &url, "--server", &broker], &long[..]].concat());
    let running = Running::start(bench);
    // Behind those that go ahead.
    watching.lines(150);
    running.signal("-INT");
    let (code, printed, said) = running.end();
    assert_eq!(code, Some(130), "{said}");
    let report: Value = serde_json::from_str(&printed).unwrap();
    let sent = report["sent"].as_u64().unwrap();
    assert!((1..100_000).contains(&sent), "{report}");
    assert_eq!(report["interrupted"], true);
    assert_eq!(report["delivered"], sent);
    assert_eq!(leg(&report, "nats")["received"], sent);
}
