use std::time::Duration;

use events_http::DlqArea::{Dead, Waiting};

use crate::host::{Host, bare, err, ok, out};

#[test]
fn all_are_delivered_in_lots() {
    let records: Vec<_> = (1000..2204).map(|id| (id, Waiting, "t")).collect();
    let host = Host::start(&records);
    let output = host.consign(&["dlq", "redrive", "--all"]);
    let said = ok(&output);
    assert_eq!(
        said,
        "done: 1,204 stored, 0 duplicates (already there), 0 failed, 0 left\n"
    );
    assert_eq!(err(&output), "", "progress is for terminals");
    assert!(host.ids().is_empty());
    assert_eq!(*host.fake.lots.lock().unwrap(), [500, 500, 204]);
}

#[test]
fn what_could_not_be_delivered_is_told_and_exits_3() {
    let host = Host::start(&[(7, Waiting, "t"), (13, Dead, "t")]);
    let output = host.consign(&["dlq", "redrive", "7", "13", "13"]);
    assert_eq!(output.status.code(), Some(3));
    let said = out(&output);
    assert!(
        said.starts_with("done: 1 stored,") && said.contains("1 failed, 1 left"),
        "{said}"
    );
    assert!(
        said.contains("00000000000000000013  rejected  publish to jetstream"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'));
    let json = out(&host.consign(&["dlq", "redrive", "--area", "dead", "-o", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["kind"], &json["left"]),
        (&"DlqReport".into(), &1.into())
    );
}

#[test]
fn an_empty_spool_is_done_and_for_those_alone_who_may_redrive() {
    let host = Host::start_with(&[], |config| {
        config.token = Some("admin-horse-battery".parse().unwrap());
        let token = "tail-horse-battery".parse().unwrap();
        config.tokens.add(token, ["tail".parse().unwrap()]);
    });
    let ask = |token: &str| {
        bare(&["dlq", "redrive", "--all"])
            .env("CONSIGN_HTTP_ADDR", host.addr.to_string())
            .env("CONSIGN_HTTP_TOKEN", token)
            .output()
            .unwrap()
    };
    assert!(ok(&ask("admin-horse-battery")).starts_with("done: 0 stored,"));
    let refused = ask("tail-horse-battery");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(
        err(&refused).contains("with the scope admin"),
        "{refused:?}"
    );
    assert_eq!(out(&refused), "");
}

#[test]
fn a_destination_that_does_not_answer_ends_it() {
    let mut records = vec![(99, Waiting, "away.x")];
    records.extend((1000..1010).map(|id| (id, Waiting, "t")));
    let host = Host::start(&records);
    let output = host.consign(&["dlq", "redrive", "--subject", "consign.events.*.away.x"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(err(&output).contains("does not answer"), "{output:?}");
    assert_eq!(host.ids().len(), 11);
}

#[test]
fn a_lot_that_takes_too_long_goes_on_without_us() {
    let host = Host::start_with(&[(202, Waiting, "t")], |config| {
        config.limits.answer_timeout = Duration::from_millis(50);
    });
    let output = host.consign(&["dlq", "redrive", "202"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(err(&output).contains("still at it"), "{output:?}");
    let second = host.consign(&["dlq", "redrive", "--all"]);
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(
        err(&second).contains("another redrive is in work"),
        "{second:?}"
    );
}

#[test]
fn a_rehearsal_does_nothing_and_no_choice_is_no_order() {
    let host = Host::start(&[(7, Waiting, "t")]);
    assert!(ok(&host.consign(&["dlq", "redrive", "--all", "--dry-run"])).contains("waiting"));
    for arguments in [
        &["dlq", "redrive"][..],
        &["dlq", "drop"],
        &["dlq", "redrive", "--all", "7"],
        &["dlq", "redrive", "--all", "--area", "dead"],
        &["dlq", "redrive", "--area", "hell"],
        &["dlq", "redrive", "../7"],
        &["dlq", "redrive", "--subject", "a..b"],
    ] {
        let output = host.consign(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {output:?}");
    }
    assert_eq!(
        (host.ids(), host.fake.lots.lock().unwrap().len()),
        (vec![7], 0)
    );
}
