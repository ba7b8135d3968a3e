use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};

/// Who is connecting. `Display` and `Debug` name the kind alone.
#[derive(Clone, Default)]
pub enum Auth {
    /// Nobody in particular.
    #[default]
    None,
    /// Whoever knows the token.
    Token(SecretString),
    /// A user with a password.
    UserPassword {
        /// The user's name.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// The owner of the nkey whose seed is in a file, read again for every attempt.
    NkeyFile(PathBuf),
    /// The user of a `.creds` file, which holds a JWT and a seed. It is read again for every
    /// attempt, so that a renewed file is taken up without a restart.
    CredsFile(PathBuf),
}

impl Auth {
    /// Whether nobody in particular is connecting.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Token(one), Self::Token(other)) => are_equal(one, other),
            (Self::UserPassword { user: one, .. }, Self::UserPassword { user: other, .. })
                if one != other =>
            {
                false
            }
            (
                Self::UserPassword { password: one, .. },
                Self::UserPassword {
                    password: other, ..
                },
            ) => are_equal(one, other),
            (Self::NkeyFile(one), Self::NkeyFile(other))
            | (Self::CredsFile(one), Self::CredsFile(other)) => one == other,
            _ => false,
        }
    }
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no login",
            Self::Token(_) => "a token",
            Self::UserPassword { .. } => "a user and a password",
            Self::NkeyFile(_) => "an nkey",
            Self::CredsFile(_) => "a creds file",
        })
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Auth({self})")
    }
}

fn are_equal(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}
