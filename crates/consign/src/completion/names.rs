use std::ffi::OsString;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};
use clap_complete::CompletionCandidate;
use futures::TryStreamExt as _;
use supervisor::settings;
use tokio::time::timeout;

use crate::broker::BrokerArguments;
use crate::cli::Cli;
use crate::context;

/// The streams of the broker that the line names, as far as it is written, or the settings. None
/// where it does not answer at once, or anything is wrong: a person who types is not told.
pub(crate) fn streams() -> Vec<CompletionCandidate> {
    names().unwrap_or_default()
}

/// natscli's contexts, as far as they can be listed.
pub(crate) fn contexts() -> Vec<CompletionCandidate> {
    let names = context::names().unwrap_or_default();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// The settings.
pub(crate) fn settings() -> Vec<CompletionCandidate> {
    settings::names().map(CompletionCandidate::new).collect()
}

fn names() -> Option<Vec<CompletionCandidate>> {
    let broker = named()?.within(PATIENCE);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    runtime.block_on(async {
        let asked = timeout(PATIENCE, async {
            let reached = broker.reach().await.ok()?;
            let names = reached.jetstream.stream_names();
            names.try_collect::<Vec<String>>().await.ok()
        });
        let mut names = asked.await.ok()??;
        names.sort_unstable();
        Some(names.into_iter().map(CompletionCandidate::new).collect())
    })
}

/// The flags of the line that name a broker. The rest is not whole yet, and may be anything.
fn named() -> Option<BrokerArguments> {
    let mut words: Vec<OsString> = std::env::args_os()
        .skip_while(|word| word != "--")
        .collect();
    // The two dashes, and the word that is being typed.
    words.pop();
    let words = words.get(1..).unwrap_or_default();
    let line = Cli::command().ignore_errors(true);
    let read = line.try_get_matches_from(words).ok()?;
    BrokerArguments::from_arg_matches(&read).ok()
}

/// A person waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(1);
