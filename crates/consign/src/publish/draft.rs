use clap::Args;
use events_core::codec::structured;
use events_core::time::Timestamp;
use events_core::{Event, TenantId};
use serde_json::value::RawValue;
use supervisor::exit::{Exit, Failure};
use ulid::Ulid;

use super::guess::Guess;

/// What an event is made of beside its data.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The event")]
pub(super) struct Attributes {
    /// Its type [default: what the subject says below the prefix].
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// The context it happened in, a URI-reference.
    #[arg(
        long,
        value_name = "URI",
        default_value = "urn:consign:component:consign"
    )]
    source: String,
    /// Its identity within the source; the same one again is a duplicate [default: a new ULID].
    #[arg(long)]
    pub(super) id: Option<String>,
    /// Its tenant [default: the one in the subject].
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
    /// When it happened, RFC 3339 [default: now].
    #[arg(long)]
    time: Option<String>,
    /// An extension attribute; repeat for more.
    #[arg(long = "ext", value_name = "NAME=VALUE")]
    extensions: Vec<String>,
}

impl Attributes {
    /// A new event with this data, in structured mode.
    pub(super) fn event(&self, guess: &Guess, data: Option<&str>) -> Result<String, Failure> {
        let id = self
            .id
            .clone()
            .unwrap_or_else(|| Ulid::generate().to_string());
        let time = self
            .time
            .clone()
            .unwrap_or_else(|| Timestamp::now().to_string());
        let kind = self.kind.as_deref().unwrap_or(&guess.kind);
        let mut draft = Event::builder(&id, &self.source, kind).time(&time);
        let tenant = self.tenant.map(|tenant| tenant.as_str().to_owned());
        if let Some(tenant) = tenant.or_else(|| guess.tenant.clone()) {
            draft = draft.extension("tenantid", &tenant);
        }
        for extension in &self.extensions {
            let Some((name, value)) = extension.split_once('=') else {
                return Err(Failure::new(Exit::Usage, "--ext takes NAME=VALUE"));
            };
            draft = draft.extension(name, value);
        }
        if let Some(data) = data {
            draft = draft.data_content_type("application/json").json(data);
        }
        let event = draft.build().map_err(|violations| {
            Failure::new(Exit::Failed, "make the event").because(violations)
        })?;
        Ok(structured::encode(&event))
    }
}

/// Whether a JSON text is an event by itself. Whether it is a good one is another question.
pub(super) fn is_event(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Marked<'a> {
        #[serde(borrow)]
        specversion: Option<&'a RawValue>,
    }
    serde_json::from_str::<Marked<'_>>(text).is_ok_and(|marked| marked.specversion.is_some())
}
