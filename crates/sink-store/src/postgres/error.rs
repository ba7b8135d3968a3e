use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use crate::StoreError;

/// What the server's refusal, or the connection's end, means.
pub(super) fn fault(error: &Error) -> StoreError {
    if let Some(refusal) = error.as_db_error() {
        return meaning(refusal);
    }
    // Says what the library was at, in words of its own.
    let said = error.to_string();
    // Not told by its type: a login, a method or a certificate that does not fit, at either end.
    if SETUP.iter().any(|setup| said.contains(setup)) {
        return StoreError::Setup { reason: said };
    }
    let reason = match error.source().and_then(|source| source.downcast_ref()) {
        Some(io) => io::Error::kind(io).to_string(),
        None => said,
    };
    StoreError::Away { reason }
}

/// By the class of the code (PostgreSQL manual, appendix A).
fn meaning(refusal: &DbError) -> StoreError {
    let code = refusal.code().code();
    let class = code.get(..2).unwrap_or_default();
    let bare = format!("SQLSTATE {code}");
    // These speak of logins, tables and the server, and never of a value.
    let told = format!("{bare}: {}", refusal.message());
    match (class, code) {
        // Out of memory, or of connections.
        (_, "53200" | "53300") => StoreError::Away { reason: told },
        ("53", _) => StoreError::Full { reason: told },
        // Lost, stopping, starting, cut off, standing by; locks and conflicts; its own failures.
        ("08" | "25" | "57" | "58", _) => StoreError::Away { reason: told },
        ("26" | "40" | "55" | "XX", _) => StoreError::Away { reason: bare },
        // Data, constraints, and limits that a value exceeds.
        ("21" | "22" | "23" | "54", _) => StoreError::Refused { reason: bare },
        // A rule of the owner's: a trigger, a procedure, a view's check, a policy on rows. What such
        // a rule says may quote the row.
        ("P0" | "44", _) => StoreError::Refused { reason: bare },
        _ if is_rule(refusal) => StoreError::Refused { reason: bare },
        ("28" | "3D" | "3F" | "42", _) => StoreError::Setup { reason: told },
        // What nobody thought of is not retried by accident.
        _ => StoreError::Setup { reason: bare },
    }
}

/// Whether a rule on rows refused the row, by a code that has other meanings too: a policy gives that
/// of a missing right, and a trigger may choose any. Messages are in the server's language; the
/// routine that reports, field `R` of an error response, is in none.
fn is_rule(refusal: &DbError) -> bool {
    let routine = refusal.routine();
    routine.is_some_and(|routine| RULES.contains(&routine))
}

/// What the library says where the set-up is at fault.
const SETUP: [&str; 3] = [
    "authentication error",
    "invalid configuration",
    "TLS handshake",
];

/// Policies and views; `RAISE` in PL/pgSQL.
const RULES: [&str; 2] = ["ExecWithCheckOptions", "exec_stmt_raise"];
