use crate::settings::Settings;
use crate::settings::row::Row;

/// A file of environment variables in which everything is commented out, with the defaults.
#[must_use]
pub fn example() -> String {
    let mut text =
        "# Settings of Consign. Uncomment what shall differ from the default.\n".to_owned();
    for section in Settings::TABLE {
        text.push_str(&format!("\n# {}\n", section.title));
        for row in section.rows {
            text.push_str(&entry(row));
        }
    }
    text
}

fn entry(row: &Row) -> String {
    let note = row
        .default_note
        .map(|note| format!(" Default: {note}."))
        .unwrap_or_default();
    let file = row
        .file_name()
        .map(|file| format!(" Or {file}."))
        .unwrap_or_default();
    let value = row.default.unwrap_or_default();
    format!(
        "\n# {} Accepts {}.{note}{file}\n#{}={value}\n",
        row.doc(),
        row.accepts(),
        row.name
    )
}
