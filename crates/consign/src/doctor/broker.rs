use std::time::Instant;

use events_core::time::now;
use serde_json::Value;
use streams::look;
use streams::{Severity, StreamReport};
use supervisor::Reached;
use supervisor::settings::Settings;

use super::check::{Check, Report};
use super::{clock, heard};
use crate::broker::BrokerArguments;
use crate::human::{brief, size};
use crate::stream::{NO_LEADER, in_words};

/// Checks the broker and its streams, where the settings name one; else those that a running
/// supervisor has.
pub(super) async fn check(
    arguments: &BrokerArguments,
    settings: &Settings,
    running: Option<&Value>,
    report: &mut Report,
) {
    if !settings.nats.is_named() {
        if let Some(status) = running.filter(|status| status["nats"].is_object()) {
            heard::check(status, report);
            return;
        }
        let said = "none is named: the chain ends on this machine";
        for what in ["broker", "jetstream", "streams", "clock"] {
            report.add(Check::skip(what, said));
        }
        return;
    }
    let broker = match arguments.reach().await {
        Ok(broker) => broker,
        Err(failure) => {
            report.unreachable = true;
            report.add(Check::failed("broker", &failure));
            for what in ["jetstream", "streams", "clock"] {
                report.add(Check::skip(what, "the broker cannot be asked"));
            }
            return;
        }
    };
    let server = &broker.server;
    let began = Instant::now();
    let account = look::account(&broker.jetstream).await;
    let rtt = brief(began.elapsed());
    report.add(Check::ok(
        "broker",
        format!("{}  nats-server {}  rtt {rtt}", server.url, server.version),
    ));
    match account {
        Ok(account) => {
            let used = size(account.storage);
            let said = match account.storage_limit() {
                Some(limit) => format!("{used} of {} used", size(limit)),
                None => format!("{used} used"),
            };
            report.add(Check::ok("jetstream", said));
        }
        Err(error) => {
            let advice = error.advice();
            report.add(Check::fail("jetstream", in_words(&error)).try_next(advice));
            report.add(Check::skip("streams", "without jetstream there are none"));
            return;
        }
    }
    streams(&broker, report).await;
    report.add(clocks(&broker).await);
}

/// Every finding by its name; what is good to know of several streams is said once.
async fn streams(broker: &Reached, report: &mut Report) {
    let found = streams::inspect(&broker.jetstream, &broker.topology, &broker.policy).await;
    let reports = match found {
        Ok(reports) => reports,
        Err(error) => {
            let advice = error.advice();
            report.add(Check::fail("streams", in_words(&error)).try_next(advice));
            silent(broker, report).await;
            return;
        }
    };
    for stream in &reports {
        judge(stream, broker, report);
    }
    notes(&reports, report);
}

/// Names the streams that nobody leads, as far as the server tells.
async fn silent(broker: &Reached, report: &mut Report) {
    let listing = look::streams(&broker.jetstream).await;
    for name in listing.map(|listing| listing.silent).unwrap_or_default() {
        let next = format!("start the servers that hold it; consign stream info {name}");
        report.add(Check::fail(format!("stream {name}"), NO_LEADER).try_next(next));
    }
}

fn judge(stream: &StreamReport, broker: &Reached, report: &mut Report) {
    let what = format!("stream {}", stream.name);
    let serious = stream.findings.iter();
    let serious = serious.filter(|finding| finding.severity > Severity::Note);
    let mut well = true;
    for finding in serious {
        well = false;
        let said = format!("{}: {}", finding.code, finding.text);
        let check = if finding.severity == Severity::Breaks {
            Check::fail(what.clone(), said)
        } else {
            Check::warn(what.clone(), said)
        };
        report.add(check.try_next(finding.remedy.clone()));
    }
    if well {
        let declared = broker.topology.stream(stream.name.as_str());
        let declared = declared.map(ToString::to_string).unwrap_or_default();
        report.add(Check::ok(what, declared));
    }
}

fn notes(reports: &[StreamReport], report: &mut Report) {
    let all = || {
        let of = |stream: &StreamReport| stream.findings.clone();
        let noted = reports.iter().flat_map(of);
        noted.filter(|finding| finding.severity == Severity::Note)
    };
    let mut told = Vec::new();
    for finding in all() {
        if told.contains(&finding.code) {
            continue;
        }
        told.push(finding.code);
        let same = all().filter(|other| other.code == finding.code).count();
        let said = format!(
            "{}: {} ({same} of {} streams)",
            finding.code,
            finding.text,
            reports.len()
        );
        report.add(Check::ok("streams, note", said).try_next(finding.remedy));
    }
}

/// The broker tells its time with a stream.
async fn clocks(broker: &Reached) -> Check {
    for spec in &broker.topology {
        let before = now();
        let found = look::stream(&broker.jetstream, &spec.name).await;
        let after = now();
        if let Ok(Some(found)) = found
            && let Some(told) = found.told_at
        {
            return clock::check(before, told, after);
        }
    }
    Check::skip(
        "clock",
        "no stream is there whose answer tells the broker's time",
    )
}
