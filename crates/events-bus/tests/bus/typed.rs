use std::collections::BTreeMap;
use std::fmt::Debug;

use events_bus::{
    AuditRecorded, AuditVerified, EmbedFailed, EmbedRequested, EmbedResult, Health, Lifecycle,
    McpAnnounced, McpDeregistered, McpHeartbeat, NodeHealth, NodeJoined, NodeLeft, Origin, RunDone,
    RunFailed, RunStarted, StepDone, StepFailed, StepStarted, ToolConfigured, ToolCrashed,
    ToolInstalled, ToolRemoved, ToolStarted, ToolStopped,
};
use events_core::subject::Routes;
use events_core::{Data, Event};

use crate::kit::sealed;

fn origin() -> Origin {
    let origin = Origin::node("n1").unwrap();
    origin.of_tenant("acme".parse().unwrap())
}

fn subject(event: &Event) -> String {
    let sealed = sealed(event.clone());
    let (_, subject) = Routes::default()
        .resolve(sealed.attributes())
        .map(|(r, s)| (r.clone(), s))
        .unwrap();
    subject.as_str().to_owned()
}

fn json(event: &Event) -> &str {
    let Some(Data::Json(text)) = event.data() else {
        panic!("no data");
    };
    text.as_str()
}

/// Subject, `subject` attribute and data of the event are as documented, and the data reads back.
fn check<L: Lifecycle + PartialEq + Debug>(data: &L, on: &str, about: &str, text: &str) {
    let event = origin().event(data).unwrap();
    assert_eq!(event.kind().as_str(), L::TYPE);
    assert_eq!(subject(&event), on);
    let attribute = event.subject().map(|subject| subject.as_str().to_owned());
    assert_eq!(attribute.unwrap_or_default(), about);
    assert_eq!(json(&event), text);
    assert_eq!(L::read(&sealed(event)).unwrap(), *data);
}

fn own(text: &str) -> String {
    text.to_owned()
}

