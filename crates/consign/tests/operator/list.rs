use events_http::{DlqArea, DlqEntry, DlqPage};

use crate::host::{Host, err, ok, out};

const RECORDS: [(u64, DlqArea, &str); 3] = [
    (7, DlqArea::Waiting, "run.started"),
    (9, DlqArea::SetAside, "audit.x"),
    (13, DlqArea::Dead, "run.done"),
];

#[test]
fn a_table_a_document_and_names() {
    let host = Host::start(&RECORDS);
    let output = host.consign(&["dlq", "ls"]);
    let table = ok(&output);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("ID ") && lines[0].ends_with("SIZE"));
    assert!(
        lines[1].starts_with("00000000000000000007  waiting  "),
        "{table}"
    );
    assert!(lines[1].contains("2026-11-20 11:58:03") && lines[1].ends_with(" B"));
    assert!(err(&output).contains("3 records shown") && err(&output).contains("3m12s"));

    let json: serde_json::Value =
        serde_json::from_str(&ok(&host.consign(&["dlq", "ls", "-o", "json"]))).unwrap();
    assert_eq!(json["kind"], "DlqList");
    let page: DlqPage = serde_json::from_value(json).unwrap();
    assert_eq!(page.records.len(), 3);

    let names = ok(&host.consign(&["dlq", "ls", "--format", "name", "--area", "dead,waiting"]));
    assert_eq!(names, "00000000000000000007\n00000000000000000013\n");
    let rest = ok(&host.consign(&["dlq", "ls", "-o", "name", "--after", "9"]));
    assert_eq!(rest, "00000000000000000013\n");
    let first = host.consign(&["dlq", "ls", "--limit", "1"]);
    assert!(err(&first).contains("--after 7"), "{first:?}");
    let none = host.consign(&["dlq", "ls", "--subject", "nobody.>", "-o", "name"]);
    assert_eq!(ok(&none), "");
}

#[test]
fn a_record_is_shown_and_its_event_kept_byte_for_byte() {
    let host = Host::start(&RECORDS);
    let shown = ok(&host.consign(&["dlq", "show", "7"]));
    assert!(
        shown.contains("SUBJECT       consign.events.single.run.started"),
        "{shown}"
    );
    assert!(shown.ends_with("\"data\":1e2}\n"), "{shown}");
    let json = ok(&host.consign(&["dlq", "show", "00000000000000000007", "-o", "json"]));
    let entry = DlqEntry::from_json(json.as_bytes()).unwrap();
    assert_eq!(entry, host.fake.records.lock().unwrap()[&7]);
    let gone = host.consign(&["dlq", "show", "8"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(err(&gone).contains("try: consign dlq ls"), "{gone:?}");
}

#[test]
fn an_export_is_one_event_a_line() {
    let host = Host::start(&RECORDS);
    let all = ok(&host.consign(&["dlq", "export"]));
    let events: Vec<Vec<u8>> = {
        let records = host.fake.records.lock().unwrap();
        records.values().map(|entry| entry.event.to_vec()).collect()
    };
    let lines: Vec<Vec<u8>> = all.lines().map(|line| line.as_bytes().to_vec()).collect();
    assert_eq!(lines, events);
    let some = host.consign(&["dlq", "export", "9", "8"]);
    assert_eq!(some.status.code(), Some(3), "{some:?}");
    assert_eq!(out(&some).lines().count(), 1);
    assert!(err(&some).contains("1 record not found"));
}

#[test]
fn a_terminal_obeys_nothing_that_a_record_says() {
    let host = Host::start(&RECORDS);
    {
        let mut records = host.fake.records.lock().unwrap();
        let entry = records.get_mut(&7).unwrap();
        entry.summary.reason = "a\u{1b}]0;pwned\u{7}\u{202e}b\nc".into();
        entry.summary.subject = "s\u{9b}31m".into();
        entry.event = "{\"id\":\"\u{9b}31m\u{202e}\"}".into();
    }
    for arguments in [&["dlq", "ls"][..], &["dlq", "show", "7"]] {
        let said = ok(&host.consign(arguments));
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.contains(bad), "{said:?}");
    }
    assert_eq!(ok(&host.consign(&["dlq", "ls"])).lines().count(), 4);
}
