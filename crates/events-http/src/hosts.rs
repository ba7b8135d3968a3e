use std::net::IpAddr;

use http::uri::Authority;

/// Decides whether the host that a request names is one of ours.
///
/// A page that points a name of its own at our address (DNS rebinding) makes a browser send its
/// requests here, and can read the answers, but the browser names the page's host. An address
/// cannot be pointed anywhere, and a page cannot know the token.
#[derive(Debug)]
pub(crate) struct Hosts {
    loopback: bool,
    any_name: bool,
    listed: Vec<String>,
}

impl Hosts {
    /// The policy of a server bound to `bound`.
    pub(crate) fn new(bound: IpAddr, has_token: bool, listed: &[String]) -> Self {
        let loopback = bound.to_canonical().is_loopback();
        Self {
            loopback,
            any_name: has_token && !loopback,
            listed: listed.iter().map(|host| canonical(host)).collect(),
        }
    }

    /// Whether a request may name `authority`, whatever port it names.
    pub(crate) fn allow(&self, authority: &Authority) -> bool {
        // User information before the host is no part of a Host header (RFC 9110, section 7.2).
        if authority.as_str().contains('@') {
            return false;
        }
        let host = canonical(authority.host());
        if self.listed.contains(&host) {
            return true;
        }
        match host.parse::<IpAddr>() {
            Ok(address) => !self.loopback || address.to_canonical().is_loopback(),
            Err(_) => self.any_name || host == "localhost",
        }
    }
}

/// A host in the one spelling that is compared: lower case, no brackets, no final dot.
fn canonical(host: &str) -> String {
    let host = host.strip_suffix('.').unwrap_or(host);
    let bare = host
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host);
    bare.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::Hosts;

    const LOOPBACK: &str = "127.0.0.1";
    const BEYOND: &str = "0.0.0.0";

    fn allowed<'a>(bound: &str, has_token: bool, hosts: &[&'a str]) -> Vec<&'a str> {
        let bound: IpAddr = bound.parse().unwrap();
        let policy = Hosts::new(bound, has_token, &["Consign.Example".to_owned()]);
        let allow = |host: &str| policy.allow(&host.parse().unwrap());
        hosts.iter().copied().filter(|host| allow(host)).collect()
    }

    const HOSTS: [&str; 9] = [
        "127.0.0.1:8080",
        "[::1]:8080",
        "LocalHost.",
        "consign.example:1",
        "10.0.0.7",
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "me@localhost",
    ];

    #[test]
    fn a_name_of_anothers_is_refused_on_loopback_even_with_a_token() {
        assert_eq!(allowed(LOOPBACK, false, &HOSTS), HOSTS[..4]);
        assert_eq!(allowed(LOOPBACK, true, &HOSTS), HOSTS[..4]);
    }

    #[test]
    fn beyond_loopback_addresses_are_good_and_names_need_the_token() {
        assert_eq!(allowed(BEYOND, false, &HOSTS), HOSTS[..5]);
        assert_eq!(allowed(BEYOND, true, &HOSTS), HOSTS[..8]);
    }
}