#[test]
fn tools_nodes_runs_and_steps_have_their_types_subjects_and_data() {
    let tool = || own("grep");
    let on = |kind: &str| format!("consign.events.acme.{kind}");
    let installed = ToolInstalled {
        tool: tool(),
        version: own("1.2"),
    };
    check(
        &installed,
        &on("tool.installed"),
        "grep",
        r#"{"tool":"grep","version":"1.2"}"#,
    );
    let configured = ToolConfigured {
        tool: tool(),
        config: vec![own("path")],
    };
    check(
        &configured,
        &on("tool.configured"),
        "grep",
        r#"{"tool":"grep","config":["path"]}"#,
    );
    check(
        &ToolStarted { tool: tool() },
        &on("tool.started"),
        "grep",
        r#"{"tool":"grep"}"#,
    );
    let stopped = ToolStopped {
        tool: tool(),
        reason: own("asked"),
    };
    check(
        &stopped,
        &on("tool.stopped"),
        "grep",
        r#"{"tool":"grep","reason":"asked"}"#,
    );
    let crashed = ToolCrashed {
        tool: tool(),
        error: own("boom"),
        restart_count: 2,
    };
    let text = r#"{"tool":"grep","error":"boom","restart_count":2}"#;
    check(&crashed, &on("tool.crashed"), "grep", text);
    check(
        &ToolRemoved { tool: tool() },
        &on("tool.removed"),
        "grep",
        r#"{"tool":"grep"}"#,
    );

    let joined = NodeJoined {
        capabilities: vec![own("gpu")],
    };
    check(
        &joined,
        &on("node.joined"),
        "",
        r#"{"capabilities":["gpu"]}"#,
    );
    check(
        &NodeLeft {
            reason: own("asked"),
        },
        &on("node.left"),
        "",
        r#"{"reason":"asked"}"#,
    );
    let resources = BTreeMap::from([(own("load_1m"), 0.5)]);
    let health = NodeHealth {
        status: Health::Degraded,
        resources,
    };
    let text = r#"{"status":"degraded","resources":{"load_1m":0.5}}"#;
    check(&health, &on("node.health"), "", text);

    let (run, step) = (|| own("r1"), || own("s1"));
    let started = RunStarted {
        run: run(),
        spec: own("nightly"),
    };
    check(
        &started,
        &on("run.started"),
        "r1",
        r#"{"run":"r1","spec":"nightly"}"#,
    );
    check(
        &RunDone { run: run() },
        &on("run.done"),
        "r1",
        r#"{"run":"r1"}"#,
    );
    let failed = RunFailed {
        run: run(),
        error: own("boom"),
    };
    check(
        &failed,
        &on("run.failed"),
        "r1",
        r#"{"run":"r1","error":"boom"}"#,
    );
    let begun = StepStarted {
        run: run(),
        step: step(),
    };
    check(
        &begun,
        &on("step.started"),
        "s1",
        r#"{"run":"r1","step":"s1"}"#,
    );
    let done = StepDone {
        run: run(),
        step: step(),
    };
    check(&done, &on("step.done"), "s1", r#"{"run":"r1","step":"s1"}"#);
    let failed = StepFailed {
        run: run(),
        step: step(),
        error: own("boom"),
    };
    check(
        &failed,
        &on("step.failed"),
        "s1",
        r#"{"run":"r1","step":"s1","error":"boom"}"#,
    );
    let event = origin().event(&failed).unwrap();
    assert_eq!(event.extension("runid").unwrap().as_str(), Some("r1"));
}

#[test]
fn failures_say_so_and_restarts_are_counted_where_attributes_alone_are_seen() {
    let crashed = |restart_count| ToolCrashed {
        tool: own("grep"),
        error: own("boom"),
        restart_count,
    };
    let attributes = |event: &Event| {
        ["severitynumber", "severitytext", "restartcount"].map(|name| {
            event
                .extension(name)
                .map(|value| value.to_canonical().into_owned())
        })
    };
    let event = origin().event(&crashed(2)).unwrap();
    let said = ["17", "ERROR", "2"].map(|text| Some(own(text)));
    assert_eq!(attributes(&event), said);
    let most = origin().event(&crashed(u64::MAX)).unwrap();
    let [_, _, count] = attributes(&most);
    assert_eq!(count.unwrap(), i32::MAX.to_string());
    let done = RunDone { run: own("r1") };
    assert_eq!(
        attributes(&origin().event(&done).unwrap()),
        [const { None }; 3]
    );
    let failed = EmbedFailed {
        request: own("q1"),
        error: own("boom"),
        attempts: 4,
    };
    let [number, ..] = attributes(&origin().event(&failed).unwrap());
    assert_eq!(number.unwrap(), "17");
}

#[test]
fn numbers_that_json_cannot_hold_are_refused() {
    let result = |last| EmbedResult {
        request: own("q1"),
        model: own("m"),
        vector: vec![0.5, last],
    };
    let health = |load| NodeHealth {
        status: Health::Ok,
        resources: BTreeMap::from([(own("load_1m"), load)]),
    };
    assert!(origin().event(&result(1.0)).is_ok() && origin().event(&health(1.0)).is_ok());
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        assert!(origin().event(&result(wrong)).is_err(), "{wrong}");
        assert!(origin().event(&health(wrong.into())).is_err(), "{wrong}");
    }
}

