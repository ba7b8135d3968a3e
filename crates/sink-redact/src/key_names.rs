use std::borrow::Cow;

/// The names whose values are secrets, wherever they stand: object keys, extension attributes,
/// assignments in a text.
///
/// A name counts by its last words, whatever its style: `DB_PASSWORD`, `db-password`,
/// `dbPassword`, `user.password` and `password2` all end in `password`, and `password_policy`
/// does not.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyNames {
    builtin: bool,
    added: Vec<String>,
    excepted: Vec<String>,
}

impl KeyNames {
    /// The built-in names.
    pub(crate) fn builtin() -> Self {
        Self {
            builtin: true,
            ..Self::default()
        }
    }

    /// What the built-in names are, for the hash over all rules.
    pub(crate) fn builtin_canonical() -> String {
        let names = BUILTIN.iter().map(|name| format!("key {name}\n"));
        let excepted = EXCEPTED.iter().map(|name| format!("not {name}\n"));
        names.chain(excepted).collect()
    }

    /// Adds a name. It counts where it is the last words of a key.
    pub(crate) fn add(&mut self, name: &str) {
        self.added.push(Words::of(name).as_str().into_owned());
    }

    /// Excepts a name, so that a key that ends in it never counts.
    pub(crate) fn except(&mut self, name: &str) {
        self.excepted.push(Words::of(name).as_str().into_owned());
    }

    /// Whether the value under `key` is a secret.
    pub(crate) fn matches(&self, key: &str) -> bool {
        if self.added.is_empty() && key.len() < SHORTEST {
            return false;
        }
        let words = Words::of(key);
        let ends_in_words = |name: &String| words.ends_in_words(name);
        if self.excepted.iter().any(ends_in_words) {
            return false;
        }
        let builtin = self.builtin && words.ends_in_any(&BUILTIN) && !words.ends_in_any(&EXCEPTED);
        builtin || self.added.iter().any(ends_in_words)
    }

    /// Texts of which at least one stands in every key that counts, once it is in lower case and
    /// its separators are `_`.
    pub(crate) fn literals(&self) -> Vec<Cow<'static, str>> {
        let builtin = if self.builtin {
            LITERALS.as_slice()
        } else {
            &[]
        };
        let mut literals: Vec<_> = builtin.iter().copied().map(Cow::Borrowed).collect();
        // Where its words are told apart by capitals, no separator stands between them.
        let longest = |name: &String| {
            name.split('_')
                .max_by_key(|word| word.len())
                .map(str::to_owned)
        };
        literals.extend(self.added.iter().filter_map(longest).map(Cow::Owned));
        literals
    }
}

/// The end of a name as lower-case words joined by `_`, without digits and signs at its end.
struct Words {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Words {
    const LONGEST: usize = 192;

    fn of(name: &str) -> Self {
        let mut words = Self {
            bytes: [0; Self::LONGEST],
            length: 0,
        };
        // Two bytes come of one at most, so half as many from the end always fit.
        let bytes = name.as_bytes();
        let start = bytes.len().saturating_sub(Self::LONGEST / 2);
        let end = bytes.get(start..).unwrap_or_default();
        let mut before = b'_';
        for (index, byte) in end.iter().enumerate() {
            let next = end.get(index + 1).copied().unwrap_or(b'_');
            let humps = byte.is_ascii_uppercase()
                && (before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || before.is_ascii_uppercase() && next.is_ascii_lowercase());
            if humps {
                words.push(b'_');
            }
            words.push(plain(*byte));
            before = *byte;
        }
        let telling = |byte: &u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        let kept = words.as_bytes().iter().rposition(telling);
        words.length = kept.map_or(words.length, |last| last + 1);
        words
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn as_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }

    fn ends_in_any(&self, names: &[&str]) -> bool {
        let end = self.as_bytes().last_chunk::<2>();
        // The last two letters alone rule out nearly all keys.
        let mut alike = names
            .iter()
            .filter(|name| name.as_bytes().last_chunk::<2>() == end);
        alike.any(|name| self.as_bytes().ends_with(name.as_bytes()))
    }

