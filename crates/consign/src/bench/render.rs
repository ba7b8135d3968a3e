use std::time::Duration;

use supervisor::exit::Failure;

use super::report::{Line, Report};
use crate::human::{count, safe};
use crate::output::{Format, Output};
use crate::table::{Column, Table};

/// Prints what there is to say of a run.
pub(super) fn print(report: &Report, output: &mut Output) -> Result<(), Failure> {
    match output.format() {
        Format::Json => return output.json(report),
        // What its events' runid says.
        Format::Name => return output.line(&report.run_id),
        Format::Table => {}
    }
    output.line(&headline(report))?;
    for (reason, events) in &report.refusals {
        output.line(&format!("refused {}   {}", count(*events), safe(reason)))?;
    }
    let mut table = Table::new(&COLUMNS);
    for line in std::iter::once(&report.answers).chain(&report.legs) {
        table.row(&row(line));
    }
    table.print(output)?;
    for line in &report.legs {
        for remark in remarks(line) {
            output.line(&format!("{}: {remark}", line.leg))?;
        }
    }
    for missed in &report.missed {
        output.line(&format!("FAIL  {missed}"))?;
    }
    Ok(())
}

fn headline(report: &Report) -> String {
    let mut text = format!(
        "sent {}   delivered {}",
        count(report.sent),
        count(report.delivered)
    );
    for (name, events) in [
        ("spilled", report.spilled),
        ("refused", report.refused),
        ("unanswered", report.unanswered),
    ] {
        text.push_str(&format!("   {name} {}", count(events)));
    }
    let behind = Duration::from_secs_f64(report.behind_ms / 1000.0);
    text.push_str(&format!("   in {:.1}s", report.seconds));
    if behind > LATE {
        text.push_str(&format!("   sent up to {} late", brief(behind)));
    }
    text
}

fn row(line: &Line) -> Vec<String> {
    let fault = |number: Option<u64>| number.map_or_else(|| "—".to_owned(), count);
    let faults = line.arrivals.as_ref();
    let percentile = |percent| {
        let value = line.latencies.percentile(percent);
        value.map_or_else(|| "—".to_owned(), brief)
    };
    vec![
        line.leg.to_owned(),
        count(line.received),
        line.delivery.to_string(),
        fault(faults.map(|faults| faults.missing)),
        fault(faults.map(|faults| faults.duplicates)),
        fault(faults.map(|faults| faults.out_of_order)),
        format!("{:.0}", line.per_second),
        percentile(50.0),
        percentile(95.0),
        percentile(99.0),
        percentile(99.9),
        percentile(100.0),
    ]
}

fn remarks(line: &Line) -> Vec<String> {
    let mut remarks = Vec::new();
    let Some(faults) = &line.arrivals else {
        return remarks;
    };
    if faults.unannounced > 0 {
        let events = count(faults.unannounced);
        remarks.push(format!(
            "{events} came that the supervisor did not say it took"
        ));
    }
    if faults.lagged > 0 {
        let times = count(faults.lagged);
        remarks.push(format!("said {times} times that events are missing"));
    }
    if faults.ended {
        remarks.push("broke off before the end".to_owned());
    }
    remarks
}

/// A latency as people compare them: `0.42ms`, `1.9ms`, `21ms`, `1.20s`.
fn brief(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1000.0;
    match millis {
        ..0.995 => format!("{millis:.2}ms"),
        ..9.95 => format!("{millis:.1}ms"),
        ..999.5 => format!("{millis:.0}ms"),
        _ => format!("{:.2}s", millis / 1000.0),
    }
}

const COLUMNS: [Column; 12] = [
    Column::Text("LEG"),
    Column::Number("RECEIVED"),
    Column::Number("DELIVERY"),
    Column::Number("MISSING"),
    Column::Number("DUPLICATES"),
    Column::Number("OUT OF ORDER"),
    Column::Number("PER SECOND"),
    Column::Number("P50"),
    Column::Number("P95"),
    Column::Number("P99"),
    Column::Number("P99.9"),
    Column::Number("MAX"),
];
/// What a busy machine does to a thread now and then.
const LATE: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::brief;

    #[test]
    fn latencies_read_well() {
        for (micros, text) in [
            (0, "0.00ms"),
            (421, "0.42ms"),
            (999, "1.0ms"),
            (1_949, "1.9ms"),
            (9_960, "10ms"),
            (21_400, "21ms"),
            (999_700, "1.00s"),
        ] {
            assert_eq!(brief(Duration::from_micros(micros)), text);
        }
    }
}
