//! The shape of the chain that settings ask for, before anything of it is opened.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use events_runtime::Need;

use crate::broker;
use crate::settings::{
    DlqMode, RedactMode, Settings, SignMode, SinkChoice, SinkEntry, SinkKind, SinkNeed,
};

/// Where events go, and how much each place is needed: one branch, or several in a fan-out.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) branches: Vec<Branch>,
    redacts: bool,
    signs: bool,
}

/// One place where events end.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) end: End,
    pub(crate) need: Need,
    /// How long its destination may take for an answer.
    pub(crate) deadline: Duration,
    /// Where its events wait while it is away, if they do.
    pub(crate) spool: Option<SpoolPlace>,
}

/// A spool's place, on the disk and among the ids.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SpoolPlace {
    pub(crate) dir: PathBuf,
    /// Its records' ids are above this.
    pub(crate) ids_after: u64,
}

/// What a branch ends in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum End {
    /// A sink that settings name.
    Sink(SinkKind),
    /// What Kubernetes is told.
    Kubernetes,
    /// A journal beside the sinks, in this directory.
    Mirror(PathBuf),
}

impl Plan {
    /// The plan that `settings` ask for.
    pub(crate) fn of(settings: &Settings) -> Self {
        let entries = settings.sinks();
        let several = entries.len() > 1;
        let branch = |entry: SinkEntry| Branch {
            end: End::Sink(entry.kind),
            need: match entry.need() {
                SinkNeed::BestEffort if several => Need::BestEffort,
                SinkNeed::OneOf => Need::OneOf,
                SinkNeed::Required | SinkNeed::BestEffort => Need::Required,
            },
            deadline: entry.deadline.unwrap_or(patience(settings, entry.kind)),
            spool: None,
        };
        let mut branches: Vec<Branch> = entries.into_iter().map(branch).collect();
        let beside = |end| Branch {
            end,
            need: Need::BestEffort,
            deadline: LOCAL,
            spool: None,
        };
        if settings.tells_kubernetes() {
            // The log, where nobody listed it, stands last.
            let log = |branch: &Branch| branch.end == End::Sink(SinkKind::Log);
            let place = branches.iter().position(log);
            let place = place.filter(|_| settings.sink == SinkChoice::Auto);
            branches.insert(place.unwrap_or(branches.len()), beside(End::Kubernetes));
        }
        if let Some(dir) = &settings.journal.mirror_path {
            branches.push(beside(End::Mirror(dir.clone())));
        }
        if settings.dlq.mode == DlqMode::File {
            place_spools(&mut branches, settings);
        }
        Self {
            branches,
            redacts: settings.redact.mode != RedactMode::Off,
            signs: settings.sign.mode != SignMode::Off,
        }
    }

    /// The branch alone whose spool this is, with its spool in `dir`, which may be a copy: what it
    /// holds says whose it is, else its name. `None` where it is no branch's, or cannot be read.
    pub(crate) fn narrowed(self, dir: &Path) -> Option<Self> {
        let first = sink_dlq::read(dir).ok()?.find_map(Result::ok);
        let is_of = |place: &SpoolPlace| match &first {
            Some(record) => (record.id.number() > FURTHER) == (place.ids_after == FURTHER),
            None => place.dir.file_name() == dir.file_name(),
        };
        let spooled = self.branches.iter();
        let mut spooled = spooled.filter_map(|branch| Some((branch, branch.spool.as_ref()?)));
        let (branch, place) = spooled.find(|(_, place)| is_of(place))?;
        let branch = Branch {
            need: Need::Required,
            spool: Some(SpoolPlace {
                dir: dir.to_owned(),
                ids_after: place.ids_after,
            }),
            ..branch.clone()
        };
        Some(Self {
            branches: vec![branch],
            ..self
        })
    }
}

impl Branch {
    /// How long a delivery to it may take, its wait for a place in the spool included.
    pub(crate) fn whole_deadline(&self) -> Duration {
        match &self.spool {
            Some(_) => self.deadline + self.order_patience() + SPILLING,
            None => self.deadline,
        }
    }

