use events_core::subject::Subject;
use events_core::time::Timestamp;
use events_core::{Event, EventBuilder, Problem, TenantId, Violations};
use serde::Serialize;
use ulid::Ulid;

use super::Lifecycle;
use crate::Severity;

/// Who events come from: a node, or a component of one. Every event that it makes has its source,
/// an id of its own (a ULID) and the time it was made.
#[derive(Clone, Debug)]
pub struct Origin {
    source: Box<str>,
    tenant: Option<TenantId>,
}

impl Origin {
    /// A node: `urn:consign:node:<name>`.
    ///
    /// # Errors
    /// A name of other than 1 to 128 of A-Z, a-z, 0-9, `.`, `_` and `-`.
    pub fn node(name: &str) -> Result<Self, Violations> {
        Self::named("node", name)
    }

    /// A component: `urn:consign:component:<name>`, as of a [`Record`](crate::Record).
    ///
    /// # Errors
    /// As [`node`](Self::node).
    pub fn component(name: &str) -> Result<Self, Violations> {
        Self::named("component", name)
    }

    /// The same, for events of `tenant`.
    #[must_use]
    pub fn of_tenant(self, tenant: TenantId) -> Self {
        Self {
            tenant: Some(tenant),
            ..self
        }
    }

    /// The source of its events.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// An event of the type that `data` is the data of.
    ///
    /// # Errors
    /// What it is about is no text for an attribute: empty, or with control characters; a number of
    /// the data is not finite.
    pub fn event<L: Lifecycle>(&self, data: &L) -> Result<Event, Violations> {
        let mut builder = self.builder(L::TYPE, data)?;
        if let Some(about) = data.about() {
            builder = builder.subject(about);
        }
        if let Some(run) = data.run() {
            builder = builder.extension("runid", run);
        }
        if let Some(restarts) = data.restarts() {
            // A CloudEvents integer has 32 bits; the data has the whole number.
            let count = i32::try_from(restarts).unwrap_or(i32::MAX);
            builder = builder.integer_extension("restartcount", count);
        }
        if L::IS_FAILURE {
            builder = Severity::ERROR.on(builder);
        }
        builder.build()
    }

    /// An event of a user's own: type `user.<topic>`, with any data.
    ///
    /// The topic's tokens become tokens of the subject and nothing else, so no topic reaches
    /// another type's subjects.
    ///
    /// # Errors
    /// Data that does not serialise as JSON.
    pub fn user(&self, topic: &Subject, data: &impl Serialize) -> Result<Event, Violations> {
        self.builder(&format!("user.{topic}"), data)?.build()
    }

    /// Something that happened at a gateway: type `mcpgw.<gateway>.events.<name>`.
    ///
    /// # Errors
    /// A gateway's name of more than one token; data that does not serialise as JSON.
    pub fn gateway_event(
        &self,
        gateway: &Subject,
        name: &Subject,
        data: &impl Serialize,
    ) -> Result<Event, Violations> {
        self.gateway(gateway, "events", name, data)
    }

    /// Settings of a gateway that changed: type `mcpgw.<gateway>.config.<name>`, data
    /// `{"config":[…]}`, their names without their values.
    ///
    /// # Errors
    /// A gateway's name of more than one token.
    pub fn gateway_config(
        &self,
        gateway: &Subject,
        name: &Subject,
        settings: &[&str],
    ) -> Result<Event, Violations> {
        #[derive(Serialize)]
        struct Config<'a> {
            config: &'a [&'a str],
        }
        self.gateway(gateway, "config", name, &Config { config: settings })
    }

    fn gateway(
        &self,
        gateway: &Subject,
        class: &str,
        name: &Subject,
        data: &impl Serialize,
    ) -> Result<Event, Violations> {
        if gateway.tokens().count() != 1 {
            let problem = Problem::MustBe("one token, as a gateway's name");
            return Err(Violations::one("gateway", problem));
        }
        let kind = format!("mcpgw.{gateway}.{class}.{name}");
        self.builder(&kind, data)?.build()
    }

    fn builder(&self, kind: &str, data: &impl Serialize) -> Result<EventBuilder, Violations> {
        // The serializer's own words may repeat a value.
        let text = serde_json::to_string(data)
            .map_err(|_| Violations::one("data", Problem::MustBe("what JSON can hold")))?;
        let id = Ulid::generate().to_string();
        let mut builder = Event::builder(&id, &self.source, kind)
            .time(Timestamp::now().as_str())
            .json(&text);
        if let Some(tenant) = &self.tenant {
            builder = builder.extension(TenantId::ATTRIBUTE, tenant.as_str());
        }
        Ok(builder)
    }

    fn named(what: &str, name: &str) -> Result<Self, Violations> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.bytes().all(allowed) {
            let rule = "named with 1 to 128 of A-Z, a-z, 0-9, ., _ and -";
            return Err(Violations::one("source", Problem::MustBe(rule)));
        }
        Ok(Self {
            source: format!("urn:consign:{what}:{name}").into(),
            tenant: None,
        })
    }
}

const LONGEST_NAME: usize = 128;
