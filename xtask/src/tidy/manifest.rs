//! Rules about packages: lints of the workspace, a description, a README.

use std::fs;

use anyhow::{Context, Result};

use crate::tidy::Finding;
use crate::workspace::Package;

/// Every rule of this module over one package.
pub(crate) fn findings(package: &Package) -> Result<Vec<Finding>> {
    let manifest = package.dir.join("Cargo.toml");
    let manifest =
        fs::read_to_string(&manifest).with_context(|| format!("read {}", manifest.display()))?;
    let readme = fs::read_to_string(package.dir.join("README.md")).unwrap_or_default();
    Ok(judge(package, &manifest, &readme))
}

fn judge(package: &Package, manifest: &str, readme: &str) -> Vec<Finding> {
    let complaints = [
        (!inherits_lints(manifest)).then_some("write `[lints]` and `workspace = true`"),
        has_no_text(package.description.as_deref()).then_some("say in `description` what it is"),
        has_no_text(Some(readme)).then_some("write a README.md: it is the crate's front page"),
    ];
    let finding = |text| Finding::new(format!("{}/Cargo.toml", package.name), text);
    complaints.into_iter().flatten().map(finding).collect()
}

fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[lints]")
        .skip(1);
    lines
        .find(|line| !line.is_empty())
        .is_some_and(|line| line == "workspace = true")
}

fn has_no_text(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::workspace::Package;

    fn complaints(description: Option<&str>, manifest: &str, readme: &str) -> usize {
        let description = description.map(str::to_owned);
        judge(
            &Package {
                description,
                ..Package::default()
            },
            manifest,
            readme,
        )
        .len()
    }

    #[test]
    fn a_package_needs_lints_a_description_and_a_readme() {
        let manifest = "[package]\n\n[lints]\nworkspace = true\n";
        assert_eq!(complaints(Some("a sink"), manifest, "# a"), 0);
        assert_eq!(complaints(Some("a sink"), "[package]\n", "# a"), 1);
        assert_eq!(
            complaints(Some("a sink"), "[lints]\n[deps]\nworkspace = true", "# a"),
            1
        );
        assert_eq!(complaints(None, manifest, "# a"), 1);
        assert_eq!(complaints(Some(" "), manifest, "\n"), 2);
    }
}
