use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::str::FromStr;

#[cfg(feature = "postgres")]
use tokio_postgres::config::Host;

use crate::backend::{Backend, Reader};
use crate::{Config, StoreError};

/// Where a store is: `sqlite:<path>`, or a `postgres://` URL as PostgreSQL's own programs take it.
///
/// Neither Debug nor Display shows a password, or anything else of a URL's options.
#[derive(Clone)]
pub struct StoreUrl(Place);

/// Why a text names no store. Never quotes it, since it may hold a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Neither scheme.
    #[error("find `sqlite:` or `postgres://` at its beginning")]
    Scheme,
    /// No file that could outlive the process.
    #[error("find the path of a file after `sqlite:`")]
    Path,
    /// Not a URL of PostgreSQL's.
    #[error(
        "read it as postgres://user:password@host:port/database, with other signs as %40 and so on"
    )]
    Postgres,
    /// The program was built without that database.
    #[error("find that database built in")]
    NotBuilt,
}

#[derive(Clone)]
enum Place {
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(Box<tokio_postgres::Config>),
}

impl StoreUrl {
    pub(crate) fn writer(&self, config: &Config) -> Result<Box<dyn Backend>, StoreError> {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Place::Sqlite(path) => Ok(Box::new(crate::sqlite::Sqlite::open(path, config)?)),
            #[cfg(feature = "postgres")]
            Place::Postgres(login) => Ok(Box::new(crate::postgres::Postgres::new(login, config)?)),
        }
    }

    pub(crate) async fn reader(&self, config: &Config) -> Result<Box<dyn Reader>, StoreError> {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Place::Sqlite(path) => {
                let reader = crate::sqlite::SqliteReader::new(path.clone(), config.clone());
                Ok(Box::new(reader))
            }
            #[cfg(feature = "postgres")]
            Place::Postgres(login) => {
                let reader = crate::postgres::PostgresReader::connect(login, config).await?;
                Ok(Box::new(reader))
            }
        }
    }
}

impl FromStr for StoreUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return sqlite(path.strip_prefix("//").unwrap_or(path)).map(Self);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return postgres(text).map(Self);
        }
        Err(UrlError::Scheme)
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Place::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            #[cfg(feature = "postgres")]
            Place::Postgres(login) => {
                f.write_str("postgres://")?;
                for (index, host) in login.get_hosts().iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    match host {
                        Host::Tcp(name) => write!(f, "{comma}{name}")?,
                        #[cfg(unix)]
                        Host::Unix(path) => {
                            write!(f, "{comma}{}", path.display())?;
                        }
                    }
                    let ports = login.get_ports();
                    if let Some(port) = ports.get(index).or(ports.first()) {
                        write!(f, ":{port}")?;
                    }
                }
                write!(f, "/{}", login.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(path: &str) -> Result<Place, UrlError> {
    // A database in memory, or behind options that this does not read, keeps no promise.
    if path.is_empty() || path.starts_with(':') || path.contains(['?', '\0']) {
        return Err(UrlError::Path);
    }
    Ok(Place::Sqlite(path.into()))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<Place, UrlError> {
    Err(UrlError::NotBuilt)
}

#[cfg(feature = "postgres")]
fn postgres(text: &str) -> Result<Place, UrlError> {
    // The library's own error may quote a part of the URL.
    // An `@` left as it is in a password would make what follows it a host or a database, which are
    // shown.
    if text.matches('@').count() > 1 {
        return Err(UrlError::Postgres);
    }
    let login: tokio_postgres::Config = text.parse().map_err(|_| UrlError::Postgres)?;
    let is_name = |host: &Host| match host {
        Host::Tcp(name) => !name.contains('@'),
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    let hosts = login.get_hosts();
    if hosts.is_empty() || !hosts.iter().all(is_name) {
        return Err(UrlError::Postgres);
    }
    Ok(Place::Postgres(Box::new(login)))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str) -> Result<Place, UrlError> {
    Err(UrlError::NotBuilt)
}

#[cfg(test)]
mod tests {
    use super::StoreUrl;

    #[test]
    #[cfg(feature = "sqlite")]
    fn a_path_is_a_file_and_no_database_in_memory() {
        let shown = |text: &str| text.parse::<StoreUrl>().map(|url| url.to_string());
        assert_eq!(shown("sqlite:a/b.sqlite").unwrap(), "sqlite:a/b.sqlite");
        assert_eq!(shown("sqlite:///var/b").unwrap(), "sqlite:/var/b");
        for refused in [
            "sqlite:",
            "sqlite::memory:",
            "sqlite:a?mode=memory",
            "mysql://a",
            "",
        ] {
            assert!(shown(refused).is_err(), "{refused}");
        }
    }

    #[test]
    #[cfg(feature = "postgres")]
    fn a_password_is_never_shown() {
        let text = "postgres://me:hunter2@db.example:5433/events?connect_timeout=2";
        let url: StoreUrl = text.parse().unwrap();
        assert_eq!(url.to_string(), "postgres://db.example:5433/events");
        assert_eq!(
            format!("{url:?}"),
            "StoreUrl(postgres://db.example:5433/events)"
        );
        for broken in [
            "postgres://me:hunter2@db:port/x",
            "postgres://me:hunter2@db/x?hunter2=1",
            "postgres://me:hun%zzhunter2@db/x",
            "postgres://me@hunter2@db/x",
            "postgres://me:pa/ss@hunter2@db/x",
            "postgres://me:pa@hunter2/ss@db/x",
            "postgres://me:pa@hunter2?user=ss@db/x",
            "postgres://me:pa@hunter2%40db/x",
        ] {
            let said = match broken.parse::<StoreUrl>() {
                Ok(url) => format!("{url} {url:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