    /// Longer than any delivery takes, or a later one of a subject could be first in the spool.
    pub(crate) fn order_patience(&self) -> Duration {
        self.deadline + Duration::from_secs(1)
    }
}

impl End {
    /// What status, metrics and logs call it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sink(kind) => kind.as_str(),
            Self::Kubernetes => "k8s",
            Self::Mirror(_) => "mirror",
        }
    }

    /// Whether it may be out of reach while this machine is well.
    pub(crate) const fn can_be_away(&self) -> bool {
        matches!(self, Self::Sink(SinkKind::JetStream | SinkKind::Store))
    }
}

/// The stack as one string, as the composed chain prints itself.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printed = |end: &End| match end {
            End::Sink(kind) => kind.as_str(),
            End::Kubernetes => "k8s",
            End::Mirror(_) => "journal",
        };
        let spooled = |branch: &Branch, inner: String| match branch.spool {
            Some(_) => format!("dlq({inner})"),
            None => inner,
        };
        let wrapped = |mut inner: String| {
            if self.redacts {
                inner = format!("redact({inner})");
            }
            if self.signs {
                inner = format!("sign({inner})");
            }
            inner
        };
        let stack = match self.branches.as_slice() {
            [alone] => spooled(alone, wrapped(printed(&alone.end).to_owned())),
            several => {
                let children = several.iter();
                let children = children.map(|child| spooled(child, printed(&child.end).to_owned()));
                let children: Vec<String> = children.collect();
                wrapped(format!("fanout({})", children.join(", ")))
            }
        };
        f.write_str(&stack)
    }
}

/// A spool stands before each sink that events need and that can be away, and before the journal
/// where nothing else can. The store's is never another's, so that what waits there goes to a store
/// or nowhere, whatever the settings say later.
fn place_spools(branches: &mut [Branch], settings: &Settings) {
    let needed = |branch: &Branch| branch.need != Need::BestEffort;
    let any_away = branches
        .iter()
        .any(|branch| needed(branch) && branch.end.can_be_away());
    for branch in branches.iter_mut().filter(|branch| needed(branch)) {
        let (dir, ids_after) = match branch.end {
            End::Sink(SinkKind::JetStream) => (settings.spool_dir(), 0),
            End::Sink(SinkKind::Store) => (settings.further_spool_dir(), FURTHER),
            End::Sink(SinkKind::Journal) if !any_away => (settings.spool_dir(), 0),
            End::Sink(_) | End::Kubernetes | End::Mirror(_) => continue,
        };
        branch.spool = Some(SpoolPlace { dir, ids_after });
    }
}

/// As long as the sink takes by its own deadlines.
fn patience(settings: &Settings, kind: SinkKind) -> Duration {
    let slack = Duration::from_secs(1);
    match kind {
        SinkKind::JetStream => broker::config(settings).longest_answer(),
        SinkKind::Store => sink_store::Config::default().deadline + slack,
        SinkKind::Journal | SinkKind::Log | SinkKind::Noop => LOCAL,
    }
}

/// Longer than anything on this machine waits.
const LOCAL: Duration = Duration::from_secs(30);

/// Where the ids of the records of a store's spool begin, so that an id names one record of both
/// spools and says whose it is: one and nineteen more digits, as all ids are 20 digits long.
const FURTHER: u64 = 10_000_000_000_000_000_000;

