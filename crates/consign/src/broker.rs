//! Reaches a broker, with natscli's flags and variables.

use std::path::{self, Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap_complete::ArgValueCandidates;
use supervisor::exit::{Exit, Failure};
use supervisor::settings::{Flags, Problems, Settings};
use supervisor::{NatsContext, Reached};

use crate::completion;
use crate::context::ContextFile;
use crate::human::safe;

/// Which broker, and who asks. What is left out is that of the settings.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Broker")]
pub(crate) struct BrokerArguments {
    /// NATS server URL(s), comma-separated [default: that of CONSIGN_NATS_URL, NATS_URL or the
    /// context, else nats://127.0.0.1:4222].
    #[arg(short, long, global = true, value_name = "URL", alias = "nats-url")]
    server: Option<String>,

    /// The natscli context to use [default: CONSIGN_NATS_CONTEXT, NATS_CONTEXT, else the one that
    /// is selected].
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "server",
        add = ArgValueCandidates::new(completion::contexts))]
    context: Option<String>,

    /// User name.
    #[arg(long, global = true, value_name = "NAME", requires = "password")]
    user: Option<String>,

    /// Password. Other users of this machine can see it: CONSIGN_NATS_PASSWORD_FILE keeps it.
    #[arg(long, global = true, value_name = "TEXT", requires = "user")]
    password: Option<String>,

    /// Token. Other users of this machine can see it: CONSIGN_NATS_TOKEN_FILE keeps it.
    #[arg(long, global = true, value_name = "TEXT")]
    token: Option<String>,

    /// A .creds file.
    #[arg(long, global = true, value_name = "FILE")]
    creds: Option<PathBuf>,

    /// A file with an nkey seed.
    #[arg(long, global = true, value_name = "FILE")]
    nkey: Option<PathBuf>,

    /// The client's certificate, for mutual TLS.
    #[arg(long, global = true, value_name = "FILE", requires = "tlskey")]
    tlscert: Option<PathBuf>,

    /// The private key of the client's certificate.
    #[arg(long, global = true, value_name = "FILE", requires = "tlscert")]
    tlskey: Option<PathBuf>,

    /// The certificates that are trusted.
    #[arg(long, global = true, value_name = "FILE")]
    tlsca: Option<PathBuf>,

    /// How long a connection, and an answer, may take.
    #[arg(long, global = true, value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
}

