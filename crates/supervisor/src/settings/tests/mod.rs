//! Tests of the table as a whole.

mod contradictions;
mod documents;
mod files;
mod lists;
mod rendering;
mod secrecy;
mod sources;
mod table;
mod tokens;
mod values;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::load::load;
use super::row::{Availability, Capability};
use super::{Flags, Problems, Report, Settings};

/// Reads these variables for a build that has everything.
fn read(variables: &[(&str, &str)]) -> Result<(Settings, Report), Problems> {
    read_with(variables, |_| Availability::Now)
}

/// Reads these variables for this build.
fn read_now(variables: &[(&str, &str)]) -> Result<(Settings, Report), Problems> {
    read_with(variables, Capability::availability)
}

fn read_with(
    variables: &[(&str, &str)],
    availability: fn(Capability) -> Availability,
) -> Result<(Settings, Report), Problems> {
    let names: Vec<String> = variables
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let lookup = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    load(&Flags::default(), &lookup, &names, availability)
}

/// The settings these variables make; all of them must be right.
fn settings(variables: &[(&str, &str)]) -> Settings {
    match read(variables) {
        Ok((settings, _)) => settings,
        Err(problems) => panic!("{}", problems.render()),
    }
}

/// The report on these variables, all of which must be right.
fn report(variables: &[(&str, &str)]) -> Report {
    match read(variables) {
        Ok((_, report)) => report,
        Err(problems) => panic!("{}", problems.render()),
    }
}

/// What is wrong with these variables, a line each.
fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    match read(variables) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// A directory with files of a given mode.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> String {
        let path = PathBuf::from(self.path(name));
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        self.path(name)
    }
}
