//! Rules about the decision records in `adr/`.

use crate::tidy::Finding;

/// One record: its file name and text.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Every record has its fields and its own number, and the index lists exactly the records.
pub(crate) fn findings(records: &[Record], index: &str) -> Vec<Finding> {
    let mut findings: Vec<_> = records.iter().flat_map(|r| findings_of(r, index)).collect();
    for (record, other) in records.iter().zip(records.iter().skip(1)) {
        if number(&record.name) == number(&other.name) {
            findings.push(finding(
                &other.name,
                format!("has the number of {}", record.name),
            ));
        }
    }
    let stale = linked_records(index).filter(|name| !records.iter().any(|r| r.name == *name));
    findings.extend(stale.map(|name| finding(INDEX, format!("lists {name}, which is not there"))));
    findings
}

/// Whether a file name in `adr/` is a record's: four digits, a dash, a title.
pub(crate) fn is_record(name: &str) -> bool {
    number(name)
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
        && name.ends_with(".md")
}

fn findings_of(record: &Record, index: &str) -> Vec<Finding> {
    let missing = FIELDS
        .iter()
        .filter(|field| !has_field(&record.text, field));
    let mut findings: Vec<_> = missing
        .map(|field| {
            finding(
                &record.name,
                format!("has no `{field}:` and no heading of that name"),
            )
        })
        .collect();
    if !linked_records(index).any(|name| name == record.name) {
        findings.push(finding(
            &record.name,
            format!("is not listed in adr/{INDEX}"),
        ));
    }
    findings
}

/// A field is a line or a part of one, `Status: accepted`, or a heading, `## Guard`, with text
/// after it.
fn has_field(text: &str, field: &str) -> bool {
    let plain = text.replace("**", "");
    let inline = plain.split(['\n', '·', '|', ';']).any(|part| {
        let part = part.trim_start_matches(['-', '*', ' ']);
        let value = part
            .strip_prefix(field)
            .and_then(|rest| rest.strip_prefix(':'));
        value.is_some_and(|value| !value.trim().is_empty())
    });
    inline || has_section(&plain, field)
}

fn has_section(text: &str, heading: &str) -> bool {
    let mut lines = text
        .lines()
        .skip_while(|line| line.trim_start_matches(['#', ' ']) != heading);
    let found = lines.next().is_some_and(|line| line.starts_with('#'));
    found
        && lines
            .map(str::trim)
            .find(|line| !line.is_empty())
            .is_some_and(|l| !l.starts_with('#'))
}

/// The records that a Markdown index links to.
fn linked_records(index: &str) -> impl Iterator<Item = &str> {
    let targets = index
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets.filter(|target| is_record(target))
}

fn number(name: &str) -> Option<&str> {
    name.split_once('-').map(|(number, _)| number)
}

fn finding(name: &str, text: String) -> Finding {
    Finding::new(format!("adr/{name}"), text)
}

const INDEX: &str = "README.md";
const FIELDS: [&str; 3] = ["Status", "Date", "Guard"];

#[cfg(test)]
mod tests {
    use super::{Record, findings, is_record};

    const WHOLE: &str = "# 0001 A\n\nStatus: accepted · Date: 2026-11-21\n\n## Guard\n\n`a::b`\n";

    fn judged(records: &[(&str, &str)], index: &str) -> Vec<String> {
        let record = |(name, text): &(&str, &str)| Record {
            name: (*name).into(),
            text: (*text).into(),
        };
        let records: Vec<_> = records.iter().map(record).collect();
        findings(&records, index)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_whole_record_in_the_index_passes_in_either_spelling() {
        let inline = "- **Status:** accepted\n- **Date:** 2026-11-21\n- **Guard:** clippy";
        let index = "[1](0001-a.md) [2](0002-b.md) [nats](https://nats.io)";
        assert!(judged(&[("0001-a.md", WHOLE), ("0002-b.md", inline)], index).is_empty());
    }

    #[test]
    fn a_record_without_a_field_or_its_value_fails() {
        let index = "[1](0001-a.md)";
        for (text, field) in [
            (WHOLE.replace("Status: accepted · ", ""), "Status"),
            (WHOLE.replace(" · Date: 2026-11-21", ""), "Date"),
            (WHOLE.replace("## Guard", "## Guards"), "Guard"),
            (WHOLE.replace("`a::b`", "## Next"), "Guard"),
            (WHOLE.replace("accepted", ""), "Status"),
        ] {
            let judged = judged(&[("0001-a.md", &text)], index);
            assert_eq!(
                judged,
                [format!(
                    "adr/0001-a.md: has no `{field}:` and no heading of that name"
                )]
            );
        }
    }

    #[test]
    fn the_index_and_the_folder_must_agree() {
        let unlisted = judged(&[("0001-a.md", WHOLE)], "see 0001-a.md");
        assert_eq!(unlisted, ["adr/0001-a.md: is not listed in adr/README.md"]);
        let stale = judged(&[], "[1](0001-a.md)");
        assert_eq!(
            stale,
            ["adr/README.md: lists 0001-a.md, which is not there"]
        );
    }

    #[test]
    fn two_records_cannot_share_a_number() {
        let index = "[1](0001-a.md) [1](0001-b.md)";
        let judged = judged(&[("0001-a.md", WHOLE), ("0001-b.md", WHOLE)], index);
        assert_eq!(judged, ["adr/0001-b.md: has the number of 0001-a.md"]);
    }

    #[test]
    fn a_record_is_told_by_its_name() {
        assert!(is_record("0012-one-error.md"));
        assert!(
            ["README.md", "12-a.md", "0012-a.txt", "abcd-a.md"]
                .iter()
                .all(|n| !is_record(n))
        );
    }
}
