use std::collections::BTreeMap;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::problem::Problem;
use super::row::CONFIG;
use super::values::{Privacy, Wrong, read_text};

/// The optional configuration file: flat, keys being the settings' names in lower case without
/// the prefix. No Debug: it may hold secrets.
pub(super) struct TomlFile {
    pub(super) path: PathBuf,
    pub(super) privacy: Privacy,
    pub(super) values: BTreeMap<String, Zeroizing<String>>,
}

impl TomlFile {
    /// Reads the file, and says which of its values are no text, number, boolean or list of texts.
    ///
    /// # Errors
    /// The file cannot be read or is no TOML; a file that cannot be read at all is also what the
    /// setting that names it says, so nothing is reported twice.
    pub(super) fn read(path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let (text, privacy) = match read_text(path) {
            Ok(read) => read,
            Err(Wrong::Because(what)) => {
                problems.push(Problem::new(CONFIG, what));
                return None;
            }
            Err(Wrong::Form) => return None,
        };
        let table: toml::Table = match toml::from_str(&text) {
            Ok(table) => table,
            Err(error) => {
                let place = error.span().map(|span| position(&text, span.start));
                let place = place.unwrap_or_else(|| "somewhere".to_owned());
                problems.push(Problem::new(
                    CONFIG,
                    format!("{path}: not valid TOML at {place}"),
                ));
                return None;
            }
        };
        let mut values = BTreeMap::new();
        for (key, value) in table {
            match plain(value) {
                Some(text) => drop(values.insert(key, text)),
                None => {
                    let what = format!(
                        "in {path} is neither a text, a whole number, a boolean nor a list of texts"
                    );
                    problems.push(Problem::new(key, what));
                }
            }
        }
        Some(Self {
            path: PathBuf::from(path),
            privacy,
            values,
        })
    }

    /// The value of a key, unless it is empty.
    pub(super) fn value(&self, key: &str) -> Option<Zeroizing<String>> {
        self.values
            .get(key)
            .filter(|text| !text.is_empty())
            .cloned()
    }
}

/// A value in the notation that the environment has.
fn plain(value: toml::Value) -> Option<Zeroizing<String>> {
    let text = match value {
        toml::Value::String(text) => text,
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(flag) => flag.to_string(),
        toml::Value::Array(items) => list(&items)?,
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => return None,
    };
    Some(Zeroizing::new(text))
}

fn list(items: &[toml::Value]) -> Option<String> {
    let texts: Option<Vec<&str>> = items
        .iter()
        .map(|item| item.as_str().filter(|text| !text.contains(',')))
        .collect();
    texts.map(|texts| texts.join(","))
}

/// Line and column of a byte. The parser's own words may quote the file, and thereby a secret.
pub(super) fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    format!("line {line}, column {column}")
}
