use std::collections::BTreeMap;

use super::jwk::{Jwk, Set};
use super::{KeyError, KeyId, PublicKey, Sign, Validity};

/// The public keys a verifier accepts, by name. As text, a JSON Web Key Set (RFC 7517).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PublicKeys(BTreeMap<KeyId, (PublicKey, Validity)>);

impl PublicKeys {
    /// Reads a key set. Keys of kinds not understood, and keys for encryption, are passed over.
    ///
    /// # Errors
    /// The text is no key set, a key in it is malformed or private, or two share a name.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let set: Set = serde_json::from_str(text).map_err(|error| KeyError::KeySet {
            line: error.line(),
            column: error.column(),
        })?;
        let mut keys = Self::default();
        for (index, jwk) in set.keys.iter().enumerate() {
            if let Some(member) = jwk.read(index + 1)? {
                if keys.get(member.id.as_str()).is_some() {
                    return Err(KeyError::Duplicate);
                }
                keys.replace(member.id, member.key, member.validity);
            }
        }
        Ok(keys)
    }

    /// The public half of a signing key, valid for all times.
    #[must_use]
    pub fn of(key: &dyn Sign) -> Self {
        let mut keys = Self::default();
        keys.replace(key.key_id().clone(), key.public_key(), Validity::default());
        keys
    }

    /// The key set as text, a key a line.
    #[must_use]
    pub fn to_jwks(&self) -> String {
        let mut out = String::from("{\"keys\":[");
        for (index, (id, (key, validity))) in self.0.iter().enumerate() {
            out.push_str(if index > 0 { ",\n" } else { "\n" });
            let jwk = Jwk::new(id, key, *validity);
            // A struct of strings and numbers has a JSON form.
            out.push_str(&serde_json::to_string(&jwk).unwrap_or_default());
        }
        out.push_str("\n]}\n");
        out
    }

    /// Adds a key. One that is there already, with its bounds, is left as it is.
    ///
    /// # Errors
    /// Another key has that name.
    pub fn add(&mut self, id: KeyId, key: PublicKey, validity: Validity) -> Result<(), KeyError> {
        match self.0.get(&id) {
            Some((present, _)) if *present == key => Ok(()),
            Some(_) => Err(KeyError::Duplicate),
            None => {
                self.replace(id, key, validity);
                Ok(())
            }
        }
    }

    /// Adds a key in place of the one that has its name, as when its bounds change.
    pub fn replace(&mut self, id: KeyId, key: PublicKey, validity: Validity) {
        self.0.insert(id, (key, validity));
    }

    /// Adds all keys of another set.
    ///
    /// # Errors
    /// Two different keys of one name.
    pub fn merge(&mut self, other: Self) -> Result<(), KeyError> {
        for (id, (key, validity)) in other.0 {
            self.add(id, key, validity)?;
        }
        Ok(())
    }

    /// The key of this name and when it counts.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<(&PublicKey, Validity)> {
        self.0.get(id).map(|(key, validity)| (key, *validity))
    }

    /// The names of all keys, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &KeyId> {
        self.0.keys()
    }

    pub(crate) fn named(&self, id: &str) -> Option<(&KeyId, &PublicKey, Validity)> {
        let (id, (key, validity)) = self.0.get_key_value(id)?;
        Some((id, key, *validity))
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, PublicKeys, Validity};
    use crate::{Sign as _, SigningKey};

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn parse(members: &str) -> Result<PublicKeys, KeyError> {
        PublicKeys::parse(&format!(r#"{{"keys":[{members}]}}"#))
    }

    fn okp(more: &str) -> String {
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}"{more}}}"#)
    }

    #[test]
    fn text_and_set_are_inverse() {
        let key = SigningKey::generate().unwrap();
        let mut keys = PublicKeys::of(&key);
        let bounds = Validity {
            not_before: Some(1),
            expires: Some(2),
        };
        let published = parse(&okp("")).unwrap();
        let id = published.ids().next().unwrap().clone();
        let (other, _) = published.get(id.as_str()).unwrap();
        keys.replace(id, other.clone(), bounds);
        assert_eq!(PublicKeys::parse(&keys.to_jwks()).unwrap(), keys);
        assert!(keys.get(key.key_id().as_str()).is_some());
    }

    #[test]
    fn bounds_are_numeric_dates_or_rfc_3339() {
        let keys = parse(&okp(
            r#","kid":"a","nbf":1577836800.5,"exp":"2021-01-01T00:00:00Z""#,
        ));
        let (_, validity) = keys.as_ref().unwrap().get("a").unwrap();
        assert_eq!(validity.not_before, Some(1_577_836_800));
        assert_eq!(validity.expires, Some(1_609_459_200));
        assert!(parse(&okp(r#","nbf":"yesterday""#)).is_err());
        assert!(parse(&okp(r#","nbf":[]"#)).is_err());
    }

    #[test]
    fn keys_not_understood_are_passed_over() {
        let keys = parse(&format!(
            r#"{{"kty":"RSA","n":"x","e":"AQAB"}},{{"kty":"OKP","crv":"X25519","x":""}},{},{}"#,
            okp(r#","kid":"enc","use":"enc""#),
            okp(r#","kid":"sig","use":"sig","more":{"deep":[1]}"#)
        ))
        .unwrap();
        assert_eq!(
            keys.ids().map(|id| id.as_str()).collect::<Vec<_>>(),
            ["sig"]
        );
    }

    #[test]
    fn malformed_sets_are_refused() {
        for (members, what) in [
            (okp(r#","d":"secret""#), "private"),
            (okp(r#","kid":"""#), "kid"),
            (r#"{"kty":"OKP","crv":"Ed25519"}"#.to_owned(), "32 bytes"),
            (okp("").replace(X, "AAAA"), "32 bytes"),
            (format!("{},{}", okp(""), okp("")), "same id"),
            ("7".to_owned(), "line 1"),
            (okp(r#","kid":"a","kid":"b""#), "line 1"),
        ] {
            let error = parse(&members).unwrap_err().to_string();
            assert!(error.contains(what), "{what}: {error}");
            assert!(!error.contains("secret"));
        }
    }

    #[test]
    fn a_name_stands_for_one_key() {
        let mut keys = parse(&okp(r#","kid":"a""#)).unwrap();
        let same = keys.clone();
        keys.merge(same).unwrap();
        let other = SigningKey::generate().unwrap().public_key();
        let id: crate::KeyId = "a".parse().unwrap();
        assert!(
            keys.add(id.clone(), other.clone(), Validity::default())
                .is_err()
        );
        keys.replace(id, other.clone(), Validity::default());
        assert_eq!(keys.get("a").unwrap().0, &other);
    }
}
