use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A context as natscli writes it. An empty text says nothing.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct ContextFile {
    pub(crate) description: String,
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) creds: String,
    pub(crate) nkey: String,
    pub(crate) cert: String,
    pub(crate) key: String,
    pub(crate) ca: String,
    pub(crate) jetstream_domain: String,
    /// What is not looked at here, secrets among it.
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

impl ContextFile {
    /// What can be shown: names and paths as they are, and of secrets that there is one.
    pub(super) fn shown(&self, servers: &str) -> Vec<(&'static str, String)> {
        let hidden = |secret: &str| match secret {
            "" => String::new(),
            _ => "set, not shown".to_owned(),
        };
        // A path is expected, and a seed sometimes found.
        let path = |path: &str| match path {
            seed if seed.len() == SEED && seed.starts_with('S') => hidden(seed),
            path => path.to_owned(),
        };
        let other = |name: &str| self.rest.get(name).and_then(Value::as_str).unwrap_or("");
        let all = [
            ("description", self.description.clone()),
            ("url", servers.to_owned()),
            ("user", self.user.clone()),
            ("password", hidden(&self.password)),
            ("token", hidden(&self.token)),
            ("creds", path(&self.creds)),
            ("nkey", path(&self.nkey)),
            ("user_jwt", hidden(other("user_jwt"))),
            ("user_seed", hidden(other("user_seed"))),
            ("nsc", other("nsc").to_owned()),
            ("cert", self.cert.clone()),
            ("key", self.key.clone()),
            ("ca", self.ca.clone()),
            ("jetstream_domain", self.jetstream_domain.clone()),
            (
                "jetstream_api_prefix",
                other("jetstream_api_prefix").to_owned(),
            ),
            ("inbox_prefix", other("inbox_prefix").to_owned()),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// Its servers, without what they are logged in with.
    pub(super) fn servers(&self) -> String {
        let plain = self.url.split(',').map(|url| match url.rsplit_once('@') {
            Some((login, host)) => match login.split_once("://") {
                Some((scheme, _)) => format!("{scheme}://{host}"),
                None => host.to_owned(),
            },
            None => url.to_owned(),
        });
        plain.collect::<Vec<_>>().join(",")
    }
}

impl fmt::Debug for ContextFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextFile").finish_non_exhaustive()
    }
}

/// The length of an nkey's seed.
const SEED: usize = 58;

#[cfg(test)]
mod tests {
    use super::ContextFile;

    #[test]
    fn nothing_secret_is_shown() {
        let seed = format!("SU{}", "A".repeat(56));
        let text = format!(
            r#"{{"url":"nats://me:hunter2@a:1,hunter2@b","token":"hunter2","password":"hunter2",
            "nkey":"{seed}","user_jwt":"hunter2","user_seed":"{seed}","color_scheme":"x"}}"#
        );
        let file: ContextFile = serde_json::from_str(&text).unwrap();
        let shown = format!("{:?} {file:?}", file.shown(&file.servers()));
        assert!(shown.contains("nats://a:1,b"), "{shown}");
        assert!(
            !shown.contains("hunter2") && !shown.contains(&seed),
            "{shown}"
        );
        let again = serde_json::to_value(&file).unwrap();
        assert_eq!(again["color_scheme"], "x", "what others wrote is kept");
    }
}
