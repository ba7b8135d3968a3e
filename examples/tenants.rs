//! Tenants: each has subjects of its own, and none can speak in another's name or take another's
//! identity. Run it: `cargo run --example tenants`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use events_core::subject::Routes;
use events_core::{Event, EventSinkExt as _, NoopSink};

fn main() -> Result<(), Box<dyn Error>> {
    let routes = Routes::standard("acme", "{prefix}.events.{tenantId}.{type}")?;
    println!("the same source and id, from two tenants:");
    for tenant in ["red", "blue"] {
        let event = event().extension("tenantid", tenant).build()?;
        let (_, subject) = routes.resolve(&event)?;
        for sealed in NoopSink.seal(vec![event.clone()]) {
            println!("  {subject} {}", sealed?.message_id());
        }
    }
    println!("the tenant may stand in the data, and an audit event has a stream of its own:");
    let in_data = event().json(r#"{"tenantId":"green"}"#).build()?;
    println!("  {}", routes.resolve(&in_data)?.1);
    let audit = Event::builder("1", "/door", "audit.door.opened").extension("tenantid", "red");
    println!("  {}", routes.resolve(&audit.build()?)?.1);
    println!("what would reach further is refused:");
    for tenant in ["*", ">", "red.>", "red blue", "", "$JS"] {
        // Some of these are no extension's value at all, the others no tenant.
        let refused = match event().extension("tenantid", tenant).build() {
            Ok(event) => routes.resolve(&event).map(drop),
            Err(violations) => Err(violations),
        };
        let why = refused.err().map(|violations| violations.to_string());
        println!("  {tenant:?}: {}", why.unwrap_or_default());
    }
    Ok(())
}

fn event() -> events_core::EventBuilder {
    Event::builder("1", "/door", "door.opened")
}
