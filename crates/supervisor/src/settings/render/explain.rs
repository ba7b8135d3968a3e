use crate::settings::names::rows;
use crate::settings::report::{Entry, Report};
use crate::settings::row::{Availability, PREFIX};
use crate::settings::suggest::nearest;

impl Report {
    /// Explains one setting: what it is, what it came to and why. `name` may be any of its names,
    /// or its key in the TOML file.
    ///
    /// # Errors
    /// There is no such setting; the error suggests one.
    pub fn explain(&self, name: &str) -> Result<String, UnknownSetting> {
        let wanted = name.to_ascii_uppercase();
        let short = wanted.strip_prefix(PREFIX).unwrap_or(&wanted);
        let ours = format!("{PREFIX}{short}");
        let known = self.entries.iter().find(|entry| {
            let row = entry.row;
            row.name == ours
                || row.file_name().is_some_and(|file| file == ours)
                || row.foreign_names().any(|foreign| foreign == wanted)
        });
        known.map(explain).ok_or_else(|| {
            let near = nearest(
                short,
                rows().filter_map(|row| row.name.strip_prefix(PREFIX)),
            );
            UnknownSetting {
                name: name.to_owned(),
                hint: near
                    .map(|near| format!("; did you mean {PREFIX}{near}"))
                    .unwrap_or_default(),
            }
        })
    }
}

/// There is no setting of this name.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{name} is not a setting{hint}")]
pub struct UnknownSetting {
    name: String,
    hint: String,
}

fn explain(entry: &Entry) -> String {
    let row = entry.row;
    let mut text = String::new();
    let mut line = |words: &str| {
        text.push_str(words);
        text.push('\n');
    };
    line(&format!(
        "{}   {}   value {}",
        row.name,
        row.doc(),
        entry.value()
    ));
    line(&format!("  from     {}", entry.origin.explained(row.name)));
    line(&format!(
        "  default  {}   accepts  {}   reload  {}",
        row.default_text(),
        row.accepts(),
        row.reload
    ));
    let names: Vec<String> = row
        .file_name()
        .into_iter()
        .chain(row.foreign_names().map(str::to_owned))
        .collect();
    if !names.is_empty() {
        line(&format!("  also     {}", names.join(", ")));
    }
    if !entry.shadowed.is_empty() {
        let weaker: Vec<String> = entry.shadowed.iter().map(ToString::to_string).collect();
        line(&format!("  hides    {}", weaker.join("; ")));
    }
    if row.capability.availability() == Availability::Later {
        line(&format!(
            "  needs    {}, which this build lacks",
            row.capability.words()
        ));
    }
    text
}