#[test]
fn audit_embedding_and_discovery_go_to_streams_of_their_own() {
    let recorded = AuditRecorded {
        actor: own("bob"),
        action: own("delete"),
        resource: own("file/7"),
        outcome: own("success"),
    };
    let text = r#"{"actor":"bob","action":"delete","resource":"file/7","outcome":"success"}"#;
    check(&recorded, "consign.audit.acme.recorded", "file/7", text);
    let verified = AuditVerified {
        scope: own("AUDIT"),
        verified: 9,
        findings: 0,
    };
    let text = r#"{"scope":"AUDIT","verified":9,"findings":0}"#;
    check(&verified, "consign.audit.acme.verified", "AUDIT", text);

    let request = || own("q1");
    let requested = EmbedRequested {
        request: request(),
        model: own("m"),
        text: own("hi"),
    };
    let text = r#"{"request":"q1","model":"m","text":"hi"}"#;
    check(&requested, "consign.embed.requests", "q1", text);
    let result = EmbedResult {
        request: request(),
        model: own("m"),
        vector: vec![0.5, -1.0],
    };
    let text = r#"{"request":"q1","model":"m","vector":[0.5,-1.0]}"#;
    check(&result, "consign.embed.results", "q1", text);
    let failed = EmbedFailed {
        request: request(),
        error: own("boom"),
        attempts: 4,
    };
    let text = r#"{"request":"q1","error":"boom","attempts":4}"#;
    check(&failed, "consign.embed.dlq", "q1", text);

    let server = || own("files");
    let announced = McpAnnounced {
        server: server(),
        endpoint: own("http://a"),
        capabilities: vec![],
    };
    let text = r#"{"server":"files","endpoint":"http://a","capabilities":[]}"#;
    check(&announced, "consign.mcp.announce", "files", text);
    check(
        &McpHeartbeat { server: server() },
        "consign.mcp.heartbeat",
        "files",
        r#"{"server":"files"}"#,
    );
    let gone = McpDeregistered {
        server: server(),
        reason: own("asked"),
    };
    let text = r#"{"server":"files","reason":"asked"}"#;
    check(&gone, "consign.mcp.deregister", "files", text);
}

#[test]
fn users_and_gateways_name_topics_and_nothing_else() {
    let topic = "chat.sent".parse().unwrap();
    let event = origin().user(&topic, &[1, 2]).unwrap();
    assert_eq!(subject(&event), "consign.events.acme.user.chat.sent");
    assert_eq!(json(&event), "[1,2]");
    let gateway = "gw1".parse().unwrap();
    let event = origin().gateway_event(&gateway, &topic, &()).unwrap();
    assert_eq!(subject(&event), "mcpgw.gw1.events.chat.sent");
    let event = origin()
        .gateway_config(&gateway, &topic, &["timeout"])
        .unwrap();
    assert_eq!(subject(&event), "mcpgw.gw1.config.chat.sent");
    assert_eq!(json(&event), r#"{"config":["timeout"]}"#);
    assert!(
        origin().gateway_event(&topic, &gateway, &()).is_err(),
        "two tokens"
    );
}

#[test]
fn each_event_has_an_identity_of_its_own_and_the_time_it_was_made() {
    let event = || origin().event(&ToolStarted { tool: own("grep") }).unwrap();
    let (one, other) = (event(), event());
    assert_ne!(one.id(), other.id());
    assert!(one.time().is_some());
    let component = Origin::component("runtime.k8s").unwrap();
    assert_eq!(component.source(), "urn:consign:component:runtime.k8s");
}

#[test]
fn what_is_malformed_is_refused_without_its_values() {
    for name in ["", "a b", "a\nb", "é", "a/b", &"x".repeat(129)] {
        assert!(Origin::node(name).is_err());
    }
    let nameless = ToolStarted {
        tool: String::new(),
    };
    assert!(origin().event(&nameless).is_err());
    let started = sealed(
        origin()
            .event(&ToolStarted {
                tool: own("hello-bob"),
            })
            .unwrap(),
    );
    assert!(ToolRemoved::read(&started).is_err(), "another type");
    let topic = "x".parse().unwrap();
    let user = origin().user(&topic, &"hello bob").unwrap();
    let mut builder = Event::builder("1", "/s", ToolCrashed::TYPE);
    builder = builder.json(r#"{"tool":"hello bob","restart_count":"hello bob"}"#);
    let array = Event::builder("2", "/s", ToolCrashed::TYPE).json(r#"["bob","bob",1]"#);
    for event in [user, builder.build().unwrap(), array.build().unwrap()] {
        let error = ToolCrashed::read(&sealed(event)).unwrap_err();
        assert!(!format!("{error:?}").contains("bob"), "{error:?}");
    }
    let crashed = ToolCrashed {
        tool: own("hello"),
        error: own("bob"),
        restart_count: 0,
    };
    assert_eq!(format!("{crashed:?}"), "tool.crashed");
}
