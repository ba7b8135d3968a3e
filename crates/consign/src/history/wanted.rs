use clap::Args;
use events_core::subject::SubjectPattern;
use events_core::{EventType, Filter, Source, TenantId, WireEvent};
use supervisor::exit::{Exit, Failure};

use super::moment::Moment;

/// Which events are wanted.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Which events")]
pub(crate) struct Wanted {
    /// Events of this type alone.
    #[arg(long = "type", value_name = "TYPE", value_parser = parsed::<EventType>)]
    kind: Option<EventType>,
    /// Events of this source alone.
    #[arg(long, value_name = "URI", value_parser = parsed::<Source>)]
    source: Option<Source>,
    /// Events of this tenant alone.
    #[arg(long, value_name = "ID")]
    tenant: Option<TenantId>,
    /// What was stored from then on: an age such as 30m or 1d3h, a time such as
    /// 2026-11-20T12:00:00Z, or seq:123 with --stream.
    #[arg(long, value_name = "WHEN", alias = "start-time")]
    since: Option<Moment>,
}

/// How much of what is kept is read, in which order it was stored.
#[derive(Clone, Debug)]
pub(crate) enum Span {
    /// The newest, so many of them or all there are.
    Newest(usize),
    /// Everything from somewhere on.
    From(Begin),
}

/// Where a reading begins. A filter's `since` may make it begin later.
#[derive(Clone, Debug)]
pub(crate) enum Begin {
    Oldest,
    /// With what comes next.
    Next,
    /// With the message of that sequence.
    Sequence(u64),
    /// Behind what a bookmark names.
    After(String),
}

impl Wanted {
    /// The filter, for one subject or for all.
    pub(crate) fn filter(
        &self,
        subject: Option<SubjectPattern>,
        until: Option<Moment>,
    ) -> Result<Filter, Failure> {
        let since = self.since.and_then(Moment::time);
        let until = until
            .map(|until| until.time().ok_or_else(no_end))
            .transpose()?;
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            return Err(Failure::new(Exit::Usage, "--since is later than --until"));
        }
        Ok(Filter {
            subject,
            kind: self.kind.clone(),
            source: self.source.clone(),
            tenant: self.tenant,
            since,
            until,
        })
    }

    /// Whether type, source and tenant are those that are wanted.
    pub(crate) fn wants_event(&self, event: Option<&WireEvent>) -> bool {
        let filter = Filter {
            kind: self.kind.clone(),
            source: self.source.clone(),
            tenant: self.tenant,
            ..Filter::default()
        };
        filter.wants_event(event)
    }

    /// Whether a beginning is named.
    pub(crate) fn has_since(&self) -> bool {
        self.since.is_some()
    }

    /// The sequence to begin at, if one is named.
    pub(crate) fn sequence(&self) -> Option<u64> {
        match self.since {
            Some(Moment::Sequence(sequence)) => Some(sequence),
            _ => None,
        }
    }
}

fn no_end() -> Failure {
    Failure::new(Exit::Usage, "--until takes no sequence")
        .try_next("an age such as 30m, a time such as 2026-11-20T12:00:00Z, or --limit N")
}

/// Attributes as their newtypes; a violation says the rule and not the value.
fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| error.to_string())
}
