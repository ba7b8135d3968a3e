use std::fmt;
use std::str::FromStr;

use async_nats::ServerAddr;
use secrecy::SecretString;

use super::auth::Auth;
use super::error::ConnectError;

/// The address of a server, and the login that its URL names.
///
/// Parsed from `nats://host:4222` or `tls://host:4222`, with `user:password@` or `token@` before
/// the host; the scheme may be left out and so may the port. In a login, `%40` stands for `@` as
/// in any URL, and what is no such code stands for itself. `Display` and `Debug` leave the login
/// out, as well as path and query.
#[derive(Clone)]
pub struct ServerUrl {
    address: ServerAddr,
    login: Auth,
}

impl ServerUrl {
    pub(super) fn address(&self) -> &ServerAddr {
        &self.address
    }

    pub(super) fn login(&self) -> &Auth {
        &self.login
    }

    pub(super) fn asks_for_tls(&self) -> bool {
        self.address.tls_required()
    }
}

impl FromStr for ServerUrl {
    type Err = ConnectError;

    fn from_str(text: &str) -> Result<Self, ConnectError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("nats", text));
        if ["ws", "wss"]
            .iter()
            .any(|ws| scheme.eq_ignore_ascii_case(ws))
        {
            let reason = "websockets are not supported; use nats:// or tls://";
            return Err(ConnectError::Url { reason });
        }
        // A password may hold any character: the last `@` of all ends it.
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        let end = place.find(['/', '?', '#']).unwrap_or(place.len());
        let place = place.get(..end).unwrap_or_default();
        // The parser's own words could quote the text.
        let reason = "it is not nats://host:port or tls://host:port";
        let wrong = || ConnectError::Url { reason };
        let address: ServerAddr = format!("{scheme}://{place}").parse().map_err(|_| wrong())?;
        if address.host().is_empty() {
            return Err(wrong());
        }
        let login = login.map_or(Auth::None, login_from);
        Ok(Self { address, login })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(&self.address))
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerUrl({self}, {})", self.login)
    }
}

/// Scheme, host and port of an address, which may be one that a server told of.
pub(super) fn plain(address: &ServerAddr) -> String {
    let (scheme, host, port) = (address.scheme(), address.host(), address.port());
    if host.contains(':') {
        format!("{scheme}://[{host}]:{port}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}

fn login_from(text: &str) -> Auth {
    match text.split_once(':') {
        Some((user, password)) => Auth::UserPassword {
            user: decoded(user),
            password: SecretString::from(decoded(password)),
        },
        None if text.is_empty() => Auth::None,
        None => Auth::Token(SecretString::from(decoded(text))),
    }
}

/// The text with its percent codes undone. Where that yields no UTF-8, the text as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.first_chunk::<2>().and_then(|code| byte(*code));
        match (first, code) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn byte([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |code: u8| char::from(code).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
