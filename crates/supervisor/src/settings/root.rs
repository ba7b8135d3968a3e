use std::path::{Path, PathBuf};
use std::time::Duration;

use events_core::TenantId;
use events_core::subject::{Routes, TemplateError};

use super::row::Row;
use super::section::section;
use super::sections::{
    Console, Dlq, Http, Journal, Kubernetes, KubernetesEvents, Log, Nats, Node, Redact, Router,
    Sign, Store, Streams, Verify,
};
use super::values::{
    Bytes, ReadableFile, RouteTexts, SinkChoice, SinkEntry, SinkKind, Template, Token, words,
};

section! {
    "General";
    /// Everything the daemon and the command line can be told, parsed and checked.
    pub struct Settings {
        /// A TOML file of settings; its keys are these names in lower case without `CONSIGN_`.
        pub config: Option<ReadableFile> = Row::new("CONSIGN_CONFIG");
        /// Where journal, spool and keys are kept.
        pub data_dir: PathBuf = Row::new("CONSIGN_DATA_DIR")
            .default("./consign-data")
            .default_note("$STATE_DIRECTORY or ./consign-data")
            .fallback("STATE_DIRECTORY")
            .translate(first_directory);
        /// A set of demands on the other settings: `hardened` insists on broker, streams and
        /// signing, `airgapped` on signing and on the journal alone.
        pub profile: Profile = Row::new("CONSIGN_PROFILE")
            .default("portable")
            .legacy(&["CELLOS_DEPLOYMENT_PROFILE"]);
        /// Whether events are read as NDJSON from standard input.
        pub stdin: bool = Row::new("CONSIGN_STDIN").default("false");
        /// Where events end: `auto`, or sinks as `name[:need[:deadline]]`, a need being `required`, `best-effort` or `one-of`. `auto` is JetStream when a NATS URL is set, else the journal; beside it the store when CONSIGN_STORE_URL is set; beside a store or Kubernetes the log too.
        pub sink: SinkChoice = Row::new("CONSIGN_SINK")
            .default("auto")
            .legacy(&["CRUVERO_EVENTS_BACKEND"])
            .translate(backend);
        /// Whether events are accepted and forgotten.
        pub use_noop: bool = Row::new("CONSIGN_USE_NOOP")
            .default("false")
            .legacy(&["CELL_OS_USE_NOOP_SINK"]);
        /// The largest event accepted; the rest up to the broker's 1MiB is for the signature.
        pub max_event_bytes: Bytes = Row::new("CONSIGN_MAX_EVENT_BYTES")
            .default("256KiB")
            .least("64KiB")
            .most("960KiB");
        /// The tenant of events that name none.
        pub tenant_default: TenantId = Row::new("CONSIGN_TENANT_DEFAULT")
            .default("single")
            .legacy(&["CELLOS_TENANT_ID"]);
        /// The subject of events whose type has no place of its own.
        pub subject: Template = Row::new("CONSIGN_SUBJECT")
            .default("{prefix}.events.{tenantId}.{type}")
            .legacy(&["CELLOS_EVENTS_SUBJECT_TEMPLATE", "CELL_OS_EVENTS_SUBJECT"]);
        /// What `{prefix}` stands for.
        pub subject_prefix: Token = Row::new("CONSIGN_SUBJECT_PREFIX")
            .default("consign")
            .legacy(&["CRUVERO_EVENTS_SUBJECT_PREFIX"]);
        /// Subjects by type, in place of the built-in ones; the first pattern that matches counts.
        pub routes: Option<RouteTexts> = Row::new("CONSIGN_ROUTES").default_note("built-in");
        /// How long a stop may take to finish what was accepted.
        pub shutdown_grace: Duration = Row::new("CONSIGN_SHUTDOWN_GRACE")
            .default("20s")
            .least("1ms");
    }
    with {
        /// How events come in.
        pub http: Http;
        /// What is removed from events.
        pub redact: Redact;
        /// How events are signed.
        pub sign: Sign;
        /// What incoming signatures are worth.
        pub verify: Verify;
        /// Events kept in files.
        pub journal: Journal;
        /// The logs of the daemon itself.
        pub log: Log;
        /// The broker.
        pub nats: Nats;
        /// The broker's streams.
        pub streams: Streams;
        /// Events that wait for their destination.
        pub dlq: Dlq;
        /// Events kept in a database.
        pub store: Store;
        /// Events told to Kubernetes.
        pub kubernetes: Kubernetes;
        /// What the daemon tells of itself.
        pub node: Node;
        /// The event router.
        pub router: Router;
        /// The web console and the live event stream.
        pub console: Console;
    }
}

