use events_core::{Event, Extension};
use k8s_openapi::api::core::v1::ObjectReference;

/// The object that Events are about, such as the pod.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Regarding {
    api_version: String,
    kind: String,
    namespace: String,
    name: String,
    uid: Option<String>,
}

/// A part of a reference to an object that is none. The value is not repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("refer to an object: its {part} is {rule}")]
pub struct NotAnObject {
    part: &'static str,
    rule: &'static str,
}

impl Regarding {
    /// A pod, as the downward API names it: `metadata.namespace`, `metadata.name` and
    /// `metadata.uid`. Without the uid, `kubectl describe pod` does not show the Events.
    ///
    /// # Errors
    /// The part that no pod can have.
    pub fn pod(namespace: &str, name: &str, uid: Option<&str>) -> Result<Self, NotAnObject> {
        let pod = Self {
            api_version: "v1".to_owned(),
            kind: "Pod".to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            uid: uid.map(str::to_owned),
        };
        pod.checked()
    }

    /// The object an event names with `k8skind` and `k8sname`, and if need be `k8sapiversion`
    /// (else `v1`) and `k8suid`. It is in this object's namespace, whatever the event says.
    #[must_use]
    pub fn named_by(&self, event: &Event) -> Option<Self> {
        let text = |name| {
            let value = event.extension(name).and_then(Extension::as_str);
            value.map(str::to_owned)
        };
        let named = Self {
            api_version: text("k8sapiversion").unwrap_or_else(|| "v1".to_owned()),
            kind: text("k8skind")?,
            namespace: self.namespace.clone(),
            name: text("k8sname")?,
            uid: text("k8suid"),
        };
        named.checked().ok()
    }

    /// Where it is.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn reference(&self) -> ObjectReference {
        ObjectReference {
            api_version: Some(self.api_version.clone()),
            kind: Some(self.kind.clone()),
            namespace: Some(self.namespace.clone()),
            name: Some(self.name.clone()),
            uid: self.uid.clone(),
            ..ObjectReference::default()
        }
    }

    fn checked(self) -> Result<Self, NotAnObject> {
        let plain = |text: &str, more: &[char]| {
            let fits = |c: char| c.is_ascii_alphanumeric() || more.contains(&c);
            !text.is_empty() && text.chars().all(fits)
        };
        let wrong = if !plain(&self.api_version, &['.', '-', '/']) || self.api_version.len() > 317 {
            ("api version", "not of the form group/version")
        } else if !plain(&self.kind, &[]) || self.kind.len() > 63 {
            ("kind", "not of letters and digits, 63 at most")
        } else if !is_label(&self.namespace) {
            ("namespace", "not a DNS label (RFC 1123)")
        } else if !is_subdomain(&self.name) {
            ("name", "not a DNS subdomain (RFC 1123)")
        } else if !self
            .uid
            .as_deref()
            .is_none_or(|uid| plain(uid, &['-']) && uid.len() <= 64)
        {
            ("uid", "not of letters, digits and hyphens, 64 at most")
        } else {
            return Ok(self);
        };
        let (part, rule) = wrong;
        Err(NotAnObject { part, rule })
    }
}

fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_word)
}

fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_word(name)
}

fn is_word(word: &str) -> bool {
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = |c: char| ends(c) || c == '-';
    word.starts_with(ends) && word.ends_with(ends) && word.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use events_core::Event;

    use super::Regarding;

    #[test]
    fn a_pod_has_to_be_one() {
        assert!(Regarding::pod("agents", "gateway-0", Some("6f9a-1")).is_ok());
        assert!(Regarding::pod("agents", "gateway.v2-0", None).is_ok());
        for (namespace, name, uid) in [
            ("", "a", None),
            ("a/../kube-system", "a", None),
            ("a.b", "a", None),
            ("a", "", None),
            ("a", "a..b", None),
            ("a", "-a", None),
            ("a", "A", None),
            ("a", "a\nb", None),
            ("a", "a", Some("")),
            ("a", "a", Some("u\u{202e}id")),
        ] {
            let text = Regarding::pod(namespace, name, uid)
                .unwrap_err()
                .to_string();
            assert!(text.starts_with("refer to an object: its "), "{text}");
        }
    }

    #[test]
    fn an_event_names_an_object_in_the_pods_own_namespace() {
        let pod = Regarding::pod("agents", "gateway-0", None).unwrap();
        let event = |kind: &str, name: &str| {
            let event = Event::builder("1", "/a", "b").extension("k8skind", kind);
            let event = event.extension("k8sname", name);
            let event = event.extension("k8sapiversion", "batch/v1");
            event
                .extension("k8snamespace", "kube-system")
                .build()
                .unwrap()
        };
        let job = pod.named_by(&event("Job", "nightly")).unwrap().reference();
        assert_eq!(job.namespace.as_deref(), Some("agents"));
        assert_eq!(job.kind.as_deref(), Some("Job"));
        assert_eq!(job.api_version.as_deref(), Some("batch/v1"));
        assert_eq!(pod.named_by(&event("Job", "no name")), None);
        assert_eq!(pod.named_by(&event("no kind", "nightly")), None);
        assert_eq!(
            pod.named_by(&Event::builder("1", "/a", "b").build().unwrap()),
            None
        );
    }
}
