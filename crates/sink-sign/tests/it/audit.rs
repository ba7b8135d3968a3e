//! Judgements over many events: holes, declarations, repeats, order, torn tails.

use std::sync::Arc;

use events_core::{Event, WireEvent};
use sink_sign::{Audit, Finding, Line, Mode, Order, Report, Verdict, Verifier};

use super::support::{
    audit, audit_lines, event, journal, keep, keys, of_tenant, seal, sealed, signer, text,
};

async fn ten() -> Vec<String> {
    journal((1..=10).map(|id| of_tenant(&id.to_string(), "acme"))).await
}

fn without(lines: &[String], left_out: &[usize]) -> Vec<String> {
    let kept = lines
        .iter()
        .enumerate()
        .filter(|(place, _)| !left_out.contains(place));
    kept.map(|(_, line)| line.clone()).collect()
}

#[tokio::test]
async fn a_complete_run_has_no_findings() {
    let report = audit_lines(&ten().await);
    assert_eq!(
        (report.findings(), report.events(), report.verified),
        (0, 10, 10)
    );
    let chain = &report.chains[0];
    assert_eq!((chain.first, chain.last, chain.events), (1, 10, 10));
    assert!(chain.producer.as_str().ends_with(".events.acme"));
    assert_eq!(report.keys.values().copied().collect::<Vec<_>>(), [10]);
}

#[tokio::test]
async fn missing_numbers_are_holes_but_at_the_ends() {
    let lines = ten().await;
    let report = audit_lines(&without(&lines, &[3, 4, 7]));
    assert_eq!(report.chains[0].holes.to_string(), "4-5,8");
    assert_eq!(report.findings(), 3);
    // Retention takes the oldest; a cut tail shows only once checkpoints come.
    let report = audit_lines(&without(&lines, &[0, 1, 9]));
    assert_eq!(report.findings(), 0);
    assert_eq!((report.chains[0].first, report.chains[0].last), (3, 9));
}

#[test]
fn numbers_above_the_settled_ones_are_undetermined() {
    let signer = Arc::new(signer());
    let wires: Vec<WireEvent> = (1..=6)
        .map(|id| {
            let wire = seal(&signer, of_tenant(&id.to_string(), "a")).unwrap();
            if id <= 2 {
                keep(&wire);
            }
            wire
        })
        .collect();
    let lines: Vec<String> = wires.iter().map(text).collect();
    // Of 3 to 6, sealed when 1 and 2 were kept, 4 and 5 never arrived.
    let report = audit_lines(&without(&lines, &[3, 4]));
    assert_eq!(report.chains[0].undetermined.to_string(), "4-5");
    assert_eq!(report.findings(), 0);
    let report = audit_lines(&without(&lines, &[1, 3, 4]));
    assert_eq!(report.chains[0].holes.to_string(), "2");
    assert_eq!(report.chains[0].undetermined.to_string(), "4-5");
}

