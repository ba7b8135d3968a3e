//! The page of event types says of each what it is about and which data it has.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use events_bus::{
    AuditRecorded, AuditVerified, EmbedFailed, EmbedRequested, EmbedResult, Health, Lifecycle,
    McpAnnounced, McpDeregistered, McpHeartbeat, NodeHealth, NodeJoined, NodeLeft, RunDone,
    RunFailed, RunStarted, StepDone, StepFailed, StepStarted, ToolConfigured, ToolCrashed,
    ToolInstalled, ToolRemoved, ToolStarted, ToolStopped,
};
use serde_json::Value;

#[test]
fn the_page_has_a_row_for_each_type_with_its_data() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("| Type |").unwrap();
    let (table, _) = rest.split_once("\n\n").unwrap();
    let mut rows: BTreeMap<&str, (&str, Vec<&str>)> = table
        .lines()
        .skip(2)
        .map(|row| {
            let [_, kind, about, data, _] = row.split('|').collect::<Vec<_>>()[..] else {
                panic!("{row}");
            };
            // Words behind a colon explain a value.
            let names = data.split([',', ';']).map(str::trim);
            let names = names.filter_map(|name| name.strip_prefix('`')?.split('`').next());
            (
                kind.trim().trim_matches('`'),
                (about.trim(), names.collect()),
            )
        })
        .collect();
    for (kind, is_about, members) in samples() {
        let (about, names) = rows.remove(kind).unwrap_or_else(|| panic!("{kind}"));
        assert_eq!(!about.is_empty(), is_about, "{kind}");
        for member in &members {
            assert!(names.contains(&member.as_str()), "{kind}: {member}");
        }
    }
    assert!(rows.is_empty(), "{rows:?}");
}

/// Of each type whether it is about something, and the members of its data.
fn samples() -> Vec<(&'static str, bool, Vec<String>)> {
    fn of<L: Lifecycle>(data: &L) -> (&'static str, bool, Vec<String>) {
        let Value::Object(members) = serde_json::to_value(data).unwrap() else {
            panic!("{}", L::TYPE);
        };
        let members = members.into_iter().map(|(name, _)| name).collect();
        (L::TYPE, data.about().is_some(), members)
    }
    let a = || "a".to_owned();
    vec![
        of(&ToolInstalled {
            tool: a(),
            version: a(),
        }),
        of(&ToolConfigured {
            tool: a(),
            config: vec![],
        }),
        of(&ToolStarted { tool: a() }),
        of(&ToolStopped {
            tool: a(),
            reason: a(),
        }),
        of(&ToolCrashed {
            tool: a(),
            error: a(),
            restart_count: 1,
        }),
        of(&ToolRemoved { tool: a() }),
        of(&NodeJoined {
            capabilities: vec![],
        }),
        of(&NodeHealth {
            status: Health::Ok,
            resources: BTreeMap::new(),
        }),
        of(&NodeLeft { reason: a() }),
        of(&RunStarted {
            run: a(),
            spec: a(),
        }),
        of(&RunDone { run: a() }),
        of(&RunFailed {
            run: a(),
            error: a(),
        }),
        of(&StepStarted {
            run: a(),
            step: a(),
        }),
        of(&StepDone {
            run: a(),
            step: a(),
        }),
        of(&StepFailed {
            run: a(),
            step: a(),
            error: a(),
        }),
        of(&AuditRecorded {
            actor: a(),
            action: a(),
            resource: a(),
            outcome: a(),
        }),
        of(&AuditVerified {
            scope: a(),
            verified: 1,
            findings: 0,
        }),
        of(&EmbedRequested {
            request: a(),
            model: a(),
            text: a(),
        }),
        of(&EmbedResult {
            request: a(),
            model: a(),
            vector: vec![],
        }),
        of(&EmbedFailed {
            request: a(),
            error: a(),
            attempts: 1,
        }),
        of(&McpAnnounced {
            server: a(),
            endpoint: a(),
            capabilities: vec![],
        }),
        of(&McpHeartbeat { server: a() }),
        of(&McpDeregistered {
            server: a(),
            reason: a(),
        }),
    ]
}
