use super::Settings;
use super::checks::{contradictions, remarks};
use super::flags::Flags;
use super::layers::Layers;
use super::names::{unknown_keys, unknown_variables};
use super::problem::{Problem, Problems};
use super::reader::Reader;
use super::report::Report;
use super::row::{Availability, CONFIG, Capability};
use super::toml_file::TomlFile;

impl Settings {
    /// Reads the settings from the process's environment and the file it names.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn from_env() -> Result<(Self, Report), Problems> {
        Self::from_env_under(&Flags::default())
    }

    /// Reads the settings from the process's environment and the file it names, below what a
    /// command line says.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    pub fn from_env_under(flags: &Flags) -> Result<(Self, Report), Problems> {
        let text = |name: std::ffi::OsString| name.to_string_lossy().into_owned();
        let names: Vec<String> = std::env::vars_os().map(|(name, _)| text(name)).collect();
        let lookup = |name: &str| std::env::var_os(name).map(text);
        load(flags, &lookup, &names, Capability::availability)
    }

    /// Reads the settings through `lookup`; `names` are all the variables there are, so that
    /// misspelt ones can be found. Reads the files that the settings name, and changes nothing.
    ///
    /// # Errors
    /// Everything that is wrong, at once: values, unknown names, contradictions, and values for
    /// what this build lacks. No secret is part of it.
    pub fn from_lookup(
        lookup: &dyn Fn(&str) -> Option<String>,
        names: &[String],
    ) -> Result<(Self, Report), Problems> {
        load(&Flags::default(), lookup, names, Capability::availability)
    }
}

/// Reads the settings for a build with the capabilities given.
pub(super) fn load(
    flags: &Flags,
    lookup: &dyn Fn(&str) -> Option<String>,
    names: &[String],
    availability: fn(Capability) -> Availability,
) -> Result<(Settings, Report), Problems> {
    let mut problems = Vec::new();
    let path = lookup(CONFIG).filter(|path| !path.is_empty());
    let file = path.and_then(|path| TomlFile::read(&path, &mut problems));
    let layers = Layers {
        flags,
        lookup,
        file,
    };
    let mut reader = Reader {
        layers,
        availability,
        problems,
        report: Report::default(),
    };
    let settings = Settings::read(&mut reader);
    let Reader {
        layers,
        mut problems,
        mut report,
        ..
    } = reader;

    // Both the reading of the file and the setting that names it say that it is not there.
    problems.dedup();
    problems.extend(unknown_variables(names.iter().map(String::as_str), lookup));
    problems.extend(layers.file.iter().flat_map(unknown_keys));
    if let Some(settings) = &settings {
        problems.extend(contradictions(settings, &report, availability));
        report.notices.extend(remarks(settings));
    }
    match settings {
        Some(settings) if problems.is_empty() => Ok((settings, report)),
        None if problems.is_empty() => {
            let name = report
                .entries
                .iter()
                .find(|entry| entry.faulty)
                .map(|entry| entry.row.name);
            let what = "has neither a value nor a default";
            let list = vec![Problem::new(name.unwrap_or(CONFIG), what)];
            Err(Problems { list, report })
        }
        _ => Err(Problems {
            list: problems,
            report,
        }),
    }
}
