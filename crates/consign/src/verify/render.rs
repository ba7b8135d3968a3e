use sink_sign::{ChainReport, Report};
use supervisor::exit::Failure;

use crate::human::counted;
use crate::output::Output;

/// Prints a report for people: counts first, then what is wrong and where.
pub(super) fn print(report: &Report, output: &mut Output) -> Result<(), Failure> {
    let counts = [
        ("verified", report.verified),
        ("unsigned", report.unsigned),
        ("altered", report.altered),
        ("unknown key", report.unknown_key),
        ("expired key", report.expired_key),
        ("unreadable", report.unreadable),
        ("damaged", report.damaged),
    ];
    output.line(
        &counts
            .map(|(name, count)| format!("{name} {count}"))
            .join("   "),
    )?;
    for (key, events) in &report.keys {
        output.line(&format!("key {key}   events {events}"))?;
    }
    for chain in &report.chains {
        output.line(&line(chain))?;
    }
    for fault in &report.faults {
        output.line(&format!(
            "{}:{}  {}",
            fault.source, fault.line, fault.finding
        ))?;
    }
    if report.faults_left_out > 0 {
        output.line(&format!("and {} more", report.faults_left_out))?;
    }
    remarks(report, output);
    output.line(&match report.findings() {
        0 => "no findings".to_owned(),
        1 => "1 finding".to_owned(),
        findings => format!("{findings} findings"),
    })
}

fn line(chain: &ChainReport) -> String {
    let mut line = format!(
        "chain {}   numbers {}-{}   events {}",
        chain.producer, chain.first, chain.last, chain.events
    );
    let gaps = [
        ("HOLES", &chain.holes),
        ("declared", &chain.declared),
        ("undetermined", &chain.undetermined),
        ("DUPLICATES", &chain.duplicates),
    ];
    for (name, numbers) in gaps {
        if !numbers.is_empty() {
            line.push_str(&format!("   {name} {numbers}"));
        }
    }
    if chain.reordered > 0 {
        line.push_str(&format!("   reordered {}", chain.reordered));
    }
    line
}

/// What is worth knowing though nothing is wrong.
fn remarks(report: &Report, output: &mut Output) {
    if report.torn_tails > 0 {
        let torn = counted(report.torn_tails, "torn end");
        output.note(&format!("{torn}: a crash, or a write just going on"));
    }
    if report.also_stored > 0 {
        output.note(&format!(
            "stored already, where redrive will find them: {} of the spool",
            counted(report.also_stored, "event")
        ));
    }
    let origins = report.origins;
    if origins.holds + origins.broken + origins.unknown_key > 0 {
        output.note(&format!(
            "of the signatures that events arrived with, {} hold, {} do not, {} are of unknown keys",
            origins.holds, origins.broken, origins.unknown_key
        ));
    }
    if report.resends > 0 {
        output.note(&format!(
            "{} came again under a second number",
            counted(report.resends, "event")
        ));
    }
}
