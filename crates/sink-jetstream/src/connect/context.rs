use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

use super::auth::Auth;
use super::context_error::ContextError;
use super::error::ConnectError;
use super::options::ConnectOptions;
use super::server_url::ServerUrl;
use super::tls::{Tls, TlsMode};

/// A context of the `nats` command: a named way to reach a broker, kept as a file.
///
/// The files are in the directory `nats` of the user's configuration: `context/<name>.json`, and
/// `context.txt` with the name of the one that is selected. Fields that say nothing about the
/// connection are left aside; those that change how it is made and cannot be followed are errors,
/// or the connection would be another than the one that the context describes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// Its name.
    pub name: String,
    /// What its owner says of it.
    pub description: String,
    /// How it reaches the broker.
    pub options: ConnectOptions,
}

impl Context {
    /// Reads a context. `directory` is the directory `nats` itself, and `home` what `~` stands
    /// for in the paths of files.
    ///
    /// # Errors
    /// Where there is none of that name, and where it cannot be used. No value of the file is
    /// repeated.
    pub fn load(directory: &Path, name: &str, home: Option<&Path>) -> Result<Self, ContextError> {
        let is_name = !name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "..";
        if !is_name {
            return Err(ContextError::Name);
        }
        let path = directory.join("context").join(format!("{name}.json"));
        let text = std::fs::read(&path).map_err(|source| ContextError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let file: File =
            serde_json::from_slice(&text).map_err(|error| ContextError::Malformed {
                path: path.clone(),
                line: error.line(),
                column: error.column(),
            })?;
        file.check(&path)?;
        let description = file.description.clone();
        let options = file.options(home);
        let options = options.map_err(|source| ContextError::Options { path, source })?;
        Ok(Self {
            name: name.to_owned(),
            description,
            options,
        })
    }

    /// The name of the context that is selected, if one is.
    ///
    /// # Errors
    /// Where the file with the name cannot be read.
    pub fn selected(directory: &Path) -> Result<Option<String>, ContextError> {
        let path = directory.join("context.txt");
        match std::fs::read_to_string(&path) {
            Ok(name) => Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ContextError::Unreadable { path, source }),
        }
    }

    /// The names of all contexts, in order.
    ///
    /// # Errors
    /// Where the directory cannot be read. One that is missing holds no contexts.
    pub fn names(directory: &Path) -> Result<Vec<String>, ContextError> {
        let path = directory.join("context");
        let unreadable = |source| ContextError::Unreadable {
            path: path.clone(),
            source,
        };
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let file = entry.map_err(unreadable)?.file_name();
            let name = file.to_str().and_then(|name| name.strip_suffix(".json"));
            names.extend(name.map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// The fields of a context's file that bear on the connection. An empty text says nothing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    description: String,
    url: String,
    token: String,
    user: String,
    password: String,
    creds: String,
    nkey: String,
    cert: String,
    key: String,
    ca: String,
    tls_first: bool,
    inbox_prefix: String,
    jetstream_domain: String,
    jetstream_api_prefix: String,
    nsc: String,
    socks_proxy: String,
    user_jwt: String,
    user_seed: String,
}

impl File {
    fn check(&self, path: &Path) -> Result<(), ContextError> {
        let unsupported = [
            ("nsc", &self.nsc),
            ("socks_proxy", &self.socks_proxy),
            ("user_jwt", &self.user_jwt),
            ("user_seed", &self.user_seed),
        ];
        let elsewhere = [
            ("token", &self.token),
            ("user", &self.user),
            ("password", &self.password),
            ("creds", &self.creds),
            ("nkey", &self.nkey),
        ];
        let in_vault = elsewhere
            .iter()
            .find(|(_, value)| value.starts_with("op://"));
        let field = unsupported
            .iter()
            .find(|(_, value)| !value.is_empty())
            .or(in_vault);
        match field {
            Some((field, _)) => Err(ContextError::Unsupported {
                path: path.to_owned(),
                field,
            }),
            None => Ok(()),
        }
    }

    fn options(self, home: Option<&Path>) -> Result<ConnectOptions, ConnectError> {
        let url = given(&self.url).unwrap_or_else(|| DEFAULT_URL.to_owned());
        let servers = url.split(',').map(str::parse);
        let servers = servers.collect::<Result<Vec<ServerUrl>, _>>()?;
        let file = |path: &str| (!path.is_empty()).then(|| at_home(path, home));
        Ok(ConnectOptions {
            tls: Tls {
                mode: match self.tls_first {
                    true => TlsMode::First,
                    false => TlsMode::Auto,
                },
                ca_file: file(&self.ca),
                cert_file: file(&self.cert),
                key_file: file(&self.key),
            },
            domain: given(&self.jetstream_domain),
            api_prefix: given(&self.jetstream_api_prefix),
            inbox_prefix: given(&self.inbox_prefix),
            auth: self.auth(home)?,
            ..ConnectOptions::new(servers)
        })
    }

    fn auth(self, home: Option<&Path>) -> Result<Auth, ConnectError> {
        let token = given(&self.token).map(|token| Auth::Token(SecretString::from(token)));
        let password = SecretString::from(self.password);
        let user = given(&self.user).map(|user| Auth::UserPassword { user, password });
        let creds = given(&self.creds).map(|path| Auth::CredsFile(at_home(&path, home)));
        let nkey = given(&self.nkey).map(|path| Auth::NkeyFile(at_home(&path, home)));
        let mut logins = [creds, nkey, user, token].into_iter().flatten();
        match (logins.next(), logins.next()) {
            (Some(one), Some(other)) => Err(ConnectError::TwoLogins { one, other }),
            (one, _) => Ok(one.unwrap_or_default()),
        }
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn at_home(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Where the `nats` command looks if it is told nothing.
const DEFAULT_URL: &str = "nats://127.0.0.1:4222";
