use std::fmt;

use zeroize::Zeroizing;

use super::{Form, Given, Value, Wrong};

/// The address of a NATS server. Display and Debug leave credentials, path and query out.
#[derive(Clone)]
pub struct ServerUrl {
    text: Zeroizing<String>,
    /// Scheme, host and port.
    plain: String,
}

impl ServerUrl {
    /// The whole URL, credentials included, for the connection alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Whether the URL holds a user name, a password or a token.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.text.contains('@')
    }

    /// Without a scheme, as natscli takes it too, it is `nats://`. A word alone is no address then:
    /// it could be a secret that stands in the wrong place, and addresses are shown.
    fn parse(text: &str) -> Option<Self> {
        let Some((scheme, rest)) = text.split_once("://") else {
            let place = text.rsplit('@').next()?;
            // No label of a host name is longer (RFC 1035, section 2.3.4), and tokens have such.
            let is_short = place.split(['.', ':']).all(|label| label.len() <= 63);
            let is_address = is_short
                && !place.contains(['/', '?', '#'])
                && (place.contains(['.', ':']) || place.eq_ignore_ascii_case("localhost"));
            return is_address
                .then(|| Self::parse(&format!("{USUAL}://{text}")))
                .flatten();
        };
        let scheme = SCHEMES
            .into_iter()
            .find(|known| scheme.eq_ignore_ascii_case(known))?;
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..end)?;
        // A password may hold any character: what matters is what follows the last `@` of all.
        let place = match rest.rsplit_once('@') {
            Some((_, after)) => after.split(['/', '?', '#']).next()?,
            None => authority,
        };
        is_place(place).then(|| Self {
            text: Zeroizing::new(text.to_owned()),
            plain: format!("{scheme}://{place}"),
        })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerUrl({})", self.plain)
    }
}

/// One or more servers of one cluster.
#[derive(Clone, Debug)]
pub struct ServerUrls(Vec<ServerUrl>);

impl ServerUrls {
    /// The servers, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &ServerUrl> {
        self.0.iter()
    }
}

impl fmt::Display for ServerUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, url) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{url}")?;
        }
        Ok(())
    }
}

impl Value for ServerUrls {
    const FORM: Form = Form::List {
        noun: "nats://, tls://, ws:// or wss:// URLs, comma-separated",
        example: "nats://127.0.0.1:4222",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let parse = |(index, text): (usize, &str)| {
            ServerUrl::parse(text.trim()).ok_or_else(|| {
                let place = index + 1;
                Wrong::because(format!(
                    "entry {place} is not a NATS server URL; try nats://127.0.0.1:4222"
                ))
            })
        };
        given
            .text
            .split(',')
            .enumerate()
            .map(parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn shown(given: &Given<'_>) -> String {
        match <Self as Value>::parse(given) {
            Ok(urls) if urls.iter().any(ServerUrl::has_credentials) => {
                format!("{urls}  (credentials hidden)")
            }
            Ok(urls) => urls.to_string(),
            Err(_) => "(hidden)".to_owned(),
        }
    }
}

/// Whether a text is a host, with or without a port.
fn is_place(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, Some(port.strip_prefix(':').unwrap_or("no port"))),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let host_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'%');
    !host.is_empty()
        && host.bytes().all(host_allowed)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

const SCHEMES: [&str; 4] = [USUAL, "tls", "ws", "wss"];
const USUAL: &str = "nats";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_shows_its_server_alone() {
        for (text, shown) in [
            ("nats://h", "nats://h"),
            ("NATS://h:4222", "nats://h:4222"),
            ("tls://user:c4nary@h:4222", "tls://h:4222"),
            ("nats://c4nary@h", "nats://h"),
            ("nats://u:c4/n@ary@h:1", "nats://h:1"),
            ("ws://h:80/c4nary?token=c4nary", "ws://h:80"),
            ("nats://u:c4nary@[::1]:4222", "nats://[::1]:4222"),
        ] {
            let url = ServerUrl::parse(text).expect(text);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("c4nary"), "{text}");
            assert_eq!(url.expose(), text);
        }
    }

    #[test]
    fn an_address_without_a_scheme_is_a_nats_url() {
        for (text, exposed, shown) in [
            ("localhost", "nats://localhost", "nats://localhost"),
            ("nats.example", "nats://nats.example", "nats://nats.example"),
            ("h:4222", "nats://h:4222", "nats://h:4222"),
            (
                "127.0.0.1:4222",
                "nats://127.0.0.1:4222",
                "nats://127.0.0.1:4222",
            ),
            ("[::1]:4222", "nats://[::1]:4222", "nats://[::1]:4222"),
            ("u:c4nary@h:1", "nats://u:c4nary@h:1", "nats://h:1"),
        ] {
            let url = ServerUrl::parse(text).expect(text);
            assert_eq!((url.expose(), url.to_string().as_str()), (exposed, shown));
        }
    }

    #[test]
    fn a_token_in_the_place_of_an_address_is_refused() {
        let part = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ".repeat(2);
        let token = format!("{part}.{part}.{part}");
        assert!(ServerUrl::parse(&token).is_none());
    }

    #[test]
    fn what_names_no_server_is_refused() {
        for text in [
            "",
            ":4222",
            "nats:/h",
            "word",
            "h/path",
            "u:p@",
            "http://h",
            "nats://",
            "nats://u:p@",
            "nats://h:x",
            "nats://h h",
            "nats://[::1",
        ] {
            assert!(ServerUrl::parse(text).is_none(), "{text}");
        }
    }
}
