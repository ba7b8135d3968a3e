use std::fs;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sink_sign::{Audit, Mode, Order, PublicKeys, Report, Verifier};

/// The journal's segments in order.
pub(crate) fn segments(data: &Path) -> Vec<PathBuf> {
    let dir = fs::read_dir(data.join("journal")).unwrap();
    let mut paths: Vec<_> = dir.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "jsonl")
    });
    paths.sort();
    paths
}

/// The journal's lines in order.
pub(crate) fn lines(data: &Path) -> Vec<String> {
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let text: String = segments(data).iter().map(read).collect();
    text.lines().map(str::to_owned).collect()
}

/// The journal's events in order.
pub(crate) fn journal(data: &Path) -> Vec<Value> {
    lines(data)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What an audit says of the journal, against the public keys beside it.
pub(crate) fn audited(data: &Path) -> Report {
    let keys = fs::read_to_string(data.join("keys/public.jwks.json")).unwrap();
    let verifier = Verifier::new(PublicKeys::parse(&keys).unwrap(), Mode::Strict);
    let mut audit = Audit::new(verifier, Order::Any);
    for segment in segments(data) {
        let file = fs::File::open(&segment).unwrap();
        audit
            .file(&segment.display().to_string(), BufReader::new(file))
            .unwrap();
    }
    audit.finish()
}
