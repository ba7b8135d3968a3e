use super::lists::entries;
use super::{Form, Given, Value, Wrong, words};

words! {
    /// A place where events end.
    pub enum SinkKind {
        /// NATS JetStream.
        JetStream = "jetstream",
        /// The local journal.
        Journal = "journal",
        /// The table `agent_events` of a database.
        Store = "store",
        /// The structured log.
        Log = "log",
        /// Nowhere: events are accepted and forgotten.
        Noop = "noop",
    }
}

/// Where events shall go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SinkChoice {
    /// To JetStream when a server is named, else to the journal.
    Auto,
    /// To these, each named once.
    Listed(Vec<SinkKind>),
}

impl Value for SinkChoice {
    const FORM: Form = Form::List {
        noun: "auto, or one or more of jetstream, journal, store, log, noop",
        example: "auto",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        if given.text.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        let mut kinds = Vec::new();
        for text in entries(given.text)? {
            let kind = SinkKind::parse(&Given { text, file: None }).map_err(|_| Wrong::Form)?;
            if kinds.contains(&kind) {
                return Err(Wrong::because(format!("names {kind} twice")));
            }
            kinds.push(kind);
        }
        if kinds.len() > 1 && kinds.contains(&SinkKind::Noop) {
            return Err(Wrong::because(
                "names noop beside other sinks; noop stands alone",
            ));
        }
        Ok(Self::Listed(kinds))
    }
}
