use std::time::Duration;

use super::auth::Auth;
use super::server_url::ServerUrl;
use super::tls::Tls;

/// How a broker is reached.
///
/// Nothing secret shows in its `Debug`: a credential shows as its kind alone.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// The servers of one cluster, at least one. They are tried in no fixed order, and those that
    /// the cluster tells of are tried too.
    pub servers: Vec<ServerUrl>,
    /// Who is connecting. Takes the place of [`Auth::None`] alone: together with a login in a URL
    /// it is a contradiction.
    pub auth: Auth,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// The connection's name, which the server's monitoring shows.
    pub name: String,
    /// How long an attempt may take, from the first packet to the server's answer to the login.
    pub connect_timeout: Duration,
    /// How often the server is asked for a sign of life. After three questions without an answer
    /// the connection counts as lost, so that this decides how late a silent loss is noticed.
    pub ping_interval: Duration,
    /// How many attempts in a row may fail before there are no more; `None` is no end. The least
    /// is 1, and 0 means 1.
    pub max_reconnects: Option<u32>,
    /// The most that is waited before the first attempt after a loss. It doubles with every
    /// attempt that fails; the real wait is anything between nothing and that.
    pub reconnect_wait: Duration,
    /// The most that is waited before any attempt at a server that refused the last one. One that
    /// is merely away is asked again within a second.
    pub reconnect_max_wait: Duration,
    /// The JetStream domain.
    pub domain: Option<String>,
    /// The prefix of the JetStream API's subjects, instead of `$JS.API`.
    pub api_prefix: Option<String>,
    /// What the subjects begin with on which answers come, instead of `_INBOX`: a login that may
    /// hear nothing else needs one of its own.
    pub inbox_prefix: Option<String>,
}

impl ConnectOptions {
    /// Options for these servers, everything else at its default.
    #[must_use]
    pub fn new(servers: Vec<ServerUrl>) -> Self {
        Self {
            servers,
            ..Self::default()
        }
    }

    /// What the subjects of the JetStream API begin with.
    pub(crate) fn jetstream_api(&self) -> String {
        match (&self.api_prefix, &self.domain) {
            (Some(prefix), _) => prefix.clone(),
            (None, Some(domain)) => format!("$JS.{domain}.API"),
            (None, None) => "$JS.API".to_owned(),
        }
    }

    pub(super) fn asks_for_tls(&self) -> bool {
        self.servers.iter().any(ServerUrl::asks_for_tls)
    }
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            auth: Auth::None,
            tls: Tls::default(),
            name: "consign".to_owned(),
            connect_timeout: Duration::from_secs(5),
            ping_interval: Duration::from_secs(10),
            max_reconnects: None,
            reconnect_wait: Duration::from_millis(100),
            reconnect_max_wait: Duration::from_secs(180),
            domain: None,
            api_prefix: None,
            inbox_prefix: None,
        }
    }
}
