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

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn login(text: &str) -> (String, String) {
        match text.parse::<ServerUrl>().unwrap().login {
            Auth::UserPassword { user, password } => (user, password.expose_secret().to_owned()),
            Auth::Token(token) => (String::new(), token.expose_secret().to_owned()),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_url_shows_its_server_alone() {
        for (text, shown) in [
            ("nats://h", "nats://h:4222"),
            ("NATS://h:1", "nats://h:1"),
            ("h:1", "nats://h:1"),
            (" h ", "nats://h:4222"),
            ("tls://otto:c4nary@h", "tls://h:4222"),
            ("nats://c4nary@h:1", "nats://h:1"),
            ("c4nary@h:1", "nats://h:1"),
            (
                "nats://otto:c4/n@ary?@h:1/c4nary?c4nary#c4nary",
                "nats://h:1",
            ),
            ("nats://otto:c4nary@[::1]:1", "nats://[::1]:1"),
        ] {
            let url: ServerUrl = text.parse().expect(text);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("c4nary"), "{url:?}");
            assert!(!url.address().as_url_str().contains("c4nary"), "{url}");
        }
    }

    #[test]
    fn a_login_is_what_its_codes_stand_for() {
        let pair = |user: &str, password: &str| (user.to_owned(), password.to_owned());
        assert_eq!(login("nats://o:p@h"), pair("o", "p"));
        assert_eq!(login("nats://o%40x:p%3a%2F%c3%a9@h"), pair("o@x", "p:/é"));
        assert_eq!(login("nats://o:100%@h"), pair("o", "100%"));
        assert_eq!(login("nats://o:%zz%4@h"), pair("o", "%zz%4"));
        assert_eq!(login("nats://o:%ff@h"), pair("o", "%ff"));
        assert_eq!(login("nats://o:a:b@h"), pair("o", "a:b"));
        assert_eq!(login("nats://s3cret@h"), pair("", "s3cret"));
        assert!("nats://@h".parse::<ServerUrl>().unwrap().login.is_none());
    }

    #[test]
    fn what_names_no_server_is_refused_and_not_repeated() {
        for text in [
            "",
            "nats://",
            "nats://o:c4nary@",
            "http://c4nary@h",
            "ws://c4nary@h",
            "WSS://c4nary@h",
            "nats://c4nary@h:port",
            "nats://h:c4nary",
            "nats://h:70000",
            "nats://c4nary h",
            "nats://[c4nary",
        ] {
            let error = text.parse::<ServerUrl>().expect_err(text);
            assert!(
                !format!("{error} {error:?}").contains("c4nary"),
                "{error:?}"
            );
        }
    }
}