words! {
    /// A set of demands on the settings.
    pub enum Profile {
        /// No demands.
        Portable = "portable",
        /// Broker, stream and signing required; no sink that forgets.
        Hardened = "hardened",
        /// The journal alone, signing required; no sink that forgets.
        Airgapped = "airgapped",
    }
}

impl Settings {
    /// Where events end: the choice with `auto` and the explicit noop resolved.
    #[must_use]
    pub fn sinks(&self) -> Vec<SinkEntry> {
        let automatic = || self.automatic().into_iter().map(SinkEntry::from).collect();
        self.listed().unwrap_or_else(automatic)
    }

    /// The names of the sinks where events end.
    #[must_use]
    pub fn sink_kinds(&self) -> Vec<SinkKind> {
        self.sinks().iter().map(|entry| entry.kind).collect()
    }

    /// Whether Kubernetes is told of events: where it has to be, and by itself in a pod that has a
    /// service account, unless the journal stands alone. Never where events are forgotten.
    #[must_use]
    pub fn tells_kubernetes(&self) -> bool {
        let asked = match self.kubernetes.events {
            KubernetesEvents::On => true,
            KubernetesEvents::Off => false,
            KubernetesEvents::Auto => {
                self.profile != Profile::Airgapped && self.kubernetes.is_in_a_pod()
            }
        };
        asked
            && self
                .listed()
                .is_none_or(|listed| listed != [SinkKind::Noop.into()])
    }

    /// The sinks that are named, the explicit noop resolved; none for `auto`.
    fn listed(&self) -> Option<Vec<SinkEntry>> {
        match &self.sink {
            _ if self.use_noop => Some(vec![SinkKind::Noop.into()]),
            SinkChoice::Listed(listed) => Some(listed.clone()),
            SinkChoice::Auto => None,
        }
    }

    /// One sink where nothing else is configured. Beside a store or Kubernetes, the log is one
    /// more.
    fn automatic(&self) -> Vec<SinkKind> {
        let primary = match self.nats.is_named() {
            true => SinkKind::JetStream,
            false => SinkKind::Journal,
        };
        let store = self.store.url.is_some().then_some(SinkKind::Store);
        let log = store.is_some() || self.tells_kubernetes();
        let log = log.then_some(SinkKind::Log);
        [Some(primary), store, log].into_iter().flatten().collect()
    }

    /// The routes from event types to subjects, with the prefix in place.
    ///
    /// # Errors
    /// None for settings that were read: their templates are known to parse.
    pub fn routing(&self) -> Result<Routes, TemplateError> {
        let prefix = self.subject_prefix.as_str();
        match &self.routes {
            Some(texts) => Routes::custom(texts.iter(), prefix),
            None => Routes::standard(prefix, self.subject.as_str()),
        }
    }

    /// Where the spool is.
    #[must_use]
    pub fn spool_dir(&self) -> PathBuf {
        self.dlq
            .dir
            .clone()
            .unwrap_or_else(|| self.data_dir.join("spool"))
    }

    /// Where a second spool is, for a further sink that can be away: beside the first.
    #[must_use]
    pub fn further_spool_dir(&self) -> PathBuf {
        let first = self.spool_dir();
        let mut name = first.file_name().unwrap_or_default().to_owned();
        name.push("-store");
        first.with_file_name(name)
    }

    /// Where the journal is.
    #[must_use]
    pub fn journal_dir(&self) -> PathBuf {
        self.data_dir.join("journal")
    }

    /// Where keys are kept.
    #[must_use]
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    /// Where the private key is that was configured as a file, if it was.
    #[must_use]
    pub fn sign_key_file(&self) -> Option<&Path> {
        self.sign.key.as_ref()?.file()
    }
}

/// systemd separates several state directories by colons.
fn first_directory(list: &str) -> String {
    list.split(':').next().unwrap_or_default().to_owned()
}

fn backend(name: &str) -> String {
    if name.eq_ignore_ascii_case("nats") {
        "jetstream"
    } else {
        name
    }
    .to_owned()
}
