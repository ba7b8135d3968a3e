//! Invariants and decisions name the tests that guard them; those tests must exist.

use crate::tidy::Finding;
use crate::tidy::code::has_word;
use crate::tidy::tree::SourceFile;

/// Where a guard may stand: the crates by name with their folders, and all sources.
#[derive(Debug)]
pub(crate) struct Guards<'a> {
    pub(crate) crates: &'a [(String, String)],
    pub(crate) sources: &'a [SourceFile],
}

impl Guards<'_> {
    /// Every `` `crate::test_name` `` under a heading of `document` that holds `heading` means a
    /// function in that crate's folder. The paths of tools and of other libraries are left alone.
    pub(crate) fn findings(&self, path: &str, document: &str, heading: &str) -> Vec<Finding> {
        let quotes = sections(document, heading).flat_map(|(line, text)| {
            text.split('`')
                .skip(1)
                .step_by(2)
                .map(move |quote| (line, quote))
        });
        let complaint = |(line, quote)| {
            let (owner, name) = guard(quote)?;
            let text = self.complaint_about(&owner.replace('_', "-"), name)?;
            Some(Finding::at(path, line, format!("`{quote}`: {text}")))
        };
        quotes.filter_map(complaint).collect()
    }

    fn complaint_about(&self, owner: &str, name: &str) -> Option<String> {
        if OTHERS.contains(&owner) {
            return None;
        }
        let Some((_, folder)) = self.crates.iter().find(|(package, _)| package == owner) else {
            return Some(format!("there is no crate {owner}"));
        };
        let function = format!("fn {name}");
        let exists =
            |file: &SourceFile| file.path.starts_with(folder) && has_word(&file.code, &function);
        (!self.sources.iter().any(exists)).then(|| format!("no function of that name in {folder}"))
    }
}

/// The crate and the function of a path in lower case; types and macros are no guards.
fn guard(quote: &str) -> Option<(&str, &str)> {
    let is_path = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_:".contains(c);
    let (owner, rest) = quote
        .split_once("::")
        .filter(|_| quote.chars().all(is_path))?;
    Some((owner, rest.rsplit("::").next()?))
}

/// The numbered lines below each heading that holds a word, up to the next heading of its level.
fn sections<'a>(document: &'a str, heading: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let mut inside = None;
    document
        .lines()
        .enumerate()
        .filter_map(move |(index, line)| {
            let level = line.len() - line.trim_start_matches('#').len();
            if level > 0 && inside.is_none_or(|outer| level <= outer) {
                inside = line.contains(heading).then_some(level);
            }
            inside.map(|_| (index + 1, line))
        })
}

const OTHERS: &[&str] = &[
    "cargo", "clippy", "core", "rustc", "rustdoc", "std", "tokio",
];

#[cfg(test)]
mod tests {
    use super::Guards;
    use crate::tidy::tree::SourceFile;

    fn judged(document: &str) -> Vec<String> {
        let guards = Guards {
            crates: &[("sink-dlq".into(), "crates/sink-dlq/".into())],
            sources: &[
                SourceFile::new(
                    "crates/sink-dlq/tests/order.rs",
                    "#[test]\nfn keeps_order() {}",
                ),
                SourceFile::new("crates/sink-dlq/src/a.rs", "// fn only_a_comment() {}"),
                SourceFile::new("crates/other/src/a.rs", "fn elsewhere() {}"),
            ],
        };
        let findings = guards.findings("A.md", document, "Invariants");
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_named_test_must_exist_in_the_crate_it_is_said_to_be_in() {
        assert!(judged("## Invariants\n- order: `sink-dlq::keeps_order`").is_empty());
        assert!(judged("## Invariants\n`sink_dlq::order::keeps_order`").is_empty());
        for name in ["keeps", "only_a_comment", "elsewhere"] {
            let judged = judged(&format!("# Invariants\n\n- `sink-dlq::{name}`"));
            let expected = "no function of that name in crates/sink-dlq/";
            assert_eq!(judged, [format!("A.md:3: `sink-dlq::{name}`: {expected}")]);
        }
        assert_eq!(
            judged("# Invariants\n`sink-dql::x`"),
            ["A.md:2: `sink-dql::x`: there is no crate sink-dql"]
        );
    }

    #[test]
    fn other_sections_types_and_tools_are_left_alone() {
        let document =
            "# The Invariants\n## More\n`clippy::todo` `Wire::encode` `a b::c`\n# Map\n`x::y`";
        assert!(judged(document).is_empty());
        assert_eq!(judged(&document.replace("# Map", "## Map")).len(), 1);
    }
}
