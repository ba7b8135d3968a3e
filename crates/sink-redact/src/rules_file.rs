use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use toml::{Table, Value};

use crate::Fields;
use crate::config::{ConfigError, ConfigProblem};
use crate::find::CustomRule;

/// A rules file, read and checked. Its form is told in the crate's documentation.
#[derive(Debug)]
pub(crate) struct RulesFile {
    pub(crate) names: Vec<String>,
    pub(crate) excepted_names: Vec<String>,
    pub(crate) fields: Fields,
    pub(crate) rules: Vec<CustomRule>,
    pub(crate) allowed: RegexSet,
}

impl RulesFile {
    /// Reads the text of a file. An empty text is an empty file.
    ///
    /// # Errors
    /// The first fault of the TOML, or everything that is wrong with what it says.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        let table: Table = text.parse().map_err(|error| syntax_error(text, &error))?;
        let mut reader = Reader::default();
        let file = reader.file(&table);
        ConfigError::none_in(reader.problems)?;
        Ok(file)
    }
}

/// Reads tables and collects what is wrong with them.
#[derive(Default)]
struct Reader {
    problems: Vec<ConfigProblem>,
}

impl Reader {
    fn file(&mut self, file: &Table) -> RulesFile {
        self.known(file, "", &["fields", "keys", "allow", "rules"]);
        let empty = Table::new();
        let keys = self.table(file, "keys").unwrap_or(&empty);
        self.known(keys, "keys.", &["names", "allow"]);
        let allow = self.table(file, "allow").unwrap_or(&empty);
        self.known(allow, "allow.", &["values", "patterns"]);
        let mut fields = Fields::default();
        for field in self.strings(file, "", "fields") {
            self.problems.extend(fields.add(&field).err());
        }
        RulesFile {
            names: self.names(keys, "names"),
            excepted_names: self.names(keys, "allow"),
            fields,
            rules: self.rules(file),
            allowed: self.allowed(allow),
        }
    }

    fn names(&mut self, keys: &Table, key: &str) -> Vec<String> {
        let names = self.strings(keys, "keys.", key);
        for name in &names {
            let letters = name
                .bytes()
                .any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
            if !letters || name.len() > LONGEST_NAME {
                let problem = format!("must have a letter and at most {LONGEST_NAME} bytes");
                self.report(format!("keys.{key} {name:?}"), problem);
            }
        }
        names
    }

    fn rules(&mut self, file: &Table) -> Vec<CustomRule> {
        let entries = match file.get("rules") {
            None => return Vec::new(),
            Some(Value::Array(entries)) if entries.len() <= MOST_RULES => entries.as_slice(),
            Some(_) => {
                self.report(
                    "rules",
                    format!("must be at most {MOST_RULES} tables [[rules]]"),
                );
                return Vec::new();
            }
        };
        let mut rules: Vec<CustomRule> = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("rule {}", index + 1);
            let Value::Table(entry) = entry else {
                self.report(at, "must be a table");
                continue;
            };
            let Some(rule) = self.rule(entry, at) else {
                continue;
            };
            if rules.iter().any(|other| other.name == rule.name) {
                self.report(format!("rule {:?}", rule.name), "stands there twice");
            }
            rules.push(rule);
        }
        rules
    }

    fn rule(&mut self, entry: &Table, place: String) -> Option<CustomRule> {
        let name = entry.get("name").and_then(Value::as_str);
        let at = name.map_or(place, |name| format!("rule {name:?}"));
        self.known(
            entry,
            &format!("{at}: "),
            &["name", "pattern", "keywords", "entropy"],
        );
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let well_named = |name: &&str| (1..=40).contains(&name.len()) && name.bytes().all(allowed);
        let name = name.filter(well_named);
        if name.is_none() {
            self.report(format!("{at}: name"), "must be 1 to 40 of a-z, 0-9 and -");
        }
        let keywords = self.strings(entry, &format!("{at}: "), "keywords");
        if keywords.iter().any(String::is_empty) {
            self.report(format!("{at}: keywords"), "must not be empty");
        }
        let entropy = match entry.get("entropy") {
            None => Some(0.0),
            Some(Value::Integer(bits @ 0..=8)) => Some(*bits as f64),
            Some(Value::Float(bits)) if (0.0..=8.0).contains(bits) => Some(*bits),
            Some(_) => None,
        };
        if entropy.is_none() {
            self.report(format!("{at}: entropy"), "must be a number from 0 to 8");
        }
        let pattern = entry
            .get("pattern")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let pattern = self.pattern(&format!("{at}: pattern"), pattern);
        Some(CustomRule {
            name: name?.to_owned(),
            pattern: pattern?,
            keywords,
            entropy: entropy?,
        })
    }

    fn allowed(&mut self, allow: &Table) -> RegexSet {
        let mut patterns = Vec::new();
        for value in self.strings(allow, "allow.", "values") {
            patterns.push(format!("^(?:{})$", regex::escape(&value)));
        }
        for pattern in self.strings(allow, "allow.", "patterns") {
            if self
                .pattern(&format!("allow.patterns {pattern:?}"), &pattern)
                .is_some()
            {
                patterns.push(pattern);
            }
        }
        let set = RegexSetBuilder::new(patterns)
            .unicode(false)
            .size_limit(LARGEST_SET)
            .build();
        set.unwrap_or_else(|_| {
            self.report("allow", "is too large");
            RegexSet::empty()
        })
    }

    /// Compiles a pattern of linear time and bounded size.
    fn pattern(&mut self, at: &str, pattern: &str) -> Option<Regex> {
        if !(1..=LONGEST_PATTERN).contains(&pattern.len()) {
            self.report(
                at,
                format!("must be a regular expression of 1 to {LONGEST_PATTERN} bytes"),
            );
            return None;
        }
        let compiled = RegexBuilder::new(pattern)
            .unicode(false)
            .size_limit(LARGEST_PATTERN)
            .build();
        match compiled {
            Ok(regex) => Some(regex),
            Err(regex::Error::CompiledTooBig(_)) => {
                self.report(at, "is too large once it is compiled");
                None
            }
            Err(error) => {
                // The last line says what is wrong, those before it show where.
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default();
                self.report(at, format!("is no regular expression: {reason}"));
                None
            }
        }
    }

    fn table<'f>(&mut self, file: &'f Table, key: &str) -> Option<&'f Table> {
        match file.get(key)? {
            Value::Table(table) => Some(table),
            _ => {
                self.report(key, "must be a table");
                None
            }
        }
    }

    fn strings(&mut self, table: &Table, at: &str, key: &str) -> Vec<String> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let texts: Vec<_> = entries
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        if !value.is_array() || texts.len() < entries.len() {
            self.report(format!("{at}{key}"), "must be an array of strings");
        }
        texts
    }

    fn known(&mut self, table: &Table, at: &str, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            let problem = format!("is not known; known are {}", known.join(", "));
            self.report(format!("{at}{key}"), problem);
        }
    }

    fn report(&mut self, at: impl Into<String>, problem: impl Into<String>) {
        self.problems.push(ConfigProblem::new(at, problem));
    }
}

