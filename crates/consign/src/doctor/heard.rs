use serde_json::Value;

use super::check::{Check, Report};
use crate::status::daemon;

/// Tells of the broker and its streams what a running supervisor says of them. For settings that
/// name no broker, while its chain has one.
pub(super) fn check(status: &Value, report: &mut Report) {
    let server = match daemon::address(status) {
        "" => "the supervisor's",
        address => address,
    };
    let unnamed = "the settings here name no broker to ask: CONSIGN_NATS_URL, or --server URL";
    if status.pointer("/nats/connected") == Some(&Value::Bool(true)) {
        report.add(Check::ok(
            "broker",
            format!("{server}  says the supervisor"),
        ));
        report.add(Check::skip("jetstream", unnamed));
        streams(status, report);
    } else {
        report.unreachable = true;
        let said = format!("{server}  not connected, says the supervisor");
        let next = daemon::remedy(status).unwrap_or_default();
        report.add(Check::fail("broker", said).try_next(next));
        for what in ["jetstream", "streams"] {
            report.add(Check::skip(what, "the broker cannot be asked"));
        }
    }
    report.add(Check::skip("clock", unnamed));
}

/// Every finding by its name.
fn streams(status: &Value, report: &mut Report) {
    if status["confined"] == true {
        report.add(Check::skip("streams", "this token may not see them"));
        return;
    }
    let streams = list(&status["streams"]);
    if streams.is_empty() {
        let said = "the supervisor has not looked at them yet";
        report.add(Check::skip("streams", said));
    }
    for stream in streams {
        judge(stream, report);
    }
}

fn judge(stream: &Value, report: &mut Report) {
    let what = format!("stream {}", text(&stream["name"]));
    let findings = list(&stream["findings"]).iter();
    let mut serious = findings
        .filter(|finding| finding["severity"] != "note")
        .peekable();
    if serious.peek().is_none() {
        let state = text(&stream["state"]);
        let said = format!("{state}, says the supervisor");
        report.add(match state {
            "ok" => Check::ok(what, said),
            _ => Check::warn(what, said).try_next("consign stream verify --server URL"),
        });
        return;
    }
    for finding in serious {
        let said = format!("{}: {}", text(&finding["code"]), text(&finding["text"]));
        let check = match text(&finding["severity"]) {
            "breaks" => Check::fail(what.clone(), said),
            _ => Check::warn(what.clone(), said),
        };
        report.add(check.try_next(text(&finding["remedy"])));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
