use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::public::Coordinates;
use super::{KeyError, KeyId, PublicKey, Validity};

/// A JSON Web Key Set (RFC 7517, section 5) as it is written.
#[derive(Deserialize, Serialize)]
pub(super) struct Set {
    pub(super) keys: Vec<Jwk>,
}

/// A JSON Web Key (RFC 7517, section 4; RFC 8037, section 2) as it is written, with the bounds of
/// its validity in the form that RFC 7519 gives `nbf` and `exp`.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Jwk {
    kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing)]
    d: Option<serde::de::IgnoredAny>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<Date>,
}

impl Jwk {
    pub(super) fn new(id: &KeyId, key: &PublicKey, validity: Validity) -> Self {
        let (kty, crv, alg, x, y) = match key.coordinates() {
            Coordinates::Ed25519(x) => ("OKP", "Ed25519", "EdDSA", x, None),
            Coordinates::P256(x, y) => ("EC", "P-256", "ES256", x, Some(y)),
        };
        let date = |second: i64| Date::Number(second.into());
        Self {
            kty: kty.to_owned(),
            crv: Some(crv.to_owned()),
            kid: Some(id.to_string()),
            alg: Some(alg.to_owned()),
            purpose: Some("sig".to_owned()),
            x: Some(x),
            y,
            d: None,
            nbf: validity.not_before.map(date),
            exp: validity.expires.map(date),
        }
    }

    /// The key, or `None` for a kind of key that is not understood (RFC 7517, section 5) or that
    /// is not for signatures. Without `kid`, its thumbprint names it.
    pub(super) fn read(&self, place: usize) -> Result<Option<Member>, KeyError> {
        let refused = |why| KeyError::Member(place, why);
        if self.d.is_some() {
            return Err(refused(
                "it is a private key, which belongs in no such file",
            ));
        }
        if self
            .purpose
            .as_deref()
            .is_some_and(|purpose| purpose != "sig")
        {
            return Ok(None);
        }
        let coordinate = |text: &Option<String>| -> Result<[u8; 32], KeyError> {
            let bytes = URL_SAFE_NO_PAD.decode(text.as_deref().unwrap_or_default());
            let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
            bytes.ok_or_else(|| refused("a coordinate is not 32 bytes in base64url"))
        };
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => PublicKey::ed25519(&coordinate(&self.x)?),
            ("EC", Some("P-256")) => PublicKey::p256(&coordinate(&self.x)?, &coordinate(&self.y)?),
            _ => return Ok(None),
        };
        let key = key.map_err(|_| refused("it is no point of its curve"))?;
        let id = match &self.kid {
            Some(name) => name.parse().map_err(|_| refused("its kid is malformed"))?,
            None => key.thumbprint(),
        };
        let second = |date: &Option<Date>| {
            let date = date.as_ref().map(Date::to_second);
            date.transpose()
                .map_err(|()| refused("nbf and exp must be seconds since 1970 or RFC 3339"))
        };
        let validity = Validity {
            not_before: second(&self.nbf)?,
            expires: second(&self.exp)?,
        };
        Ok(Some(Member { id, key, validity }))
    }
}

/// One key of a set, understood.
pub(super) struct Member {
    pub(super) id: KeyId,
    pub(super) key: PublicKey,
    pub(super) validity: Validity,
}

/// A NumericDate, or RFC 3339 text, which people write. Fractions are cut.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Date {
    Number(Number),
    Text(String),
}

impl Date {
    fn to_second(&self) -> Result<i64, ()> {
        match self {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a fraction of a second is meant to go; the cast saturates"
            )]
            Self::Number(number) => number
                .as_i64()
                .or_else(|| number.as_f64().map(|seconds| seconds.floor() as i64))
                .ok_or(()),
            Self::Text(text) => {
                let time: Timestamp = text.parse().map_err(|_| ())?;
                Ok(time.instant().timestamp())
            }
        }
    }
}
