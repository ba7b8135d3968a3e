use std::fmt;

use super::values::Form;

/// One setting, as the table declares it.
///
/// The rows drive parsing, the rendered references and the explanations alike: what is not said
/// here is said nowhere.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) default: Option<&'static str>,
    /// Says a default that is worked out, in words.
    pub(crate) default_note: Option<&'static str>,
    /// The smallest and the largest value allowed, in the setting's own notation.
    pub(crate) least: Option<&'static str>,
    pub(crate) most: Option<&'static str>,
    /// Foreign names that win over ours.
    pub(crate) above: &'static [&'static str],
    /// Names of the ecosystem that come right below ours.
    pub(crate) ecosystem: &'static [&'static str],
    /// Names of earlier systems, accepted with a notice.
    pub(crate) legacy: &'static [&'static str],
    /// A foreign variable that makes up the default.
    pub(crate) fallback: Option<&'static str>,
    /// Turns a value found under a foreign name into our notation.
    pub(crate) translate: fn(&str) -> String,
    pub(crate) capability: Capability,
    /// What has a new value count.
    pub(crate) reload: &'static str,
    doc: &'static str,
}

impl Row {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            form: Form::Flag,
            default: None,
            default_note: None,
            least: None,
            most: None,
            above: &[],
            ecosystem: &[],
            legacy: &[],
            fallback: None,
            translate: str::to_owned,
            capability: Capability::Core,
            reload: "restart",
            doc: "",
        }
    }

    pub(crate) const fn default(self, text: &'static str) -> Self {
        Self {
            default: Some(text),
            ..self
        }
    }

    pub(crate) const fn default_note(self, words: &'static str) -> Self {
        Self {
            default_note: Some(words),
            ..self
        }
    }

    pub(crate) const fn least(self, text: &'static str) -> Self {
        Self {
            least: Some(text),
            ..self
        }
    }

    pub(crate) const fn most(self, text: &'static str) -> Self {
        Self {
            most: Some(text),
            ..self
        }
    }

    pub(crate) const fn above(self, names: &'static [&'static str]) -> Self {
        Self {
            above: names,
            ..self
        }
    }

    pub(crate) const fn ecosystem(self, names: &'static [&'static str]) -> Self {
        Self {
            ecosystem: names,
            ..self
        }
    }

    pub(crate) const fn legacy(self, names: &'static [&'static str]) -> Self {
        Self {
            legacy: names,
            ..self
        }
    }

    pub(crate) const fn fallback(self, name: &'static str) -> Self {
        Self {
            fallback: Some(name),
            ..self
        }
    }

    pub(crate) const fn translate(self, translate: fn(&str) -> String) -> Self {
        Self { translate, ..self }
    }

    pub(crate) const fn needs(self, capability: Capability) -> Self {
        Self { capability, ..self }
    }

    /// The daemon reads it again on SIGHUP.
    pub(crate) const fn read_on_sighup(self) -> Self {
        Self {
            reload: "SIGHUP",
            ..self
        }
    }

    /// Completes the row with what the field it belongs to says: its documentation and its type.
    pub(crate) const fn of(self, doc: &'static str, form: Form) -> Self {
        Self { doc, form, ..self }
    }

    pub(crate) fn doc(&self) -> &'static str {
        self.doc.trim()
    }

    pub(crate) const fn is_secret(&self) -> bool {
        matches!(self.form, Form::Secret)
    }

    /// The name of the variable that names a file holding the value; secrets have one.
    pub(crate) fn file_name(&self) -> Option<String> {
        self.is_secret().then(|| format!("{}_FILE", self.name))
    }

    /// The key in the TOML file. The file cannot name itself.
    pub(crate) fn key(&self) -> Option<String> {
        if self.name == CONFIG {
            return None;
        }
        self.name.strip_prefix(PREFIX).map(str::to_ascii_lowercase)
    }

    pub(crate) fn foreign_names(&self) -> impl Iterator<Item = &'static str> {
        self.above
            .iter()
            .chain(self.ecosystem)
            .chain(self.legacy)
            .copied()
    }

    /// The default as a reader wants to see it.
    pub(crate) fn default_text(&self) -> &'static str {
        self.default_note.or(self.default).unwrap_or("none")
    }

    /// The allowed values, in words.
    pub(crate) fn accepts(&self) -> String {
        let form = self.form.accepts();
        match (self.least, self.most) {
            (Some(least), Some(most)) => format!("{form}; {least} to {most}"),
            (Some(least), None) => format!("{form}; at least {least}"),
            (None, Some(most)) => format!("{form}; at most {most}"),
            (None, None) => form,
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a build must be able to do for a setting to mean anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Capability {
    Core,
    Nats,
    Streams,
    Dlq,
    SpoolPolicies,
    WebSocket,
    Store,
    Kubernetes,
    Router,
    Console,
    Live,
    Verification,
    Fanout,
    LogSink,
    Mirror,
    AdminDoor,
}

impl Capability {
    /// Whether this build has it. Building a feature ends with its line here.
    pub(crate) const fn availability(self) -> Availability {
        match self {
            Self::Core
            | Self::Nats
            | Self::Streams
            | Self::Dlq
            | Self::Mirror
            | Self::Live
            | Self::Store
            | Self::Fanout
            | Self::Kubernetes
            | Self::LogSink => Availability::Now,
            Self::SpoolPolicies
            | Self::WebSocket
            | Self::Router
            | Self::Console
            | Self::Verification
            | Self::AdminDoor => Availability::Later,
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Core => "the core",
            Self::Nats => "delivery to NATS JetStream",
            Self::Streams => "the care of streams",
            Self::Dlq => "the dead-letter spool",
            Self::SpoolPolicies => "a spool that may lose events",
            Self::WebSocket => "WebSocket connections",
            Self::Store => "the event store",
            Self::Kubernetes => "Kubernetes events",
            Self::Router => "the event router",
            Self::Console => "the web console",
            Self::Live => "the live event stream",
            Self::Verification => "the verification of incoming events",
            Self::Fanout => "delivery to several sinks",
            Self::LogSink => "the log sink",
            Self::Mirror => "the mirror file",
            Self::AdminDoor => "a second HTTP address",
        }
    }
}

/// Whether a capability is in this build.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Availability {
    Now,
    Later,
}

/// What our names begin with.
pub(crate) const PREFIX: &str = "CONSIGN_";

/// The variable that names the TOML file.
pub(crate) const CONFIG: &str = "CONSIGN_CONFIG";
