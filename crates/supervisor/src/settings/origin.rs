use std::fmt;
use std::path::{Path, PathBuf};

/// Where a value came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    pub(super) tier: Tier,
    /// The variable or key that was set; for a default, the setting's own name.
    pub(super) key: String,
    /// The file the value itself was read from, for a secret kept in one.
    pub(super) file: Option<PathBuf>,
}

/// The sources of values, the strongest first.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Tier {
    /// The command line of an operator's tool.
    Flag,
    /// A foreign variable that wins over ours.
    Above,
    /// Our own variable.
    Own,
    /// A variable of the ecosystem.
    Ecosystem,
    /// A variable of an earlier system.
    Legacy,
    /// The TOML file.
    File(PathBuf),
    /// A foreign variable that makes up the default.
    Fallback,
    /// Nothing was set.
    Default,
}

impl Origin {
    pub(super) fn new(tier: Tier, key: impl Into<String>) -> Self {
        Self {
            tier,
            key: key.into(),
            file: None,
        }
    }

    /// Whether somebody set the value on purpose.
    pub(super) fn is_explicit(&self) -> bool {
        !matches!(self.tier, Tier::Fallback | Tier::Default)
    }

    /// The origin together with what it means beside the setting's own name.
    pub(super) fn explained(&self, name: &str) -> String {
        match self.tier {
            Tier::Above => format!("{self} (alias; wins over {name})"),
            Tier::Ecosystem => format!("{self} (alias; {name} not set)"),
            Tier::Legacy => format!("{self} (earlier name; {name} not set)"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.tier {
            Tier::Default => f.write_str("default")?,
            Tier::Flag => f.write_str(&self.key)?,
            Tier::Fallback => write!(f, "default, by env {}", self.key)?,
            Tier::File(path) => write!(f, "{} in {}", self.key, path.display())?,
            Tier::Above | Tier::Own | Tier::Ecosystem | Tier::Legacy => {
                write!(f, "env {}", self.key)?;
            }
        }
        match self.file.as_deref().map(Path::display) {
            Some(path) => write!(f, ", file {path}"),
            None => Ok(()),
        }
    }
}