/// How long a spool may take.
const SPILLING: Duration = Duration::from_secs(11);

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Plan;
    use crate::settings::Settings;

    const URL: (&str, &str) = ("CONSIGN_NATS_URL", "nats://a");
    const STORE: (&str, &str) = ("CONSIGN_STORE_URL", "sqlite:s");

    fn plan(set: &[(&str, &str)]) -> Plan {
        let lookup = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        match Settings::from_lookup(&lookup, &[]) {
            Ok((settings, _)) => Plan::of(&settings),
            Err(problems) => panic!("{}", problems.render()),
        }
    }

    fn spools(plan: &Plan) -> Vec<(&'static str, String)> {
        let spooled = plan.branches.iter().filter_map(|branch| {
            let place = branch.spool.as_ref()?;
            let name = place.dir.file_name()?.to_string_lossy();
            Some((branch.end.name(), format!("{name} {}", place.ids_after)))
        });
        spooled.collect()
    }

    #[test]
    fn a_stack_is_one_sink_until_more_is_configured() {
        let mirror = ("CONSIGN_JSONL_PATH", "mirror");
        let list = |text| ("CONSIGN_SINK", text);
        for (set, stack) in [
            (&[][..], "dlq(sign(redact(journal)))"),
            (&[URL], "dlq(sign(redact(jetstream)))"),
            (
                &[URL, mirror],
                "sign(redact(fanout(dlq(jetstream), journal)))",
            ),
            (&[STORE], "sign(redact(fanout(journal, dlq(store), log)))"),
            (
                &[URL, STORE, mirror],
                "sign(redact(fanout(dlq(jetstream), dlq(store), log, journal)))",
            ),
            (&[URL, STORE, list("journal")], "dlq(sign(redact(journal)))"),
            (
                &[list("journal,log"), ("CONSIGN_SIGN", "off")],
                "redact(fanout(dlq(journal), log))",
            ),
            (
                &[STORE, list("journal,store:best-effort")],
                "sign(redact(fanout(dlq(journal), store)))",
            ),
            (
                &[URL, STORE, list("store,jetstream"), ("CONSIGN_DLQ", "off")],
                "sign(redact(fanout(store, jetstream)))",
            ),
            (&[("CONSIGN_USE_NOOP", "1")], "sign(redact(noop))"),
        ] {
            assert_eq!(plan(set).to_string(), stack, "{set:?}");
        }
    }

    #[test]
    fn a_sinks_spool_is_the_same_whatever_stands_beside_it() {
        for list in ["jetstream", "jetstream,store,log", "store,jetstream"] {
            let plan = plan(&[URL, STORE, ("CONSIGN_SINK", list)]);
            let first = ("jetstream", "spool 0".to_owned());
            assert!(spools(&plan).contains(&first), "{list}");
        }
        let both = plan(&[URL, STORE, ("CONSIGN_SINK", "store,jetstream")]);
        let further = ("store", "spool-store 10000000000000000000".to_owned());
        assert_eq!(spools(&both).first(), Some(&further));
        let alone = plan(&[STORE, ("CONSIGN_SINK", "journal,store")]);
        assert_eq!(spools(&alone), [further]);
    }

    #[test]
    fn a_spools_directory_is_redriven_to_its_own_sink() {
        for (dir, stack) in [
            ("/data/spool", "dlq(sign(redact(jetstream)))"),
            ("/data/spool-store", "dlq(sign(redact(store)))"),
        ] {
            let narrowed = plan(&[URL, STORE]).narrowed(Path::new(dir));
            assert_eq!(narrowed.unwrap().to_string(), stack, "{dir}");
        }
        // What a copy holds would say whose it is; this one holds nothing.
        let copy = plan(&[URL, STORE]).narrowed(Path::new("/a/copy"));
        assert!(copy.is_none());
        let forgets = plan(&[("CONSIGN_USE_NOOP", "1")]);
        assert!(forgets.narrowed(Path::new("spool")).is_none());
    }

    #[test]
    fn a_spooled_sink_has_time_to_fail_and_to_be_spilled() {
        let list = ("CONSIGN_SINK", "jetstream,store:required:2s,log");
        for branch in plan(&[URL, STORE, list]).branches {
            match branch.spool {
                Some(_) => assert!(branch.whole_deadline() > branch.deadline * 2),
                None => assert_eq!(branch.whole_deadline(), branch.deadline),
            }
        }
    }
}
