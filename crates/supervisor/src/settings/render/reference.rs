use crate::settings::Settings;
use crate::settings::row::{Availability, Capability, Row};
use crate::settings::section::Section;

/// The reference of all settings in Markdown: `docs/settings.md`.
#[must_use]
pub fn reference() -> String {
    let mut text = INTRODUCTION.to_owned();
    for section in Settings::TABLE {
        let missing = missing(section);
        text.push_str(&format!("\n## {}\n", section.title));
        if let Some(capability) = missing {
            let words = capability.words();
            text.push_str(&format!("\n*Not yet: all of this needs {words}.*\n"));
        }
        text.push_str(HEADING);
        section
            .rows
            .iter()
            .for_each(|row| text.push_str(&line(row, missing.is_some())));
    }
    text
}

/// What this build lacks for a whole section.
fn missing(section: &Section) -> Option<Capability> {
    let needed = section.rows.first()?.capability;
    let shared = section.rows.iter().all(|row| row.capability == needed);
    (shared && needed.availability() == Availability::Later).then_some(needed)
}

fn line(row: &Row, is_said_above: bool) -> String {
    let names: Vec<String> = row
        .file_name()
        .into_iter()
        .chain(row.foreign_names().map(str::to_owned))
        .map(|name| format!("`{name}`"))
        .collect();
    let default = match (row.default_note, row.default) {
        (Some(note), _) => note.to_owned(),
        (None, Some(default)) => format!("`{default}`"),
        (None, None) => "none".to_owned(),
    };
    let later = match row.capability.availability() {
        Availability::Later if !is_said_above => {
            format!(" *Not yet: needs {}.*", row.capability.words())
        }
        Availability::Now | Availability::Later => String::new(),
    };
    let cells = [
        format!("`{}`", row.name),
        default,
        row.accepts(),
        names.join(", "),
        format!("{}{later}", row.doc()),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

const HEADING: &str = "
| Variable | Default | Accepts | Other names | Meaning |
|---|---|---|---|---|
";

const INTRODUCTION: &str = "\
# Settings

This page is generated from the table in `crates/supervisor/src/settings`; \
`UPDATE_DOCS=1 cargo test -p supervisor settings` writes it anew.

A value is taken from the first of these that has one: the `CONSIGN_*` variable, the ecosystem's \
name for it (`NATS_URL`), the name that an earlier system had (accepted with a notice), the TOML \
file that `CONSIGN_CONFIG` names, the default. `RUST_LOG` alone wins over its `CONSIGN_LOG`. An \
empty variable is not set.

- The keys of the TOML file are the names in lower case without `CONSIGN_`, all on the top level: \
  `http_addr = \"127.0.0.1:8080\"`. Variables are not expanded in it.
- Every secret can be kept in a file instead, named by the variable with `_FILE` at its end. Both \
  at once is an error. One line break at the end of the file is no part of the secret. A file \
  that others can read, or that its group can write, is refused; one that its group can read is \
  accepted with a notice (in Kubernetes, mount with `defaultMode: 0440`). The same holds for a TOML file with a secret in it.
- Booleans are `1` or `0`, `true` or `false`, `yes` or `no`, `on` or `off`.
- Durations carry a unit: `250ms`, `2h`, `90d`. Sizes are bytes, or carry `KiB`, `MiB`, `GiB` or \
  `TiB`.
- An unknown `CONSIGN_*` variable is an error, except for those that Kubernetes sets for a Service \
  called `consign…`. So is a setting for something this build lacks, unless its value is the one \
  that turns it off.
- All mistakes are reported at once, with exit status 78.
";