fn syntax_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.unwrap_or_default().matches('\n').count() + 1;
    let problem = format!("is no TOML: {}", error.message());
    ConfigError::from(ConfigProblem::new(format!("line {line}"), problem))
}

const LONGEST_NAME: usize = 64;
const LONGEST_PATTERN: usize = 1000;
const LARGEST_PATTERN: usize = 1 << 18;
const LARGEST_SET: usize = 1 << 22;
const MOST_RULES: usize = 200;

#[cfg(test)]
mod tests {
    use super::RulesFile;

    #[test]
    fn a_whole_file_is_read() {
        let file = RulesFile::parse(
            r#"
            fields = ["data.user.ssn", "/card/number", "iban"]
            [keys]
            names = ["x-acme-pin"]
            allow = ["csrf_token"]
            [allow]
            values = ["changeme"]
            patterns = ["^test-"]
            [[rules]]
            name = "acme-key"
            pattern = 'acme_([a-z0-9]{8})'
            keywords = ["acme_"]
            entropy = 2
            "#,
        )
        .unwrap();
        assert!(file.fields.names("iban") && file.names == ["x-acme-pin"]);
        assert!(file.allowed.is_match(b"changeme") && !file.allowed.is_match(b"changeme2"));
        assert!(file.allowed.is_match(b"test-1") && file.rules[0].name == "acme-key");
    }

    #[test]
    fn every_fault_is_named() {
        let error = RulesFile::parse(
            r#"
            fields = ["a..b", 1]
            colour = "red"
            [keys]
            names = ["123", "x"]
            [allow]
            patterns = ["("]
            [[rules]]
            name = "Bad Name"
            pattern = "a"
            [[rules]]
            name = "huge"
            pattern = "((a{100}){100}){100}"
            entropy = 9
            [[rules]]
            name = "twice"
            pattern = "a"
            [[rules]]
            name = "twice"
            pattern = "b"
            keyword = ["x"]
            "#,
        )
        .unwrap_err();
        let text = error.to_string();
        for part in [
            "fields must",
            "field \"a..b\"",
            "colour is not known",
            "keys.names \"123\"",
            "allow.patterns \"(\"",
            "rule \"Bad Name\": name",
            "rule \"huge\": pattern is too large",
            "rule \"huge\": entropy",
            "rule \"twice\" stands",
            "rule \"twice\": keyword is not known",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(error.problems().count(), 10, "{text}");
    }

    #[test]
    fn a_fault_of_the_toml_is_told_by_its_line() {
        let error = RulesFile::parse("fields = []\n\n[keys\n").unwrap_err();
        assert!(
            error.to_string().starts_with("line 3 is no TOML"),
            "{error}"
        );
    }
}
