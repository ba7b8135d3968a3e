use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::{KeyPair, KeyPairType};
use secrecy::ExposeSecret as _;

use super::error::ConnectError;
use super::files;

/// What a user proves its identity with: a key and, in a `.creds` file, a JWT about it.
pub(super) struct Credentials {
    pub(super) jwt: Option<String>,
    pub(super) key: KeyPair,
}

impl Credentials {
    /// Reads a `.creds` file: two blocks between lines of dashes, the JWT and then the seed.
    pub(super) fn from_creds_file(path: &Path) -> Result<Self, ConnectError> {
        let wrong = |reason| ConnectError::malformed(CREDS, path, reason);
        let bytes = files::read(CREDS, path)?;
        let text = str::from_utf8(bytes.expose_secret()).map_err(|_| wrong("it is not text"))?;
        let jwt = block(text, "USER JWT").ok_or_else(|| wrong("it holds no user JWT"))?;
        let seed = block(text, "NKEY SEED").ok_or_else(|| wrong("it holds no nkey seed"))?;
        let key = user_key(seed).ok_or_else(|| wrong(NO_SEED))?;
        let jwt = Some(jwt.to_owned());
        Ok(Self { jwt, key })
    }

    /// Reads a file with a seed on a line of its own.
    pub(super) fn from_nkey_file(path: &Path) -> Result<Self, ConnectError> {
        let wrong = |reason| ConnectError::malformed(NKEY, path, reason);
        let bytes = files::read(NKEY, path)?;
        let text = str::from_utf8(bytes.expose_secret()).map_err(|_| wrong("it is not text"))?;
        let key = text.lines().find_map(user_key);
        let key = key.ok_or_else(|| wrong(NO_SEED))?;
        Ok(Self { jwt: None, key })
    }

    /// When the JWT ceases to be valid, in seconds since 1970, if it says so.
    pub(super) fn expires(&self) -> Option<i64> {
        let claims = self.jwt.as_deref()?.split('.').nth(1)?;
        let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        claims.exp.filter(|exp| *exp > 0)
    }
}

#[derive(serde::Deserialize)]
struct Claims {
    exp: Option<i64>,
}

/// The line after `-----BEGIN … <name>-----`.
fn block<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.starts_with("-----BEGIN") && line.contains(name))?;
    lines
        .find(|line| !line.is_empty())
        .filter(|line| !line.starts_with('-'))
}

fn user_key(seed: &str) -> Option<KeyPair> {
    let key = KeyPair::from_seed(seed.trim()).ok()?;
    matches!(key.key_pair_type(), KeyPairType::User).then_some(key)
}

const CREDS: &str = "the creds file";
const NKEY: &str = "the nkey file";
const NO_SEED: &str = "it holds no seed of a user's nkey";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(
        text: &str,
        how: fn(&Path) -> Result<Credentials, ConnectError>,
    ) -> Result<(Option<String>, String), ConnectError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("login");
        fs::write(&file, text).unwrap();
        how(&file).map(|found| (found.jwt, found.key.public_key()))
    }

    fn creds(jwt: &str, seed: &str) -> String {
        format!(
            "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
             ***** IMPORTANT *****\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        )
    }

    #[test]
    fn a_creds_file_holds_a_jwt_and_a_seed() {
        let key = KeyPair::new_user();
        let text = creds("a.b.c", &key.seed().unwrap());
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let (jwt, public) = read(&text, Credentials::from_creds_file).unwrap();
            assert_eq!((jwt.as_deref(), public), (Some("a.b.c"), key.public_key()));
        }
    }

    #[test]
    fn a_seed_may_stand_among_other_lines() {
        let key = KeyPair::new_user();
        let text = format!("# mine\n {}\n{}\n", key.seed().unwrap(), key.public_key());
        let (jwt, public) = read(&text, Credentials::from_nkey_file).unwrap();
        assert_eq!((jwt, public), (None, key.public_key()));
    }

    #[test]
    fn what_is_no_login_is_refused_and_not_quoted() {
        let account = KeyPair::new_account().seed().unwrap();
        let user = KeyPair::new_user().seed().unwrap();
        for text in [
            String::new(),
            user.clone(),
            creds("", &user),
            creds("a.b.c", ""),
            creds("a.b.c", &account),
            creds("a.b.c", &user.to_lowercase()),
            creds("a.b.c", &user).replace("NKEY SEED", "KEY"),
        ] {
            let error = read(&text, Credentials::from_creds_file).expect_err(&text);
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains(&account) && !shown.contains(&user),
                "{shown}"
            );
        }
        assert!(read(&account, Credentials::from_nkey_file).is_err());
    }

    #[test]
    fn the_end_of_a_jwt_is_found_where_there_is_one() {
        let expires = |claims: &str| {
            let jwt = Some(format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims)));
            let key = KeyPair::new_user();
            Credentials { jwt, key }.expires()
        };
        assert_eq!(
            expires(r#"{"exp":1700000000,"sub":"U"}"#),
            Some(1_700_000_000)
        );
        for without in [
            r#"{"sub":"U"}"#,
            r#"{"exp":0}"#,
            r#"{"exp":"soon"}"#,
            "",
            "[",
        ] {
            assert_eq!(expires(without), None, "{without}");
        }
    }
}
