//! `cargo xtask tidy`: the rules of the house that no compiler knows.

mod arrows;
mod code;
mod guards;
mod manifest;
mod records;
mod settings;
mod source;
mod tree;

use std::fmt;

use anyhow::{Result, ensure};

use crate::tidy::guards::Guards;
use crate::tidy::records::Record;
use crate::tidy::tree::SourceFile;
use crate::workspace::{Package, Workspace};

/// Prints every breach of every rule.
///
/// # Errors
///
/// When there is any.
pub(crate) fn run() -> Result<()> {
    let findings = findings(&Workspace::load()?)?;
    findings.iter().for_each(|finding| eprintln!("{finding}"));
    ensure!(
        findings.is_empty(),
        "tidy found {} breaches",
        findings.len()
    );
    Ok(())
}

/// A breach of a rule, and where it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    place: String,
    text: String,
}

impl Finding {
    fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            text: text.into(),
        }
    }

    fn at(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self::new(format!("{path}:{line}"), text)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

fn findings(workspace: &Workspace) -> Result<Vec<Finding>> {
    let sources = tree::sources(&workspace.root)?;
    let mut findings = arrows::findings(&workspace.packages);
    for package in &workspace.packages {
        findings.extend(manifest::findings(package)?);
    }
    findings.extend(sources.iter().flat_map(source::findings));
    findings.extend(findings_in_documents(workspace, &sources)?);
    Ok(findings)
}

fn findings_in_documents(workspace: &Workspace, sources: &[SourceFile]) -> Result<Vec<Finding>> {
    let records = tree::records(&workspace.root.join("adr"))?;
    let index = tree::optional(&workspace.root.join("adr/README.md"))?.unwrap_or_default();
    let mut findings = records::findings(&records, &index);

    let crates = crates(workspace);
    let guards = Guards {
        crates: &crates,
        sources,
    };
    for Record { name, text } in &records {
        findings.extend(guards.findings(&format!("adr/{name}"), text, "Guard"));
    }
    if let Some(architecture) = tree::optional(&workspace.root.join("ARCHITECTURE.md"))? {
        findings.extend(guards.findings("ARCHITECTURE.md", &architecture, "Invariants"));
    }
    if let Some(reference) = tree::optional(&workspace.root.join(settings::REFERENCE))? {
        let table = sources.iter().filter(|file| settings::is_table(&file.path));
        let table: Vec<_> = table.map(|file| file.text.as_str()).collect();
        findings.extend(settings::findings(&table, &reference));
    }
    Ok(findings)
}

/// The crates with their folders, relative to the root.
fn crates(workspace: &Workspace) -> Vec<(String, String)> {
    let folder = |package: &Package| tree::relative(&package.dir, &workspace.root) + "/";
    workspace
        .packages
        .iter()
        .map(|package| (package.name.clone(), folder(package)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::workspace::Workspace;

    #[test]
    fn the_workspace_is_tidy() {
        let findings = findings(&Workspace::load().unwrap()).unwrap();
        let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }
}
