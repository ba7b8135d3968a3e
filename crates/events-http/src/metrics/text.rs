//! The text format 0.0.4, made from OpenMetrics 1.0.0.

use std::fmt::Write as _;

/// The same metrics in the older format. Left out is what it has no form for: units, exemplars,
/// times of creation and the end.
pub(super) fn from_open_metrics(metrics: &str) -> String {
    let mut text = String::with_capacity(metrics.len());
    let mut family = Family::default();
    for line in metrics.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (Some(what), Some(name)) = (words.next(), words.next()) else {
                continue;
            };
            if family.name != name {
                family = Family {
                    name,
                    ..Family::default()
                };
            }
            match (what, words.next().unwrap_or_default()) {
                ("TYPE", kind) => family.kind = kind,
                ("HELP", help) => family.help = Some(help),
                _ => {}
            }
        } else if let Some(sample) = Sample::parse(line) {
            if family.created(sample.name) {
                continue;
            }
            if !std::mem::replace(&mut family.described, true) {
                family.describe(&mut text);
            }
            // Writing to a String cannot fail.
            let _infallible = writeln!(text, "{}{} {}", sample.name, sample.labels, sample.value);
        }
    }
    text
}

/// What is known of the samples that come next.
#[derive(Default)]
struct Family<'a> {
    name: &'a str,
    kind: &'a str,
    help: Option<&'a str>,
    described: bool,
}

impl Family<'_> {
    /// Names the family as its samples are named, which OpenMetrics does not.
    fn describe(&self, text: &mut String) {
        let Self { name, .. } = self;
        let (suffix, kind) = match self.kind {
            "counter" => ("_total", "counter"),
            "info" => ("_info", "gauge"),
            "stateset" => ("", "gauge"),
            known @ ("gauge" | "histogram" | "summary") => ("", known),
            _ => ("", "untyped"),
        };
        if let Some(help) = self.help {
            let help = help.replace("\\\"", "\"");
            let _infallible = writeln!(text, "# HELP {name}{suffix} {help}");
        }
        if !name.is_empty() {
            let _infallible = writeln!(text, "# TYPE {name}{suffix} {kind}");
        }
    }

    /// Whether a sample tells when a counter began.
    fn created(&self, sample: &str) -> bool {
        matches!(self.kind, "counter" | "histogram" | "summary")
            && sample.strip_suffix("_created") == Some(self.name)
    }
}

struct Sample<'a> {
    name: &'a str,
    /// With their braces, or empty.
    labels: &'a str,
    value: &'a str,
}

impl<'a> Sample<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, rest) = line.split_at_checked(line.find(['{', ' '])?)?;
        let (labels, rest) = rest.split_at_checked(end_of_labels(rest)?)?;
        let value = rest.split_ascii_whitespace().next()?;
        Some(Self {
            name,
            labels,
            value,
        })
    }
}

/// Where the labels end that `text` begins with, 0 without any.
fn end_of_labels(text: &str) -> Option<usize> {
    if !text.starts_with('{') {
        return Some(0);
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::from_open_metrics;

    #[test]
    fn each_kind_is_described_by_the_name_of_its_samples() {
        let open_metrics = r#"# HELP consign_events_received Events that \"arrived\".
# TYPE consign_events_received counter
consign_events_received_total{mode="a } b # c \" d"} 17 # {trace="x"} 1.0 1520879607.789
consign_events_received_created{mode="b"} 1520430000.123
# HELP consign_spool_bytes Size.
# TYPE consign_spool_bytes gauge
# UNIT consign_spool_bytes bytes
consign_spool_bytes 5 1520879607.789
# HELP consign_build What this is.
# TYPE consign_build info
consign_build_info{version="1"} 1
# HELP consign_took_seconds How long.
# TYPE consign_took_seconds histogram
consign_took_seconds_sum 1.5
consign_took_seconds_count 2
consign_took_seconds_bucket{le="+Inf"} 2 # {} 0.67
consign_took_seconds_created 1.0
# TYPE consign_odd unknown
consign_odd NaN
# HELP consign_unused Nothing.
# TYPE consign_unused counter
# EOF
"#;
        let text = r#"# HELP consign_events_received_total Events that "arrived".
# TYPE consign_events_received_total counter
consign_events_received_total{mode="a } b # c \" d"} 17
# HELP consign_spool_bytes Size.
# TYPE consign_spool_bytes gauge
consign_spool_bytes 5
# HELP consign_build_info What this is.
# TYPE consign_build_info gauge
consign_build_info{version="1"} 1
# HELP consign_took_seconds How long.
# TYPE consign_took_seconds histogram
consign_took_seconds_sum 1.5
consign_took_seconds_count 2
consign_took_seconds_bucket{le="+Inf"} 2
# TYPE consign_odd untyped
consign_odd NaN
"#;
        assert_eq!(from_open_metrics(open_metrics), text);
    }

    #[test]
    fn what_is_no_metric_is_left_out() {
        for line in [
            "",
            "#",
            "# ",
            "# TYPE",
            "name",
            "name{",
            "name{a=\"}",
            "{} ",
            "{a}",
        ] {
            assert_eq!(from_open_metrics(line), "", "{line}");
        }
        assert_eq!(from_open_metrics("a 1\r\nb 2"), "a 1\nb 2\n");
    }
}
