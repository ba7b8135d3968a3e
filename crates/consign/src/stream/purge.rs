use clap::Args;
use clap_complete::ArgValueCandidates;
use events_core::subject::SubjectPattern;
use serde_json::json;
use streams::look::StreamInfo;
use streams::{Class, Doomed, Part, Purge, StreamName};
use supervisor::Reached;
use supervisor::exit::{Exit, Failure};

use super::{failed, found};
use crate::completion;
use crate::confirm;
use crate::human::{count, counted, moment, size};
use crate::output::{Format, Output};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign purge CONSIGN_EVENTS --dry-run\n  \
    consign purge CONSIGN_EVENTS --subject 'consign.events.acme.>' --keep 1000")]
pub(crate) struct Arguments {
    /// The stream.
    #[arg(add = ArgValueCandidates::new(completion::streams))]
    stream: StreamName,
    /// Only messages of these subjects.
    #[arg(long, value_name = "PATTERN")]
    subject: Option<SubjectPattern>,
    /// Only messages older than the one of this sequence.
    #[arg(long, value_name = "SEQUENCE", conflicts_with = "keep")]
    seq: Option<u64>,
    /// Leave so many of the newest.
    #[arg(long, value_name = "COUNT")]
    keep: Option<u64>,
    /// Do not ask; needed where nobody can answer.
    #[arg(short = 'f', long, visible_alias = "force")]
    yes: bool,
    /// Only show what would go.
    #[arg(long)]
    dry_run: bool,
    /// Purge a stream of audit events all the same.
    #[arg(long)]
    i_know_this_is_audit: bool,
}

/// Deletes messages that were shown to whoever confirms it, and no others: what arrives meanwhile
/// stays.
pub(crate) async fn run(
    arguments: &Arguments,
    broker: &Reached,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (js, name) = (&broker.jetstream, &arguments.stream);
    let stream = found(broker, name).await?;
    let purge = arguments.purge();
    let doomed = purge.foresee(js, &stream).await;
    let doomed = doomed.map_err(|error| failed("see what would go", error))?;
    let asks = !arguments.yes && !arguments.dry_run && doomed.messages > 0;
    match what_would_go(&doomed, &purge, name) {
        // Nobody confirms what is not shown.
        words if asks => output.insist(&words),
        words => output.note(&words),
    }
    if arguments.dry_run {
        tell(name, &doomed, None, output)?;
        output.note("nothing was done");
        return Ok(Exit::Done);
    }
    allowed(arguments, broker, &stream)?;
    if doomed.messages == 0 {
        tell(name, &doomed, Some(0), output)?;
        return Ok(Exit::Done);
    }
    if asks {
        let what = format!("purge {name}");
        confirm::typed(name.as_str(), "the stream name", &what, output)?;
    }
    let purged = purge.purge(js, name, &doomed).await;
    let purged = purged.map_err(|error| {
        let unsure = error.is_transient();
        let failure = failed(&format!("purge {name}"), error);
        if unsure {
            failure.try_next(format!("consign stream info {name}: it may have been done"))
        } else {
            failure
        }
    })?;
    tell(name, &doomed, Some(purged), output)?;
    if doomed.exact && purged != doomed.messages {
        output.note(&format!(
            "{} were shown, and {} went: the stream changed meanwhile",
            counted(doomed.messages, "message"),
            count(purged)
        ));
    }
    Ok(Exit::Done)
}

impl Arguments {
    fn purge(&self) -> Purge {
        Purge {
            subject: self.subject.clone(),
            part: match (self.seq, self.keep) {
                (Some(sequence), _) => Part::Before(sequence),
                (None, Some(kept)) => Part::AllBut(kept),
                (None, None) => Part::All,
            },
        }
    }
}

/// Whether it may be purged at all.
fn allowed(arguments: &Arguments, broker: &Reached, stream: &StreamInfo) -> Result<(), Failure> {
    let name = stream.name();
    let what = format!("purge {name}");
    if is_audit(broker, stream) && !arguments.i_know_this_is_audit {
        return Err(Failure::new(Exit::Usage, what)
            .because("it holds audit events, which are evidence: `consign verify` will miss them")
            .try_next("let them expire; or the same with --i-know-this-is-audit"));
    }
    if stream.denies_purge() {
        return Err(Failure::new(Exit::Failed, what)
            .because("the stream denies purging (deny_purge), which no server takes back")
            .try_next(format!(
                "let them expire; or export what you need, delete the stream whole with \
                 `nats stream rm {name}`, and make it anew with `consign stream ensure`"
            )));
    }
    Ok(())
}

/// Whether it is a stream of audit events, under its own name or another.
fn is_audit(broker: &Reached, stream: &StreamInfo) -> bool {
    let mut audit = broker
        .topology
        .iter()
        .filter(|spec| spec.class == Class::Audit);
    audit.any(|spec| {
        let takes = |subject| stream.takes_any_of(subject);
        spec.name.as_str() == stream.name() || spec.subjects.iter().any(takes)
    })
}

fn what_would_go(doomed: &Doomed, purge: &Purge, name: &StreamName) -> String {
    if doomed.messages == 0 {
        return format!("This removes nothing from {name}, which holds nothing of it.");
    }
    let most = if doomed.exact { "" } else { "at most " };
    let mut text = format!("This removes {most}{}", counted(doomed.messages, "message"));
    if let Some(bytes) = doomed.bytes {
        text.push_str(&format!(" ({})", size(bytes)));
    }
    if let Some(pattern) = &purge.subject {
        text.push_str(&format!(" of {pattern}"));
    }
    match (doomed.oldest, doomed.newest, purge.part) {
        (None, ..) => {}
        (Some(oldest), Some(newest), _) => {
            text.push_str(&format!(", {} … {}", moment(oldest), moment(newest)));
        }
        (Some(oldest), None, Part::Before(sequence)) => {
            text.push_str(&format!(", {} … sequence {sequence}", moment(oldest)));
        }
        (Some(oldest), None, Part::AllBut(kept)) => {
            let kept = count(kept);
            text.push_str(&format!(
                ", from {} on, but the newest {kept}",
                moment(oldest)
            ));
        }
        (Some(oldest), None, Part::All) => {
            text.push_str(&format!(", from {} on", moment(oldest)));
        }
    }
    text.push_str(&format!(", from {name}."));
    text.push_str(&format!(
        "\nConsumers affected: {} (pending {}). This cannot be undone.",
        count(doomed.consumers),
        count(doomed.pending)
    ));
    text
}

/// Says what went, or would.
fn tell(
    name: &StreamName,
    doomed: &Doomed,
    purged: Option<u64>,
    output: &mut Output,
) -> Result<(), Failure> {
    match (output.format(), purged) {
        (Format::Json, _) => output.json(&json!({
            "kind": "StreamPurge", "stream": name, "foreseen": doomed, "purged": purged,
        })),
        (Format::Name, Some(_)) => output.line(name.as_str()),
        (Format::Table, Some(purged)) => {
            let purged = counted(purged, "message");
            output.line(&format!("removed {purged} from {name}"))
        }
        (Format::Name | Format::Table, None) => Ok(()),
    }
}
