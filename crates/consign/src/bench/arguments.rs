use std::num::NonZeroU64;
use std::time::Duration;

use clap::{Args, ValueEnum};
use events_core::{EventType, TenantId};
use supervisor::exit::{Exit, Failure};
use supervisor::settings::Bytes;

use super::percent::Percent;
use super::run_id::RunId;
use super::schedule::Schedule;
use crate::client::Address;
use crate::human::counted;

/// What is run, and what is demanded of it.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  consign bench --events 10000 --rate 100 --min-delivery 99.99 --max-p99 50ms\n  \
                  consign bench --flat-out --batch 100 --leg sse -o json"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(super) address: Address,

    /// How many events.
    #[arg(long, value_name = "N", default_value_t = 10_000, alias = "steady-events",
        value_parser = clap::value_parser!(u64).range(1..=MOST_EVENTS))]
    pub(super) events: u64,

    /// How many a second, as steady as can be; 0 for as many as the window allows.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100,
        alias = "steady-rate",
        conflicts_with = "flat_out"
    )]
    rate: u64,

    /// As many a second as the window allows.
    #[arg(long)]
    flat_out: bool,

    /// How many events a request holds. They are due together.
    #[arg(long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(1..=1000))]
    batch: u64,

    /// The most requests under way. One that is due and finds no room waits, and the wait counts.
    #[arg(long, value_name = "N", default_value_t = 64,
        value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) window: u16,

    /// How large an event's data is.
    #[arg(long, value_name = "SIZE", default_value = "1KiB", value_parser = size)]
    pub(super) size: Bytes,

    /// What to call the run: a token of letters, digits, - and _ [default: a new ULID].
    #[arg(long, value_name = "NAME", alias = "workflow-id")]
    pub(super) run_id: Option<RunId>,

    /// Whose events [default: that of CONSIGN_TENANT_DEFAULT].
    #[arg(long, value_name = "NAME")]
    pub(super) tenant: Option<TenantId>,

    /// The events' type, which decides on their stream.
    #[arg(long = "type", value_name = "TYPE", default_value = "bench.event")]
    pub(super) kind: EventType,

    /// Write into the audit stream all the same, where a type below audit. leads.
    #[arg(long)]
    i_know_this_is_audit: bool,

    /// Where arrivals are looked for.
    #[arg(long, value_enum, default_value = "both")]
    pub(super) leg: Legs,

    /// The subject to watch on the broker [default: what the settings make of the events].
    #[arg(long, value_name = "SUBJECT")]
    pub(super) subject: Option<String>,

    /// How many events go ahead and are not counted. The run begins once each leg shows one, so
    /// there is at least one.
    #[arg(long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(u64).range(0..=100_000))]
    pub(super) warm_up: u64,

    /// How long to wait for stragglers after the last answer.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = humantime::parse_duration)]
    pub(super) settle: Duration,

    /// Exit 3 where fewer of a hundred events arrive on a leg.
    #[arg(long, value_name = "PERCENT")]
    pub(super) min_delivery: Option<Percent>,

    /// Exit 3 where the 99th percentile of a leg's latency is above it.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(super) max_p99: Option<Duration>,
}

/// Where arrivals are looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Legs {
    /// On the broker, and on the supervisor's live tail.
    Both,
    /// On the broker alone.
    Nats,
    /// On the supervisor's live tail alone.
    Sse,
    /// Nowhere: answers alone.
    None,
}

impl Arguments {
    /// Refuses to fill the audit stream by mistake: nobody can purge it.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let kind = self.kind.as_str();
        let is_audit = kind == "audit" || kind.starts_with("audit.");
        if !is_audit || self.i_know_this_is_audit {
            return Ok(());
        }
        let events = counted(self.events + self.warm_up.max(1), "event");
        let what = format!("write {events} into the audit stream");
        Err(Failure::new(Exit::Usage, what)
            .because("audit events are evidence, kept for months, and the stream denies purging")
            .try_next("another --type; or the same with --i-know-this-is-audit"))
    }

    pub(super) fn schedule(&self) -> Schedule {
        let rate = if self.flat_out { 0 } else { self.rate };
        Schedule {
            events: self.events,
            batch: self.batch,
            rate: NonZeroU64::new(rate),
        }
    }
}

impl Legs {
    pub(super) const fn nats(self) -> bool {
        matches!(self, Self::Both | Self::Nats)
    }

    pub(super) const fn sse(self) -> bool {
        matches!(self, Self::Both | Self::Sse)
    }
}

fn size(text: &str) -> Result<Bytes, &'static str> {
    let size = text.parse::<Bytes>().ok();
    let size = size.filter(|size| size.as_len() <= MOST_DATA);
    size.ok_or("want a size of at most 960KiB, such as 512 or 4KiB")
}

/// What an event may have at most, whatever the supervisor's settings.
const MOST_DATA: usize = 960 << 10;
/// Nine bytes of memory or so for each of them and each leg.
const MOST_EVENTS: u64 = 10_000_000;