    fn ends_in_words(&self, name: &str) -> bool {
        let rest = self.as_bytes().strip_suffix(name.as_bytes());
        rest.is_some_and(|rest| rest.last().is_none_or(|last| *last == b'_'))
    }
}

/// A byte as names are compared: letters in lower case, separators as `_`.
pub(crate) const fn plain(byte: u8) -> u8 {
    match byte {
        b'-' | b'.' | b' ' => b'_',
        other => other.to_ascii_lowercase(),
    }
}

/// A key counts that ends in one of these, in words of their own or not: `authtoken` counts too.
const BUILTIN: [&str; 43] = [
    "access_key",
    "accesskey",
    "account_key",
    "accountkey",
    "api_key",
    "api_keys",
    "apikey",
    "apikeys",
    "auth_key",
    "authkey",
    "authorization",
    "bearer",
    "connection_string",
    "connectionstring",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "db_pass",
    "dbpass",
    "encryption_key",
    "encryptionkey",
    "master_key",
    "masterkey",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "password_hash",
    "passwords",
    "private_key",
    "privatekey",
    "secret",
    "secret_key",
    "secretkey",
    "secrets",
    "shared_key",
    "sharedkey",
    "signing_key",
    "signingkey",
    "token",
    "user_pass",
    "userpass",
];

/// The length of the shortest of them.
const SHORTEST: usize = 5;

/// Tokens that give no access: places in a list, tries, words of a model's vocabulary.
const EXCEPTED: [&str; 22] = [
    "bos_token",
    "cancel_token",
    "cancellation_token",
    "continuation_token",
    "continuationtoken",
    "cursor_token",
    "eos_token",
    "fencing_token",
    "idempotency_token",
    "max_token",
    "mask_token",
    "next_page_token",
    "next_token",
    "nexttoken",
    "pad_token",
    "page_token",
    "pagetoken",
    "per_token",
    "resume_token",
    "sep_token",
    "sync_token",
    "unk_token",
];

/// What the gate looks for. A test holds it against `BUILTIN`.
const LITERALS: [&str; 33] = [
    "access_k",
    "accessk",
    "account_k",
    "accountk",
    "api_key",
    "apikey",
    "auth_key",
    "authkey",
    "authoriz",
    "bearer",
    "connection_s",
    "connections",
    "cookie",
    "credential",
    "db_pass",
    "dbpass",
    "encryption_k",
    "encryptionk",
    "master_k",
    "masterk",
    "passcode",
    "passphrase",
    "passw",
    "private_k",
    "privatek",
    "secret",
    "shared_k",
    "sharedk",
    "signing_k",
    "signingk",
    "token",
    "user_pass",
    "userpass",
];

#[cfg(test)]
mod tests {
    use super::{BUILTIN, KeyNames, LITERALS, SHORTEST};

    #[test]
    fn names_count_by_their_last_words_in_every_style() {
        let names = KeyNames::builtin();
        for key in [
            "password",
            "PASSWORD",
            "db_password",
            "db-password",
            "dbPassword",
            "DBPassword",
            "user.password",
            "user[password]",
            "password2",
            "user_token3",
            "x-api-key",
            "apiKey",
            "APIKey",
            "APIKEY",
            "X-Amz-Security-Token",
            "clientSecret",
            "Set-Cookie",
            "Proxy-Authorization",
            "AccountKey",
            "SharedAccessKey",
            "aws_secret_access_key",
            "authtoken",
            "credentials",
            "id_token",
            "_token_",
            "privateKey",
            "passwd",
        ] {
            assert!(names.matches(key), "{key}");
        }
    }

    #[test]
    fn names_of_what_is_no_secret_do_not_count() {
        let names = KeyNames::builtin();
        for key in [
            "",
            "tokens",
            "tokens_used",
            "token_count",
            "max_tokens",
            "token_type",
            "nextPageToken",
            "next_token",
            "continuation-token",
            "password_policy",
            "passwordChangedAt",
            "secret_name",
            "secretArn",
            "access_key_id",
            "public_key",
            "key",
            "pass",
            "pwd",
            "session_id",
            "author",
            "authorized",
            "cookie_consent",
            "keyboard",
            "monkey",
            "passenger",
            "secretary",
            "12",
        ] {
            assert!(!names.matches(key), "{key}");
        }
    }

    #[test]
    fn only_the_end_of_a_long_name_counts() {
        let names = KeyNames::builtin();
        assert!(names.matches(&format!("{}password", "A".repeat(1000))));
        assert!(!names.matches(&format!("password{}", "A".repeat(1000))));
    }

    #[test]
    fn names_can_be_added_and_excepted() {
        let mut names = KeyNames::builtin();
        names.add("x-acme-pin");
        names.except("csrfToken");
        assert!(names.matches("XAcmePin") && names.matches("my_x_acme_pin"));
        assert!(
            !names.matches("pin") && !names.matches("csrf_token") && !names.matches("_csrf-token")
        );
        assert!(names.matches("token"));
        assert!(!KeyNames::default().matches("password"));
    }

    #[test]
    fn a_literal_stands_in_every_name_with_its_separator_and_without() {
        for name in BUILTIN {
            assert!(name.len() >= SHORTEST);
            for name in [name.to_owned(), name.replacen('_', "", 1)] {
                assert!(
                    LITERALS.iter().any(|literal| name.contains(literal)),
                    "{name}"
                );
            }
        }
    }
}