impl BrokerArguments {
    /// The settings below these flags.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        Settings::from_env_under(&self.flags())
            .map(|(settings, _)| settings)
            .map_err(|problems| unusable(&problems))
    }

    /// Whether a flag itself names the broker.
    pub(crate) fn is_named(&self) -> bool {
        self.server.is_some() || self.context.is_some()
    }

    /// The same with so much time for each answer, unless a flag says otherwise.
    pub(crate) fn within(mut self, time: Duration) -> Self {
        self.timeout = self.timeout.or(Some(time));
        self
    }

    /// Connects, as a supervisor with these settings would. Where no broker is named, natscli's
    /// selected context is used, else the usual address of this machine.
    ///
    /// # Errors
    /// As [`supervisor::reach`]. Where nothing but habit names a broker and a journal is at hand,
    /// what to try is the journal.
    pub(crate) async fn reach(&self) -> Result<Reached, Failure> {
        let settings = self.settings()?;
        if settings.nats.is_named() {
            return supervisor::reach(&settings).await;
        }
        let mut arguments = self.clone();
        if let Some(context) = selected(&settings)? {
            arguments.context = Some(context);
            return supervisor::reach(&arguments.settings()?).await;
        }
        arguments.server = Some(USUAL.to_owned());
        let reached = supervisor::reach(&arguments.settings()?).await;
        reached.map_err(|failure| match journal_at_hand(&settings) {
            Some(dir) if failure.exit() == Exit::Unreachable => failure.try_next(format!(
                "consign replay --dir {dir}, which has the journal of a supervisor without a \
                 broker; or --server URL of a broker that runs"
            )),
            _ => failure,
        })
    }

    /// What the flags name, as natscli would keep it.
    pub(crate) fn as_context(&self) -> ContextFile {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let file = |value: &Option<PathBuf>| match value {
            Some(path) => path::absolute(path).unwrap_or_else(|_| path.clone()),
            None => PathBuf::new(),
        };
        let file = |value| file(value).display().to_string();
        ContextFile {
            url: self.server.clone().unwrap_or_else(|| USUAL.to_owned()),
            user: text(&self.user),
            password: text(&self.password),
            token: text(&self.token),
            creds: file(&self.creds),
            nkey: file(&self.nkey),
            cert: file(&self.tlscert),
            key: file(&self.tlskey),
            ca: file(&self.tlsca),
            ..ContextFile::default()
        }
    }

    fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        let mut text = |setting, flag, value: &Option<String>| {
            if let Some(value) = value {
                flags.set(setting, flag, value);
            }
        };
        text("CONSIGN_NATS_URL", "--server", &self.server);
        text("CONSIGN_NATS_CONTEXT", "--context", &self.context);
        text("CONSIGN_NATS_USER", "--user", &self.user);
        text("CONSIGN_NATS_PASSWORD", "--password", &self.password);
        text("CONSIGN_NATS_TOKEN", "--token", &self.token);
        let timeout = self.timeout.map(|time| format!("{}ms", time.as_millis()));
        text("CONSIGN_NATS_CONNECT_TIMEOUT", "--timeout", &timeout);
        text("CONSIGN_NATS_ACK_TIMEOUT", "--timeout", &timeout);
        let mut file = |setting, flag, value: &Option<PathBuf>| {
            let value = value.as_ref().map(|path| path.display().to_string());
            text(setting, flag, &value);
        };
        file("CONSIGN_NATS_CREDS_FILE", "--creds", &self.creds);
        file("CONSIGN_NATS_NKEY_FILE", "--nkey", &self.nkey);
        file("CONSIGN_NATS_CERT_FILE", "--tlscert", &self.tlscert);
        file("CONSIGN_NATS_KEY_FILE", "--tlskey", &self.tlskey);
        file("CONSIGN_NATS_CA_FILE", "--tlsca", &self.tlsca);
        // Each names the broker whole, so that the other has no say.
        if self.server.is_some() {
            flags.unset("CONSIGN_NATS_CONTEXT");
        }
        if self.context.is_some() {
            flags.unset("CONSIGN_NATS_URL");
        }
        flags
    }
}

/// A flag's mistake is one of the command line, whatever else is wrong with the settings.
fn unusable(problems: &Problems) -> Failure {
    let mut mistaken = problems
        .iter()
        .filter_map(|problem| Some((problem.flag()?, problem.what())));
    match mistaken.next() {
        Some((flag, what)) => Failure::new(Exit::Usage, format!("use {flag}"))
            .because(format!("it {what}"))
            .try_next(format!("consign status --help, for what {flag} takes")),
        None => Failure::new(Exit::Config, "find the broker")
            .because(problems.in_words())
            .try_next("consign config validate"),
    }
}

/// The context that natscli has selected.
fn selected(settings: &Settings) -> Result<Option<String>, Failure> {
    let Some(directory) = supervisor::nats_context_dir(settings) else {
        return Ok(None);
    };
    NatsContext::selected(&directory).map_err(|error| {
        Failure::new(Exit::Config, "find the selected natscli context")
            .because(error)
            .try_next("name the server with --server URL")
    })
}

/// The data directory of the settings, where there is a journal in it.
fn journal_at_hand(settings: &Settings) -> Option<String> {
    let mut listed = settings.journal_dir().read_dir().ok()?.flatten();
    let is_segment = |name: &Path| name.extension().is_some_and(|end| end == "jsonl");
    let found = listed.any(|entry| is_segment(&entry.path()));
    found.then(|| safe(&settings.data_dir.display().to_string()))
}

const USUAL: &str = "nats://127.0.0.1:4222";
