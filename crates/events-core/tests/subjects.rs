//! One event, one subject, one tenant token.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use events_core::subject::{Routes, Subject, SubjectTemplate, TemplateError};
use events_core::{Event, TenantId, resolve_tenant_subject};
use proptest::prelude::{any, proptest};

fn of_type(kind: &str) -> Event {
    Event::builder("1", "/s", kind)
        .extension("tenantid", "acme")
        .build()
        .unwrap()
}

fn routed(kind: &str) -> Option<(String, String)> {
    let routes = Routes::default();
    let event = of_type(kind);
    let (route, subject) = routes.resolve(&event).ok()?;
    Some((route.name().to_owned(), subject.to_string()))
}

#[test]
fn types_choose_their_class() {
    let expected = [
        (
            "audit.login.failed",
            "audit",
            "consign.audit.acme.login.failed",
        ),
        ("embed.requests", "embed", "consign.embed.requests"),
        ("embed.results.ok", "embed", "consign.embed.results.ok"),
        ("embed.dlq", "embeddlq", "consign.embed.dlq"),
        ("embed.dlq.x", "embeddlq", "consign.embed.dlq"),
        ("mcp.announce", "mcp", "consign.mcp.announce"),
        ("mcpgw.gw1.events.tool", "mcpgw", "mcpgw.gw1.events.tool"),
        ("run.started", "events", "consign.events.acme.run.started"),
        ("audit", "events", "consign.events.acme.audit"),
        ("embed.other", "events", "consign.events.acme.embed.other"),
    ];
    for (kind, route, subject) in expected {
        assert_eq!(
            routed(kind),
            Some((route.to_owned(), subject.to_owned())),
            "{kind}"
        );
    }
}

#[test]
fn a_type_that_makes_no_tokens_is_refused() {
    for kind in [
        "a b",
        "a..b",
        ".a",
        "a.",
        "*",
        "a.>",
        "é",
        "audit.a b",
        "audit.",
    ] {
        assert_eq!(routed(kind), None, "{kind}");
    }
}

#[test]
fn templates_are_checked_when_they_are_parsed() {
    let parse = |text: &str| SubjectTemplate::parse(text, "consign");
    assert_eq!(
        parse("{prefix}.{nope}"),
        Err(TemplateError::Unknown("nope".into()))
    );
    assert_eq!(parse("a.{type"), Err(TemplateError::Unbalanced));
    assert_eq!(parse("a.}"), Err(TemplateError::Unbalanced));
    assert_eq!(parse("a.{rest}"), Err(TemplateError::NoRest));
    for bad in [
        "",
        "a..b",
        "a.x{type}",
        "{type}{tenantId}",
        "a b",
        "a.*",
        "a.>",
    ] {
        assert!(
            matches!(parse(bad), Err(TemplateError::NoSubject(_))),
            "{bad}"
        );
    }
}

#[test]
fn a_template_without_placeholders_is_the_subject() {
    let subject = resolve_tenant_subject("plain.subject", &of_type("a b"));
    assert_eq!(subject.unwrap().as_str(), "plain.subject");
}

#[test]
fn spec_and_run_come_from_their_extensions() {
    let event = Event::builder("1", "src", "t")
        .extension("specid", "s1")
        .extension("runid", "r1");
    let event = event.build().unwrap();
    let subject = resolve_tenant_subject("{prefix}.{specId}.{runId}.{source}", &event).unwrap();
    assert_eq!(subject.as_str(), "consign.s1.r1.src");
    let error = resolve_tenant_subject("{specId}.{runId}", &of_type("t")).unwrap_err();
    let text = error.violations().unwrap().to_string();
    assert_eq!(text, "specid is missing; runid is missing");
}

#[test]
fn routes_of_ones_own_are_tried_in_order() {
    let routes = Routes::custom([("a.>", "x.{rest}"), (">", "y.{tenantId}")], "p").unwrap();
    let named = |kind: &str| {
        let event = of_type(kind);
        let (route, subject) = routes.resolve(&event).unwrap();
        (route.name().to_owned(), subject.to_string())
    };
    assert_eq!(named("a.b.c"), ("r1".to_owned(), "x.b.c".to_owned()));
    assert_eq!(named("b"), ("r2".to_owned(), "y.acme".to_owned()));
}

proptest! {
    #[test]
    fn the_number_of_tokens_depends_on_the_type_alone(
        id in any::<String>(), tenant in any::<String>(), kind in any::<String>(),
    ) {
        let built = Event::builder(&id, "/s", &kind).extension("tenantid", &tenant).build();
        let Ok(event) = built else { return Ok(()) };
        if let Ok(subject) = resolve_tenant_subject("p.{tenantId}.{type}", &event) {
            assert_eq!(subject.tokens().count(), 2 + kind.split('.').count());
            assert_eq!(subject.tokens().nth(1), Some(tenant.as_str()));
            assert!(tenant.parse::<TenantId>().is_ok());
            assert!(subject.as_str().parse::<Subject>().is_ok());
        }
    }
}
