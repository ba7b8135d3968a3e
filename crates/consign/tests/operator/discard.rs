use events_http::DlqArea::{Dead, Waiting};

use crate::host::{Host, err, ok, out};

#[test]
fn records_go_when_somebody_says_so_and_not_before() {
    let host = Host::start(&[(7, Waiting, "t"), (8, Dead, "t"), (9, Dead, "x")]);
    let unasked = host.consign(&["dlq", "drop", "7"]);
    assert_eq!(unasked.status.code(), Some(2));
    let said = err(&unasked);
    for part in [
        "1 record",
        "consign.events.single.t",
        "cannot be undone",
        "--yes",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let rehearsed = host.consign(&["dlq", "drop", "--all", "--dry-run"]);
    assert_eq!(ok(&rehearsed).lines().count(), 4);
    assert_eq!(host.ids(), [7, 8, 9]);

    assert_eq!(
        ok(&host.consign(&["dlq", "drop", "7", "--yes"])),
        "dropped 1 record\n"
    );
    assert_eq!(host.ids(), [8, 9]);
    let dead = ok(&host.consign(&["dlq", "drop", "--area", "dead", "-f", "-o", "name"]));
    assert_eq!(dead, "00000000000000000008\n00000000000000000009\n");
    assert!(host.ids().is_empty());
}

#[test]
fn an_id_that_nobody_has_is_said() {
    let host = Host::start(&[(7, Waiting, "t")]);
    let output = host.consign(&["dlq", "drop", "7", "8", "--yes"]);
    assert_eq!(
        (output.status.code(), out(&output).as_str()),
        (Some(1), "dropped 1 record\n")
    );
    assert!(err(&output).contains("no record has the id 8"));
    let none = host.consign(&["dlq", "drop", "--all", "--yes"]);
    assert_eq!(ok(&none), "");
}
