use std::path::Path;
use std::time::Duration;

use events_core::Severity;
use sink_k8s::Rate;

use crate::settings::row::{Capability, Row};
use crate::settings::section::section;
use crate::settings::values::{Form, Given, Value, Wrong, words};

section! {
    "Kubernetes";
    /// Which events Kubernetes is told of.
    pub struct Kubernetes {
        /// Whether warnings and errors become Kubernetes Events of the pod; `auto` is inside a cluster whose API a service account may ask. A process that is only a gateway sets `off`.
        pub events: KubernetesEvents = row("CONSIGN_K8S_EVENTS").default("auto");
        /// How many Kubernetes Events may begin about one object: `25/5m` is 25 at once, then one in five minutes. Repetitions are counted into one that began.
        pub rate: Rate = row("CONSIGN_K8S_RATE").default("25/5m");
        /// The lowest severity told.
        pub min_severity: Severity = row("CONSIGN_K8S_MIN_SEVERITY").default("warn");
        /// The API server: `cluster` for the pod's own, or the URL of one that asks for no token, such as that of `kubectl proxy`.
        pub api: Option<KubernetesApi> = row("CONSIGN_K8S_API")
            .default_note("cluster inside one, by KUBERNETES_SERVICE_HOST")
            .fallback("KUBERNETES_SERVICE_HOST")
            .translate(cluster);
        /// The pod's namespace.
        pub namespace: Option<String> = row("CONSIGN_K8S_NAMESPACE")
            .default_note("the service account's")
            .ecosystem(&["POD_NAMESPACE"]);
        /// The pod's name.
        pub pod: Option<String> = row("CONSIGN_K8S_POD")
            .default_note("$HOSTNAME")
            .ecosystem(&["POD_NAME"])
            .fallback("HOSTNAME");
        /// The pod's uid, without which `kubectl describe pod` does not show its Events.
        pub pod_uid: Option<String> = row("CONSIGN_K8S_POD_UID").ecosystem(&["POD_UID"]);
    }
}

impl Kubernetes {
    /// Whether this is a pod that may ask its cluster's API.
    pub(crate) fn is_in_a_pod(&self) -> bool {
        self.api == Some(KubernetesApi::Cluster)
            && Path::new(SERVICE_ACCOUNT).join("token").exists()
    }
}

words! {
    /// Whether events become Kubernetes events.
    pub enum KubernetesEvents {
        /// Inside a cluster.
        Auto = "auto",
        /// Always.
        On = "on",
        /// Never.
        Off = "off",
    }
}

impl Value for Severity {
    const FORM: Form = Form::Words(&["debug", "info", "warn", "error"]);

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        // No Event is chosen by less than debug.
        let mut told = Self::ALL.into_iter().filter(|step| *step != Self::Trace);
        told.find(|step| given.text.eq_ignore_ascii_case(step.as_str()))
            .ok_or(Wrong::Form)
    }
}

/// Where the API server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KubernetesApi {
    /// Where the pod's environment says.
    Cluster,
    /// At this URL, asked without a token.
    At(String),
}

impl Value for KubernetesApi {
    const FORM: Form = Form::Text {
        noun: "cluster or a URL",
        example: "http://127.0.0.1:8001",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let text = given.text;
        if text.eq_ignore_ascii_case("cluster") {
            return Ok(Self::Cluster);
        }
        let host = text.strip_prefix("http://");
        let host = host.or_else(|| text.strip_prefix("https://"));
        let plain = |host: &str| host.chars().all(|c| c.is_ascii_graphic() && c != '@');
        match host.is_some_and(|host| !host.is_empty() && plain(host)) {
            true => Ok(Self::At(text.to_owned())),
            false => Err(Wrong::Form),
        }
    }
}

impl Value for Rate {
    const FORM: Form = Form::Text {
        noun: "a rate",
        example: "25/5m",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        let (burst, text) = given.text.split_once('/').ok_or(Wrong::Form)?;
        let burst = burst.parse().map_err(|_| Wrong::Form)?;
        let every = Duration::parse(&Given { text, file: None })?;
        if burst == 0 || every.is_zero() {
            return Err(Wrong::Form);
        }
        Ok(Self { burst, every })
    }
}

const fn row(name: &'static str) -> Row {
    Row::new(name).needs(Capability::Kubernetes)
}

/// Where a pod finds what its service account may use.
pub(crate) const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The variable says where a cluster's API is, which its clients know how to read.
fn cluster(_host: &str) -> String {
    "cluster".to_owned()
}
