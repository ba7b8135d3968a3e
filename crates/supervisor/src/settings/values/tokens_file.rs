use std::fmt;
use std::path::{Path, PathBuf};

use events_http::{Scope, Token, Tokens};
use toml::Value as Toml;

use super::file::said;
use super::{Form, Given, Privacy, Value, Wrong, bearer_token, read_text};
use crate::settings::toml_file::position;

/// Bearer tokens from a TOML file that others could not read when the settings were: a list
/// `[[token]]` of `name`, `token` or `sha256`, and `scopes`. Debug shows their names alone.
#[derive(Clone)]
pub struct TokensFile {
    path: PathBuf,
    privacy: Privacy,
    list: Vec<Named>,
}

#[derive(Clone)]
struct Named {
    name: String,
    token: Token,
    scopes: Vec<Scope>,
}

impl TokensFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tokens, with what each is good for.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        let mut tokens = Tokens::default();
        for Named { token, scopes, .. } in &self.list {
            tokens.add(token.clone(), scopes.iter().copied());
        }
        tokens
    }

    /// The name of `token`, where it is among them.
    #[must_use]
    pub fn name_of(&self, token: &Token) -> Option<&str> {
        let found = self.list.iter().find(|named| named.token == *token);
        found.map(|named| named.name.as_str())
    }
}

impl fmt::Debug for TokensFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.list.iter().map(|named| &named.name))
            .finish()
    }
}

impl Value for TokensFile {
    const FORM: Form = Form::Text {
        noun: "the path of a file that others cannot read",
        example: "/etc/consign/tokens.toml",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let (text, privacy) = read_text(given.text)?;
        privacy.accept(given.text)?;
        let list = read(&text).map_err(|faults| {
            let path = said(given.text);
            Wrong::because(format!("{path}: {}", faults.join("; ")))
        })?;
        Ok(Self {
            path: PathBuf::from(given.text),
            privacy,
            list,
        })
    }

    fn remark(&self) -> Option<String> {
        self.privacy.remark(&self.path)
    }
}

/// The tokens in a text, or everything that is wrong with it and nothing of what it holds.
fn read(text: &str) -> Result<Vec<Named>, Vec<String>> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| position(text, span.start));
        let place = place.unwrap_or_else(|| "somewhere".to_owned());
        vec![format!("not valid TOML at {place}")]
    })?;
    let mut faults = Vec::new();
    if table.keys().any(|key| key != LIST) {
        faults.push("has something beside the list [[token]]".to_owned());
    }
    let entries = table.get(LIST).and_then(Toml::as_array);
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        faults.push("has no [[token]]".to_owned());
    }
    let mut list: Vec<Named> = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        let mut reading = Reading::of(entry, number, &mut faults);
        let Some(named) = reading.finish() else {
            continue;
        };
        for other in &list {
            if other.name == named.name {
                reading.fault("has the name of another one");
            }
            if other.token == named.token {
                reading.fault(&format!("is the same as token {}", other.name));
            }
        }
        list.push(named);
    }
    if faults.is_empty() {
        Ok(list)
    } else {
        Err(faults)
    }
}

/// One entry of the list, being read.
struct Reading<'a> {
    table: toml::Table,
    /// What it is called: by its name where that can be shown, else by its place.
    label: String,
    faults: &'a mut Vec<String>,
}

impl<'a> Reading<'a> {
    fn of(entry: &Toml, number: usize, faults: &'a mut Vec<String>) -> Self {
        Self {
            table: entry.as_table().cloned().unwrap_or_default(),
            label: format!("#{number}"),
            faults,
        }
    }

    /// The entry, unless something is wrong with it.
    fn finish(&mut self) -> Option<Named> {
        let known = |key: &String| KEYS.contains(&key.as_str());
        let name = self.name();
        if !self.table.keys().all(known) {
            self.fault("has a key that is none of name, token, sha256 and scopes");
        }
        let token = self.token();
        let scopes = self.scopes();
        Some(Named {
            name: name?,
            token: token?,
            scopes: scopes?,
        })
    }

    fn name(&mut self) -> Option<String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let name = self.table.get(NAME).and_then(Toml::as_str);
        let name = name.filter(|name| (1..=64).contains(&name.len()) && name.bytes().all(allowed));
        match name.map(str::to_owned) {
            Some(name) => {
                self.label.clone_from(&name);
                Some(name)
            }
            None => self.refuse("needs a name of 1 to 64 letters, digits, _, - and ."),
        }
    }

    fn token(&mut self) -> Option<Token> {
        let text = |key| self.table.get(key).map(Toml::as_str);
        match (text(TOKEN), text(DIGEST)) {
            (Some(Some(token)), None) => match bearer_token(token) {
                Ok(token) => Some(token),
                Err(faults) => {
                    for fault in faults {
                        self.fault(fault);
                    }
                    None
                }
            },
            (None, Some(Some(hex))) => match format!("sha256:{hex}").parse() {
                Ok(token) => Some(token),
                Err(_) => self.refuse("has a sha256 that is not 64 hexadecimal digits"),
            },
            (None, None) | (Some(_), Some(_)) => self.refuse("needs either token or sha256"),
            (Some(None), None) | (None, Some(None)) => {
                self.refuse("has a token or sha256 that is not text")
            }
        }
    }

    fn scopes(&mut self) -> Option<Vec<Scope>> {
        let listed = self.table.get(SCOPES).and_then(Toml::as_array).cloned();
        let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
            return self.refuse("needs a list of scopes");
        };
        let mut scopes = Vec::new();
        for (number, scope) in (1..).zip(&listed) {
            match scope.as_str().map(str::parse::<Scope>) {
                Some(Ok(scope)) => scopes.push(scope),
                Some(Err(error)) => self.fault(&format!("has a wrong scope {number}: {error}")),
                None => self.fault(&format!("has a scope {number} that is not text")),
            }
        }
        (scopes.len() == listed.len()).then_some(scopes)
    }

    fn refuse<T>(&mut self, what: &str) -> Option<T> {
        self.fault(what);
        None
    }

    fn fault(&mut self, what: &str) {
        self.faults.push(format!("token {} {what}", self.label));
    }
}

const LIST: &str = "token";
const KEYS: [&str; 4] = [NAME, TOKEN, DIGEST, SCOPES];
const NAME: &str = "name";
const TOKEN: &str = "token";
const DIGEST: &str = "sha256";
const SCOPES: &str = "scopes";
