use std::collections::BTreeSet;

use events_core::{Event, Extension, Severity};

use crate::severity;

/// Which events Kubernetes is told of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selection {
    /// The lowest severity that is told.
    pub min_severity: Severity,
    /// The categories that are told; all where there is none. An event's category is its extension
    /// `category`, else the first token of its type, such as `tool`.
    pub categories: BTreeSet<String>,
}

impl Selection {
    /// Whether the event is one of them.
    #[must_use]
    pub fn takes(&self, event: &Event) -> bool {
        severity::of(event) >= self.min_severity
            && (self.categories.is_empty() || self.categories.contains(category(event)))
    }
}

impl Default for Selection {
    /// Warnings and errors of every category.
    fn default() -> Self {
        Self {
            min_severity: Severity::Warn,
            categories: BTreeSet::new(),
        }
    }
}

fn category(event: &Event) -> &str {
    let named = event.extension("category").and_then(Extension::as_str);
    let first = || event.kind().as_str().split('.').next();
    named.or_else(first).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use events_core::{Event, Severity};

    use super::Selection;

    #[test]
    fn both_severity_and_category_have_to_fit() {
        let event = |kind: &str, category: Option<&str>| {
            let event = Event::builder("1", "/a", kind);
            let event = match category {
                Some(category) => event.extension("category", category),
                None => event,
            };
            event.extension("severitytext", "warn").build().unwrap()
        };
        let only = Selection {
            categories: ["tool".into(), "infra".into()].into(),
            ..Selection::default()
        };
        assert!(only.takes(&event("tool.slow", None)));
        assert!(only.takes(&event("record.a.b", Some("infra"))));
        assert!(!only.takes(&event("tool.slow", Some("audit"))));
        assert!(!only.takes(&event("record.a.b", None)));
        assert!(Selection::default().takes(&event("any.thing", None)));
        let errors = Selection {
            min_severity: Severity::Error,
            ..Selection::default()
        };
        assert!(!errors.takes(&event("tool.slow", None)));
    }
}
