//! Rules about single source files.

use crate::tidy::Finding;
use crate::tidy::code::{attributes, has_word};
use crate::tidy::tree::SourceFile;

/// Every rule of this module over one file.
pub(crate) fn findings(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::from_iter(too_long(file));
    findings.extend(bad_attributes(file));
    findings.extend(bad_lines(file));
    findings
}

/// A file that nobody can read at a sitting must say why it is one.
fn too_long(file: &SourceFile) -> Option<Finding> {
    let lines = file.text.lines().count();
    let reason = file
        .text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix(LONG_BECAUSE));
    let is_excused = reason.is_some_and(|reason| !reason.trim().is_empty());
    (lines > MAX_LINES && !is_excused).then(|| {
        let advice = format!("split it, or say why on its first line: `{LONG_BECAUSE} …`");
        Finding::new(
            &file.path,
            format!("{lines} lines, more than {MAX_LINES}; {advice}"),
        )
    })
}

fn bad_attributes(file: &SourceFile) -> Vec<Finding> {
    let complaint = |(line, attribute): (usize, &str)| {
        let text = complaint_about_attribute(attribute)?;
        Some(Finding::at(&file.path, line, text))
    };
    attributes(&file.code)
        .into_iter()
        .filter_map(complaint)
        .collect()
}

fn complaint_about_attribute(attribute: &str) -> Option<&'static str> {
    if has_word(attribute, "allow") {
        return Some("`allow` outlives its reason; write `#[expect(…, reason = \"…\")]`");
    }
    if has_word(attribute, "ignore") {
        return Some("a test that nobody runs rots; delete it, or make it run");
    }
    if has_word(attribute, "instrument") && !has_word(attribute, "skip_all") {
        return Some("`instrument` records every argument, secrets too; write `skip_all`");
    }
    None
}

fn bad_lines(file: &SourceFile) -> Vec<Finding> {
    let complaint = |(index, line)| {
        let text = complaint_about_line(line)?;
        Some(Finding::at(&file.path, index + 1, text))
    };
    file.code
        .lines()
        .enumerate()
        .filter_map(complaint)
        .collect()
}

fn complaint_about_line(line: &str) -> Option<&'static str> {
    if line.contains("prelude::*") {
        return Some("a glob hides where names come from; import them by name");
    }
    if ["todo!", "unimplemented!", "dbg!"]
        .iter()
        .any(|name| has_word(line, name))
    {
        return Some("unfinished: `todo!`, `unimplemented!` and `dbg!` do not belong in a commit");
    }
    None
}

const MAX_LINES: usize = 400;
const LONG_BECAUSE: &str = "// tidy: long because";

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::tidy::tree::SourceFile;

    fn judged(text: &str) -> Vec<String> {
        let file = SourceFile::new("src/a.rs", text);
        findings(&file).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_of_more_than_400_lines_needs_a_reason() {
        let lines = "// x\n".repeat(400);
        assert!(judged(&lines).is_empty());
        let long = format!("{lines}// y\n");
        assert!(judged(&long)[0].starts_with("src/a.rs: 401 lines, more than 400;"));
        assert!(
            judged(&format!(
                "// tidy: long because one table reads best whole\n{long}"
            ))
            .is_empty()
        );
        assert_eq!(judged(&format!("// tidy: long because \n{long}")).len(), 1);
    }

    #[test]
    fn allow_is_refused_wherever_an_attribute_can_hide_it() {
        for text in [
            "#[allow(x)]\nfn f() {}",
            "#![allow(x)]",
            "#[cfg_attr(test, allow(x))]",
        ] {
            assert!(judged(text)[0].contains("outlives its reason"), "{text}");
        }
        assert!(
            judged("#[expect(x, reason = \"y\")]\nfn f() { g.allow(1) } // #[allow(z)]").is_empty()
        );
    }

    #[test]
    fn an_ignored_test_is_refused_with_its_line() {
        assert!(judged("#[test]\n#[ignore = \"slow\"]\nfn f() {}")[0].starts_with("src/a.rs:2: "));
        assert!(judged("#[cfg_attr(miri, ignore)]").len() == 1);
        assert!(judged("#[clap(ignore_case = true)]").is_empty());
    }

    #[test]
    fn instrument_must_skip_all_arguments() {
        for text in [
            "#[instrument]",
            "#[tracing::instrument(\n    skip(secret)\n)]",
        ] {
            assert!(judged(text)[0].contains("skip_all"), "{text}");
        }
        assert!(judged("#[instrument(skip_all, fields(msg_id = %id))]").is_empty());
    }

    #[test]
    fn glob_preludes_are_refused() {
        assert_eq!(judged("use proptest::prelude::*;").len(), 1);
        assert!(judged("use proptest::prelude::{Strategy, any};").is_empty());
    }

    #[test]
    fn unfinished_work_is_refused() {
        for text in [
            "fn f() { todo!() }",
            "unimplemented!(\"x\")",
            "let a = dbg!(b);",
        ] {
            assert_eq!(judged(text).len(), 1, "{text}");
        }
        assert!(judged("// todo!() later\nlet a = \"dbg!\";").is_empty());
    }
}
