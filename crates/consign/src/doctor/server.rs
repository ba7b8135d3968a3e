use serde_json::Value;
use supervisor::exit::Exit;

use super::check::{Check, Report};
use crate::client::{Address, Client};
use crate::status::daemon;

/// Checks a running supervisor, where one answers. What it says of itself.
pub(super) async fn check(address: &Address, report: &mut Report) -> Option<Value> {
    let what = "supervisor";
    let client = match Client::new(address) {
        Ok(client) => client,
        Err(failure) => {
            report.add(Check::failed(what, &failure));
            return None;
        }
    };
    let answer = match client.get("/v1/status").await {
        Ok(Some(answer)) => answer,
        Ok(None) => {
            let said = format!("{} answers, and is no supervisor", client.base());
            report.add(Check::warn(what, said).try_next("--url URL of a supervisor"));
            return None;
        }
        Err(failure) if failure.exit() == Exit::Unreachable && address.url.is_none() => {
            let said = format!("none answers at {}", client.base());
            report.add(Check::skip(what, said));
            return None;
        }
        Err(failure) => {
            report.add(Check::failed(what, &failure));
            return None;
        }
    };
    let Ok(status) = answer.json::<Value>() else {
        let said = format!(
            "{} answers with something else than a status",
            client.base()
        );
        report.add(Check::warn(what, said).try_next("consign and supervisor of one release"));
        return None;
    };
    let version = text(&status, "/version").unwrap_or("?");
    report.add(Check::ok(what, format!("{version} at {}", client.base())));
    report.add(circuit(&status));
    Some(status)
}

fn circuit(status: &Value) -> Check {
    let what = "circuit";
    match text(status, "/breaker/state") {
        None => Check::skip(what, "the supervisor has no broker"),
        Some("connected") => Check::ok(what, "connected"),
        Some(state) => {
            let why = text(status, "/breaker/reason").unwrap_or_default();
            let said = format!("{state}: {why}");
            let next = daemon::remedy(status).map(|next| next + "; ");
            let next = next.unwrap_or_default() + "events wait in the spool meanwhile";
            Check::fail(what, said.trim_end_matches([':', ' '])).try_next(next)
        }
    }
}

fn text<'a>(status: &'a Value, pointer: &str) -> Option<&'a str> {
    status.pointer(pointer)?.as_str()
}
