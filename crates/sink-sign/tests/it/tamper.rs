//! Every way to change a journal that an audit must notice (FS1, FS3).

use std::sync::Arc;

use events_core::{Event, EventBuilder, EventSinkExt as _};
use sink_sign::{Audit, Line, Mode, Order, SignSink, Verifier};

use super::support::{Scripted, audit, keys, signer, text};

/// A journal with every kind of data and attribute, one that was declared void among them.
async fn journal() -> Vec<String> {
    let sink = Scripted::default();
    sink.script
        .lock()
        .unwrap()
        .extend([true, true, true, false, true]);
    let memory = sink.memory.clone();
    let sink = SignSink::new(sink, Arc::new(signer()));
    for event in events() {
        drop(sink.send(event.build().unwrap()).await);
    }
    let lines: Vec<String> = memory.events().iter().map(text).collect();
    assert_eq!(findings(&lines, Order::Strict), 0);
    assert!(lines.iter().any(|line| line.contains("voidedsequences")));
    lines
}

fn events() -> [EventBuilder; 6] {
    let event = |id: &str| Event::builder(id, "/s/x?q=%20", "audit.user.login");
    [
        event("1")
            .data_schema("https://a.example/s")
            .subject("a \"quoted\" \\ subject 🔑")
            .time("2020-06-18T19:24:53.123456789+02:00")
            .json(r#"{"n": [1.10, -0, 1e999], "é": "\u00E9\n", "tenantId":"acme"}"#)
            .integer_extension("count", 10)
            .boolean_extension("flag", false)
            .extension(
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            )
            .extension("tracestate", "a=1")
            .extension("sequence", "7")
            .extension("dssematerial", "e30="),
        event("2").json("null"),
        event("3")
            .data_content_type("text/plain")
            .text("\u{1b}[31mred\u{1b}[0m \u{b}\n\"é\""),
        event("4")
            .data_content_type("image/png")
            .binary(vec![0, 1, 254, 255]),
        event("5"),
        event("6"),
    ]
    .map(|event| event.extension("tenantid", "acme"))
}

fn findings(lines: &[String], order: Order) -> u64 {
    audit(Mode::Strict, order, &format!("{}\n", lines.join("\n"))).findings()
}

/// The findings about one line by itself.
fn findings_of(verifier: &Verifier, line: &[u8]) -> u64 {
    let mut audit = Audit::new(verifier.clone(), Order::Any);
    audit.line("journal", &Line::whole(1, line));
    audit.finish().findings()
}

/// Where values stand that every hop may rewrite.
fn trace(line: &str) -> Vec<std::ops::Range<usize>> {
    let names = [r#""traceparent":""#, r#""tracestate":""#];
    let value = |name: &str| {
        let start = line.find(name)? + name.len();
        Some(start..start + line[start..].find('"')?)
    };
    names.into_iter().filter_map(value).collect()
}

#[tokio::test]
async fn every_changed_byte_is_found() {
    let verifier = Verifier::new(keys(), Mode::Strict);
    for line in journal().await {
        let unsigned = trace(&line);
        for place in 0..line.len() {
            if unsigned.iter().any(|range| range.contains(&place)) {
                continue;
            }
            let mut bytes = line.clone().into_bytes();
            let byte = bytes[place];
            let case = if byte.is_ascii_alphabetic() {
                byte ^ 0x20
            } else {
                b'0'
            };
            for other in [byte ^ 1, case, b'"', b' ', b'A'] {
                if other != byte {
                    bytes[place] = other;
                    let shown = String::from_utf8_lossy(&bytes);
                    assert!(findings_of(&verifier, &bytes) > 0, "{place}: {shown}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_byte_put_in_or_left_out_is_found() {
    let verifier = Verifier::new(keys(), Mode::Strict);
    for line in journal().await {
        let unsigned = trace(&line);
        for place in 0..line.len() {
            let touches =
                |range: &std::ops::Range<usize>| (range.start..=range.end).contains(&place);
            if unsigned.iter().any(touches) {
                continue;
            }
            let mut less = line.clone().into_bytes();
            less.remove(place);
            assert!(findings_of(&verifier, &less) > 0, "-{place}");
            let mut more = line.clone().into_bytes();
            more.insert(place, b'0');
            assert!(findings_of(&verifier, &more) > 0, "+{place}");
        }
    }
}

#[tokio::test]
async fn what_hops_may_change_is_no_finding() {
    let lines = journal().await;
    let changed = lines.iter().map(|line| {
        let line = line.replace("b7ad6b7169203331", "aaaaaaaaaaaaaaaa");
        line.replace(r#""tracestate":"a=1","#, "")
            .replace(r#","source""#, "\t, \"source\"")
    });
    let changed: Vec<String> = changed.collect();
    assert_ne!(changed[0], lines[0]);
    assert_eq!(findings(&changed, Order::Strict), 0);
}

#[tokio::test]
async fn every_line_removed_but_a_runs_first_and_last_is_found() {
    let lines = journal().await;
    for place in 1..lines.len() - 1 {
        let mut less = lines.clone();
        less.remove(place);
        assert!(findings(&less, Order::Any) > 0, "{place}");
    }
}

#[tokio::test]
async fn every_doubled_line_is_found() {
    let lines = journal().await;
    for place in 0..lines.len() {
        for to in 0..=lines.len() {
            let mut more = lines.clone();
            more.insert(to, lines[place].clone());
            assert!(findings(&more, Order::Any) > 0, "{place} at {to}");
        }
    }
}

#[tokio::test]
async fn every_exchange_of_neighbours_is_found_in_strict_order() {
    let lines = journal().await;
    for place in 1..lines.len() {
        let mut exchanged = lines.clone();
        exchanged.swap(place - 1, place);
        assert!(findings(&exchanged, Order::Strict) > 0, "{place}");
        assert_eq!(findings(&exchanged, Order::Any), 0, "{place}");
    }
}

#[tokio::test]
async fn a_stripped_signature_is_found() {
    for line in journal().await {
        let start = line.find(r#""dssematerial""#).unwrap();
        let end = start + line[start..].find(r#"","#).unwrap() + 2;
        let stripped = format!("{}{}", &line[..start], &line[end..]);
        assert_eq!(
            findings_of(&Verifier::new(keys(), Mode::Strict), stripped.as_bytes()),
            1
        );
    }
}

#[tokio::test]
async fn an_event_moved_to_another_tenant_is_found() {
    let lines = journal().await;
    let verifier = Verifier::new(keys(), Mode::Strict);
    let moved = lines[1].replace("acme", "evil");
    assert!(findings_of(&verifier, moved.as_bytes()) > 0);
    let renamed = lines[1].replace(r#""tenantid":"acme""#, r#""tenantid":"evil""#);
    assert!(findings_of(&verifier, renamed.as_bytes()) > 0);
    // A line of another tenant in the place of one of ours leaves a hole behind.
    let foreign = super::support::journal([super::support::of_tenant("1", "evil")]).await;
    let mut spliced = lines.clone();
    spliced[2] = foreign[0].clone();
    assert!(findings(&spliced, Order::Any) > 0);
}
