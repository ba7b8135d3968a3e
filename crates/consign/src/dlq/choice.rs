use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use events_core::subject::SubjectPattern;
use events_core::{ErrorKind, TenantId};
use events_http::{DlqArea, DlqQuery, DlqSelection};
use supervisor::exit::{Exit, Failure};

/// What records have to be like.
#[derive(Args, Clone, Debug)]
pub(super) struct Filter {
    /// Only records of these areas: waiting, set-aside, dead.
    #[arg(long, value_name = "AREA", value_delimiter = ',')]
    area: Vec<DlqArea>,
    /// Only records whose subject matches, such as 'consign.audit.*.>'.
    #[arg(long, value_name = "PATTERN")]
    subject: Option<SubjectPattern>,
    /// Only records whose event has this type.
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Only records of this tenant.
    #[arg(long)]
    tenant: Option<TenantId>,
    /// Only records that failed last with this kind of error.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
}

/// Which records are meant: by their ids, by what they are like, or all.
#[derive(Args, Clone, Debug)]
pub(super) struct Choice {
    /// Records by their ids, as `consign dlq ls` shows them.
    #[arg(value_name = "ID", value_parser = id,
        conflicts_with_all = ["all", "area", "subject", "event_type", "tenant", "kind"])]
    ids: Vec<u64>,
    /// Every record, dead ones included.
    #[arg(long, conflicts_with_all = ["area", "subject", "event_type", "tenant", "kind"])]
    all: bool,
    #[command(flatten)]
    filter: Filter,
}

/// Kinds of error, as flags name them.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Invalid,
    Rejected,
    Unavailable,
    Saturated,
    Config,
}

impl Filter {
    fn is_open(&self) -> bool {
        self.area.is_empty()
            && self.subject.is_none()
            && self.event_type.is_none()
            && self.tenant.is_none()
            && self.kind.is_none()
    }

    /// The query that asks for such records.
    pub(super) fn query(&self) -> DlqQuery {
        let areas: BTreeSet<DlqArea> = self.area.iter().copied().collect();
        let usual = DlqQuery::default();
        DlqQuery {
            areas: if areas.is_empty() { usual.areas } else { areas },
            subject: self.subject.clone(),
            event_type: self.event_type.clone(),
            tenant: self.tenant,
            reason_kind: self.kind.map(ErrorKind::from),
            after: None,
            limit: usual.limit,
        }
    }
}

impl Choice {
    /// What was chosen; `None` for nothing.
    pub(super) fn selection(&self) -> Option<DlqSelection> {
        if !self.ids.is_empty() {
            let ids: BTreeSet<u64> = self.ids.iter().copied().collect();
            return Some(DlqSelection::Ids(ids.into_iter().collect()));
        }
        if self.all {
            return Some(DlqSelection::All);
        }
        (!self.filter.is_open()).then(|| DlqSelection::Query(self.filter.query()))
    }

    /// What was chosen, for a command that will not guess.
    pub(super) fn explicit(&self, verb: &str) -> Result<DlqSelection, Failure> {
        self.selection().ok_or_else(|| {
            Failure::new(Exit::Usage, format!("tell which records to {verb}"))
                .because("no record was chosen")
                .try_next(format!(
                    "consign dlq {verb} ID, --area dead, --subject PATTERN, or --all"
                ))
        })
    }
}

impl From<Kind> for ErrorKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Invalid => Self::Invalid,
            Kind::Rejected => Self::Rejected,
            Kind::Unavailable => Self::Unavailable,
            Kind::Saturated => Self::Saturated,
            Kind::Config => Self::Config,
        }
    }
}

/// A record's id, with or without its leading zeros.
pub(super) fn id(text: &str) -> Result<u64, &'static str> {
    let digits = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    let id = digits.then(|| text.parse().ok()).flatten();
    id.ok_or("a record's id is a number of up to 20 digits")
}
