use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::inbox::{Inbox, Place};

/// Patterns by their tokens, each with the inboxes of its subscriptions.
///
/// Looking up costs by the tokens of the subject, not by the number of patterns.
#[derive(Debug, Default)]
pub(super) struct Trie {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literal: HashMap<Box<str>, Self>,
    /// `*`
    any: Option<Box<Self>>,
    /// Subscriptions whose pattern goes on with a last `>`.
    rest: BTreeMap<u64, Arc<Inbox>>,
    /// Subscriptions whose pattern ends here.
    here: BTreeMap<u64, Arc<Inbox>>,
}

impl Trie {
    pub(super) fn insert(&mut self, inbox: Arc<Inbox>) {
        let id = inbox.place().id;
        let pattern = inbox.place().pattern.clone();
        let mut node = &mut self.root;
        for token in pattern.as_str().split('.') {
            node = match token {
                ">" => {
                    node.rest.insert(id, inbox);
                    return;
                }
                "*" => node.any.get_or_insert_default(),
                literal => node.literal.entry(literal.into()).or_default(),
            };
        }
        node.here.insert(id, inbox);
    }

    /// Takes a subscription out, and every node that is of no use without it.
    pub(super) fn remove(&mut self, place: &Place) -> Option<Arc<Inbox>> {
        self.root.remove(place.pattern.as_str(), place.id)
    }

    /// The inboxes of all patterns that stand for `name`, dot-separated tokens.
    pub(super) fn matching(&self, name: &str) -> Vec<Arc<Inbox>> {
        let mut found = Vec::new();
        // A token that is empty makes a name that no pattern stands for.
        if !name.split('.').any(str::is_empty) {
            self.root.collect(Some(name), &mut found);
        }
        found
    }

    pub(super) fn inboxes(&self) -> Vec<Arc<Inbox>> {
        let mut all = Vec::new();
        let mut nodes = vec![&self.root];
        while let Some(node) = nodes.pop() {
            all.extend(node.here.values().chain(node.rest.values()).cloned());
            nodes.extend(node.literal.values());
            nodes.extend(node.any.as_deref());
        }
        all
    }
}

impl Node {
    fn collect(&self, rest: Option<&str>, found: &mut Vec<Arc<Inbox>>) {
        let Some(rest) = rest else {
            found.extend(self.here.values().cloned());
            return;
        };
        found.extend(self.rest.values().cloned());
        let (token, tail) = split(rest);
        if let Some(node) = self.literal.get(token) {
            node.collect(tail, found);
        }
        if let Some(node) = &self.any {
            node.collect(tail, found);
        }
    }

    fn remove(&mut self, pattern: &str, id: u64) -> Option<Arc<Inbox>> {
        let (token, tail) = split(pattern);
        if token == ">" {
            return self.rest.remove(&id);
        }
        let node = match token {
            "*" => self.any.as_deref_mut(),
            literal => self.literal.get_mut(literal),
        }?;
        let removed = match tail {
            Some(tail) => node.remove(tail, id),
            None => node.here.remove(&id),
        };
        if node.is_empty() {
            match token {
                "*" => self.any = None,
                literal => drop(self.literal.remove(literal)),
            }
        }
        removed
    }

    fn is_empty(&self) -> bool {
        self.literal.is_empty()
            && self.any.is_none()
            && self.rest.is_empty()
            && self.here.is_empty()
    }
}

fn split(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((token, tail)) => (token, Some(tail)),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use events_core::subject::SubjectPattern;
    use proptest::prelude::{Strategy, prop, proptest};

    use super::Trie;
    use crate::Queue;
    use crate::inbox::{Inbox, Of, Place};

    fn inbox(id: u64, pattern: &SubjectPattern) -> Arc<Inbox> {
        let place = Place {
            id,
            of: Of::Subjects,
            pattern: pattern.clone(),
        };
        Arc::new(Inbox::new(place, Queue::default()))
    }

    /// Few tokens, so that patterns share paths and subjects meet them.
    fn pattern() -> impl Strategy<Value = SubjectPattern> {
        let token = prop::sample::select(vec!["a", "b", "*", "c"]);
        (prop::collection::vec(token, 0..4), prop::bool::ANY).prop_filter_map(
            "a pattern has a token",
            |(mut tokens, open)| {
                if open {
                    tokens.push(">");
                }
                tokens.join(".").parse().ok()
            },
        )
    }

    fn name() -> impl Strategy<Value = String> {
        let token = prop::sample::select(vec!["a", "b", "c", "d", ""]);
        prop::collection::vec(token, 1..6).prop_map(|tokens| tokens.join("."))
    }

    proptest! {
        #[test]
        fn it_matches_what_each_pattern_matches(
            patterns in prop::collection::vec(pattern(), 1..24),
            removed in prop::collection::vec(prop::bool::ANY, 24),
            names in prop::collection::vec(name(), 1..24),
        ) {
            let inboxes: Vec<_> = (0..).zip(&patterns).map(|(id, p)| inbox(id, p)).collect();
            let mut trie = Trie::default();
            inboxes.iter().for_each(|inbox| trie.insert(inbox.clone()));
            let (gone, left): (Vec<_>, Vec<_>) =
                inboxes.iter().zip(removed).partition(|(_, removed)| *removed);
            for (inbox, _) in gone {
                assert!(trie.remove(inbox.place()).is_some());
                assert!(trie.remove(inbox.place()).is_none());
            }
            for name in &names {
                let found = trie.matching(name);
                let ids: BTreeSet<u64> = found.iter().map(|inbox| inbox.id()).collect();
                assert_eq!(ids.len(), found.len(), "each of them once");
                let wanted = left.iter().filter(|(inbox, _)| inbox.place().pattern.matches(name));
                assert_eq!(ids, wanted.map(|(inbox, _)| inbox.id()).collect(), "{name}");
            }
            for (inbox, _) in left {
                trie.remove(inbox.place());
            }
            assert!(trie.root.is_empty(), "nodes are left behind");
        }
    }
}
