//! The settings in the code against those in the reference.

use std::collections::BTreeSet;

use crate::tidy::Finding;

/// Every `CONSIGN_…` name that the files of the settings table hold, outside their tests, stands
/// in the reference, and the reverse.
pub(crate) fn findings(tables: &[&str], reference: &str) -> Vec<Finding> {
    let shipped = tables
        .iter()
        .filter_map(|file| file.split("#[cfg(test)]").next());
    let in_table = shipped.flat_map(names).collect();
    let in_reference = names(reference).collect();
    let undocumented = BTreeSet::difference(&in_table, &in_reference);
    let undocumented =
        undocumented.map(|name| Finding::new(REFERENCE, format!("does not describe {name}")));
    let unknown = in_reference
        .iter()
        .filter(|name| !is_known(name, &in_table));
    let unknown = unknown
        .map(|name| Finding::new(REFERENCE, format!("describes {name}, which no code reads")));
    undocumented.chain(unknown).collect()
}

/// Whether a source file is a part of the settings table. Its tests name settings that are not.
pub(crate) fn is_table(path: &str) -> bool {
    path.starts_with("crates/supervisor/src/settings") && !path.contains("/tests")
}

/// A secret can be given as a file too, by its name with `_FILE`.
fn is_known(name: &str, table: &BTreeSet<&str>) -> bool {
    table.contains(name)
        || name
            .strip_suffix("_FILE")
            .is_some_and(|secret| table.contains(secret))
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(move |c| !is_part(c));
    words.filter(|word| word.len() > PREFIX.len() && word.starts_with(PREFIX))
}

/// Where the reference lies.
pub(crate) const REFERENCE: &str = "docs/settings.md";
const PREFIX: &str = "CONSIGN_";

#[cfg(test)]
mod tests {
    use super::{findings, is_table};

    #[test]
    fn the_table_is_the_settings_without_their_tests() {
        assert!(is_table("crates/supervisor/src/settings/sections/http.rs"));
        assert!(is_table("crates/supervisor/src/settings.rs"));
        assert!(!is_table("crates/supervisor/src/settings/tests/sources.rs"));
        assert!(!is_table("crates/consign/src/settings.rs"));
    }

    #[test]
    fn the_table_and_the_reference_must_name_the_same_settings() {
        let table = &[
            r#"row("CONSIGN_SIGN_KEY") #[cfg(test)] "CONSIGN_SNIK""#,
            "CONSIGN_SINK",
        ];
        assert!(
            findings(
                table,
                "`CONSIGN_SIGN_KEY`, `CONSIGN_SIGN_KEY_FILE`, CONSIGN_SINK=x"
            )
            .is_empty()
        );
        let judged = findings(table, "CONSIGN_SINK, CONSIGN_OLD, CONSIGN_*");
        let judged: Vec<_> = judged.iter().map(ToString::to_string).collect();
        assert_eq!(
            judged,
            [
                "docs/settings.md: does not describe CONSIGN_SIGN_KEY",
                "docs/settings.md: describes CONSIGN_OLD, which no code reads"
            ]
        );
    }
}
