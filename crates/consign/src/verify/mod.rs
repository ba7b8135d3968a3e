//! Proof of what is stored: signatures, sequences and spelling, offline.

mod render;
mod sources;

use std::path::{Path, PathBuf};

use clap::Args;
use sink_sign::{Audit, Mode, Order, PublicKeys, Verifier};
use supervisor::exit::{Exit, Failure};
use supervisor::settings::Settings;

use self::sources::Source;
use crate::key::public_keys;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 everything holds; 3 findings, or nothing to verify.\n\n\
    Examples:\n  consign verify consign-data/journal --keys consign-data/keys/public.jwks.json"
)]
pub(crate) struct Arguments {
    /// Data directories, journals' and spools' directories, files of one event a line, or - for
    /// standard input, in the order they were written. Spools are judged last. [default:
    /// CONSIGN_DATA_DIR]
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// The public keys to accept: a JWKS; repeat for more [default: those of the data directories
    /// named, else of CONSIGN_DATA_DIR].
    #[arg(long, value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// How much of an event must be signed: strict, passthrough or core-only.
    #[arg(long, default_value = "strict")]
    mode: Mode,
    /// Count events that stand out of their order as findings.
    #[arg(long)]
    strict_order: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let order = if arguments.strict_order {
        Order::Strict
    } else {
        Order::Any
    };
    let mut audit = Audit::new(
        Verifier::new(
            accepted_keys(&arguments.keys, &arguments.paths)?,
            arguments.mode,
        ),
        order,
    );
    let mut paths = arguments.paths.clone();
    if paths.is_empty() {
        paths.push(settings()?.data_dir.display().to_string());
    }
    let mut sources = Vec::new();
    for path in &paths {
        sources.extend(Source::at(path)?);
    }
    sources.sort_by_key(Source::comes_last);
    let (mut progress, mut lines) = (output.progress("verifying"), 0);
    for source in &sources {
        source.judge(&mut audit, &mut || {
            lines += 1;
            progress.at(lines, None);
        })?;
    }
    drop(progress);
    let report = audit.finish();
    if output.is_json() {
        output.json(&report)?;
    } else {
        render::print(&report, output)?;
    }
    if report.events() == 0 {
        output.insist("error: nothing to verify\ntry: consign replay --all -o json | consign verify -, for what \
             streams hold, or name a journal such as consign-data/journal");
        return Ok(Exit::Findings);
    }
    if let Some(dir) = sources.first().and_then(Source::spool) {
        let dir = dir.display();
        output.note(&format!(
            "only what waits in the spool was judged; for the streams too, once the broker answers:\n\
             consign replay --all -o json | consign verify - {dir}"
        ));
    }
    Ok(if report.findings() == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// The public keys in these files; without any, those beside what stands at `paths`, else those of
/// the settings' data directory.
pub(crate) fn accepted_keys(files: &[PathBuf], paths: &[String]) -> Result<PublicKeys, Failure> {
    let mut named = files.to_vec();
    if named.is_empty() {
        let beside = paths.iter().map(|path| Path::new(path).join(KEYS));
        named.extend(beside.filter(|keys| keys.is_file()));
    }
    if named.is_empty() {
        named.push(settings()?.data_dir.join(KEYS));
    }
    let mut accepted = PublicKeys::default();
    for path in &named {
        let keys = public_keys(path)?;
        accepted.merge(keys).map_err(|error| {
            Failure::new(
                Exit::Failed,
                format!("accept the keys in {}", path.display()),
            )
            .because(error)
        })?;
    }
    Ok(accepted)
}

fn settings() -> Result<Settings, Failure> {
    let (settings, _) = Settings::from_env().map_err(|problems| {
        Failure::new(Exit::Config, "find the data directory and its public keys")
            .because(problems)
            .try_next("name a PATH and --keys FILE, or consign config validate")
    })?;
    Ok(settings)
}

/// Where a data directory has the public keys.
const KEYS: &str = "keys/public.jwks.json";
