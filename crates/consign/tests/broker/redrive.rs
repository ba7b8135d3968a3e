//! Records by ids that are right, late and wrong.

use serde_json::Value;

use crate::daemon::Daemon;
use crate::rig::{Rig, bare, err, ok, out};

#[test]
fn an_id_that_was_never_given_is_told_from_one_that_is_gone() {
    let mut rig = Rig::with_streams();
    let daemon = Daemon::start(&rig.server.url());
    let url = daemon.url();
    let consign = |arguments: &[&str]| {
        let arguments = [arguments, &["--url", &url]].concat();
        bare(&arguments).output().unwrap()
    };
    rig.runtime.block_on(rig.server.kill()).unwrap();
    let publish = ["publish", "consign.events.acme.a", "{}", "--through-chain"];
    assert!(ok(&consign(&publish)).starts_with("spilled"));
    let id = ok(&consign(&["dlq", "ls", "-o", "name"]));
    let id = id.trim();
    rig.runtime.block_on(rig.server.restart()).unwrap();
    while !ok(&consign(&["dlq", "ls", "-o", "name"])).is_empty() {}

    let gone = consign(&["dlq", "redrive", id]);
    assert!(ok(&gone).contains("1 already gone"), "{gone:?}");
    let never = consign(&["dlq", "redrive", "98765"]);
    assert_eq!(never.status.code(), Some(1), "{never:?}");
    let said = err(&never);
    assert!(
        said.contains("error: find 1 record to redrive: 98765\n"),
        "{said}"
    );
    assert!(said.contains("\ntry: consign dlq ls"), "{said}");
    let both = consign(&["dlq", "redrive", id, "98765", "98766", "-o", "json"]);
    assert_eq!(both.status.code(), Some(1), "{both:?}");
    let report: Value = serde_json::from_str(&out(&both)).unwrap();
    assert_eq!(report["gone"], 1);
    let unknown: Vec<_> = report["unknown"].as_array().unwrap().iter().collect();
    assert_eq!(unknown, ["00000000000000098765", "00000000000000098766"]);
}