#[test]
fn declared_numbers_are_no_findings_even_when_they_arrive() {
    let signer = Arc::new(signer());
    let sealed = |id: &str| seal(&signer, of_tenant(id, "a")).unwrap();
    let first = sealed("1");
    keep(&first);
    let late = text(&sealed("2"));
    let third = sealed("3");
    assert!(text(&third).contains(r#""voidedsequences":"2""#));
    let report = audit_lines(&[text(&first), text(&third)]);
    assert_eq!(
        (
            report.findings(),
            report.chains[0].declared.to_string().as_str()
        ),
        (0, "2")
    );
    let report = audit_lines(&[text(&first), late, text(&third)]);
    assert_eq!(
        (report.findings(), report.chains[0].declared.is_empty()),
        (0, true)
    );
}

#[tokio::test]
async fn the_same_number_twice_is_a_finding_and_the_same_identity_is_not() {
    let mut lines = ten().await;
    lines.push(lines[2].clone());
    lines.push(lines[2].clone());
    let report = audit_lines(&lines);
    assert_eq!((report.findings(), report.chains[0].repeats), (2, 2));
    assert_eq!(report.chains[0].duplicates.to_string(), "3");
    assert!(
        report
            .faults
            .iter()
            .all(|fault| fault.finding == Finding::Duplicate)
    );
    assert_eq!(report.resends, 0);

    let again = journal(["1", "2", "1"].map(|id| of_tenant(id, "acme"))).await;
    let report = audit_lines(&again);
    assert_eq!((report.findings(), report.resends), (0, 1));
}

#[tokio::test]
async fn order_is_counted_and_judged_when_asked() {
    let mut lines = ten().await;
    lines.swap(4, 5);
    let text = lines.join("\n");
    let report = audit(Mode::Strict, Order::Any, &text);
    assert_eq!((report.findings(), report.chains[0].reordered), (0, 1));
    let report = audit(Mode::Strict, Order::Strict, &text);
    assert_eq!(report.findings(), 1);
    assert_eq!(
        (report.faults[0].line, &report.faults[0].finding),
        (6, &Finding::Reordered)
    );
}

#[tokio::test]
async fn a_hole_is_one_in_any_order() {
    let mut lines = without(&ten().await, &[4]);
    lines.reverse();
    assert_eq!(audit_lines(&lines).chains[0].holes.to_string(), "5");
}

#[tokio::test]
async fn a_tenants_part_can_be_judged_alone() {
    let tenant = |id: usize| ["a", "b", "c"][id % 3];
    let lines = journal((0..9).map(|id| of_tenant(&id.to_string(), tenant(id)))).await;
    assert_eq!(audit_lines(&lines).chains.len(), 3);
    let part: Vec<_> = lines
        .iter()
        .filter(|line| line.contains(r#""tenantid":"b""#))
        .collect();
    let report = audit_lines(&part);
    assert_eq!(
        (report.findings(), report.events(), report.chains.len()),
        (0, 3, 1)
    );
    let report = audit_lines(&[part[0], part[2]]);
    assert_eq!(report.findings(), 1);
}

#[tokio::test]
async fn unverified_events_are_findings_and_count_for_no_chain() {
    let lines = ten().await;
    let mut changed = lines.clone();
    changed[3] = changed[3].replace(r#"{"n": 1.10}"#, r#"{"n": 1.11}"#);
    changed.push(r#"{"specversion":"1.0","id":"x","source":"/s","type":"t"}"#.to_owned());
    changed.push("garbage".to_owned());
    let report = audit_lines(&changed);
    assert_eq!(
        (report.altered, report.unsigned, report.unreadable),
        (1, 1, 1)
    );
    assert_eq!(report.chains[0].holes.to_string(), "4");
    assert_eq!(report.findings(), 4);
    let fault = &report.faults[0];
    assert_eq!((fault.source.as_str(), fault.line), ("journal", 4));
    assert_eq!(fault.event.as_ref().unwrap().len(), 32);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["findings"], 4);
    assert_eq!(json["chains"][0]["holes"], "4");
    assert_eq!(
        json["faults"][0]["finding"],
        "altered: a core attribute or the data differs"
    );
    assert!(!json.to_string().contains("garbage"));
}

#[tokio::test]
async fn a_torn_tail_is_counted_and_no_finding_wherever_it_is_cut() {
    let lines = ten().await;
    let whole = lines[..9].join("\n");
    let last = &lines[9];
    for cut in 1..last.len() {
        let report = audit(
            Mode::Strict,
            Order::Any,
            &format!("{whole}\n{}", &last[..cut]),
        );
        assert_eq!(
            (report.findings(), report.torn_tails, report.events()),
            (0, 1, 9),
            "{cut}"
        );
    }
    let report = audit(Mode::Strict, Order::Any, &format!("{whole}\n{last}"));
    assert_eq!(
        (report.findings(), report.torn_tails, report.events()),
        (0, 0, 10)
    );
    let report = audit(
        Mode::Strict,
        Order::Any,
        &format!("{whole}\n{}\n", &last[..40]),
    );
    assert_eq!((report.findings(), report.torn_tails), (1, 0));
}

#[test]
fn nothing_is_no_finding_and_no_event() {
    let report = audit_lines::<&str>(&[]);
    assert_eq!((report.findings(), report.events()), (0, 0));
}

#[test]
fn events_can_be_fed_one_by_one_from_anywhere() {
    let mut audit = Audit::new(Verifier::new(keys(), Mode::CoreOnly), Order::Any);
    let verdict = audit.event("STREAM", 7, &sealed(event("1")));
    assert!(verdict.is_verified());
    let unsigned = Event::builder("1", "/s", "t").build().unwrap();
    assert_eq!(audit.event("STREAM", 8, &unsigned), Verdict::Unsigned);
    let report: Report = audit.finish();
    assert_eq!(
        (report.faults[0].source.as_str(), report.faults[0].line),
        ("STREAM", 8)
    );
    // Extensions are not looked at, so neither are chains.
    assert!(report.chains.is_empty());
}

#[tokio::test]
async fn the_list_of_faults_is_bounded_and_the_count_is_not() {
    let line = &ten().await[0];
    let lines = vec![line; 1500];
    let report = audit_lines(&lines);
    assert_eq!(report.findings(), 1499);
    assert_eq!((report.faults.len(), report.faults_left_out), (1000, 499));
}

fn judge_with_spool(stored: &[String], spooled: &[String], order: Order) -> Report {
    let mut audit = Audit::new(Verifier::new(keys(), Mode::Strict), order);
    let text = format!("{}\n", stored.join("\n"));
    audit.file("journal", text.as_bytes()).unwrap();
    for (record, line) in (1..).zip(spooled) {
        audit.spooled("spool", &Line::whole(record, line.as_bytes()));
    }
    audit.finish()
}

#[tokio::test]
async fn what_a_spool_holds_is_not_missing_and_may_be_stored_as_well() {
    let lines = ten().await;
    let stored = without(&lines, &[3, 6]);
    let spooled = [lines[3].clone(), lines[6].clone(), lines[8].clone()];
    let report = judge_with_spool(&stored, &spooled, Order::Strict);
    assert_eq!(report.findings(), 0, "{report:?}");
    assert_eq!((report.events(), report.also_stored), (11, 1));
    assert_eq!(report.chains[0].events, 10);
    let report = judge_with_spool(&stored, &spooled[1..], Order::Any);
    assert_eq!(report.chains[0].holes.to_string(), "4");
}

#[tokio::test]
async fn what_a_spool_holds_is_judged_like_what_is_stored() {
    let lines = ten().await;
    let stored = without(&lines, &[3, 6]);
    let spooled = [
        lines[3].replace(r#"{"n": 1.10}"#, r#"{"n": 1.11}"#),
        lines[6].replace(r#""specversion""#, r#""specv\u0065rsion""#),
        "no event".to_owned(),
    ];
    let report = judge_with_spool(&stored, &spooled, Order::Any);
    let found = (report.altered, report.rewritten, report.unreadable);
    assert_eq!(found, (1, 1, 1));
    assert_eq!(report.chains[0].holes.to_string(), "4");
    assert_eq!(report.findings(), 4);
    assert_eq!(
        (report.faults[0].source.as_str(), report.faults[0].line),
        ("spool", 1)
    );
}

#[test]
fn damage_is_a_finding_and_a_torn_tail_is_none() {
    let mut audit = Audit::new(Verifier::new(keys(), Mode::Strict), Order::Any);
    audit.damaged("spool/waiting/1", 4096);
    audit.torn();
    let report = audit.finish();
    assert_eq!((report.findings(), report.damaged), (1, 1));
    assert_eq!(report.torn_tails, 1);
    let fault = &report.faults[0];
    assert_eq!((fault.line, &fault.finding), (4096, &Finding::Damaged));
}
