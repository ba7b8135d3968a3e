use super::{Form, Given, Value, Wrong};

/// Names of members of an event's data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FieldNames(Vec<String>);

impl FieldNames {
    /// The names; the word `defaults` has been replaced by what it stands for.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl Value for FieldNames {
    const FORM: Form = Form::List {
        noun: "field names, comma-separated",
        example: "defaults,password",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let mut names: Vec<String> = Vec::new();
        for name in entries(given.text)? {
            let expanded: &[&str] = if name.eq_ignore_ascii_case("defaults") {
                &DEFAULTS
            } else {
                &[name]
            };
            for name in expanded {
                if !names.iter().any(|known| known == name) {
                    names.push((*name).to_owned());
                }
            }
        }
        Ok(Self(names))
    }
}

/// Names of extension attributes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExtensionNames(Vec<String>);

impl ExtensionNames {
    /// The names, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl Value for ExtensionNames {
    const FORM: Form = Form::List {
        noun: "extension names of a-z and 0-9",
        example: "tenantid,runid",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let names = entries(given.text)?;
        if !names.iter().all(|name| name.bytes().all(allowed)) {
            return Err(Wrong::Form);
        }
        Ok(Self(names.into_iter().map(str::to_owned).collect()))
    }
}

/// The entries of a comma-separated list, none of them empty.
pub(super) fn entries(text: &str) -> Result<Vec<&str>, Wrong> {
    let entries: Vec<&str> = text.split(',').map(str::trim).collect();
    if entries.iter().any(|entry| entry.is_empty()) {
        return Err(Wrong::because("has an empty entry"));
    }
    Ok(entries)
}

/// What `defaults` stands for among field names.
const DEFAULTS: [&str; 3] = ["argv", "path", "reason"];
