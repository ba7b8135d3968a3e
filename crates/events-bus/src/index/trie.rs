use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::inbox::{Inbox, Place};

/// Patterns by their tokens, each with the inboxes of its subscriptions.
///
/// Looking up costs by the tokens of the subject, not by the number of patterns. Tokens are
/// numbered and all edges stand in one table, so that a step touches little memory.
#[derive(Debug)]
pub(super) struct Trie {
    tokens: HashMap<Box<str>, Token>,
    edges: HashMap<(u32, u32), u32, BuildHasherDefault<Mix>>,
    nodes: Vec<Node>,
    free: Vec<u32>,
    free_tokens: Vec<u32>,
}

/// A token's number, and how many edges bear it.
#[derive(Debug)]
struct Token {
    number: u32,
    edges: usize,
}

#[derive(Debug, Default)]
struct Node {
    /// Edges that lead on from here.
    edges: u32,
    /// Where `*` leads, or nowhere.
    any: Option<u32>,
    /// Subscriptions whose pattern goes on with a last `>`.
    rest: BTreeMap<u64, Arc<Inbox>>,
    /// Subscriptions whose pattern ends here.
    here: BTreeMap<u64, Arc<Inbox>>,
}

impl Trie {
    pub(super) fn insert(&mut self, inbox: Arc<Inbox>) {
        let id = inbox.place().id;
        let pattern = inbox.place().pattern.clone();
        let (path, open) = parts(pattern.as_str());
        let mut at = ROOT;
        for token in path {
            at = self.step(at, token).unwrap_or_else(|| self.grow(at, token));
        }
        if let Some(node) = self.node_mut(at) {
            let list = if open { &mut node.rest } else { &mut node.here };
            list.insert(id, inbox);
        }
    }

    /// Takes a subscription out, and every node that is of no use without it.
    pub(super) fn remove(&mut self, place: &Place) -> Option<Arc<Inbox>> {
        let (path, open) = parts(place.pattern.as_str());
        let mut passed = Vec::new();
        let mut at = ROOT;
        for token in path {
            passed.push((at, token));
            at = self.step(at, token)?;
        }
        let node = self.node_mut(at)?;
        let list = if open { &mut node.rest } else { &mut node.here };
        let removed = list.remove(&place.id);
        while let Some((parent, token)) = passed.pop() {
            if !self.node(at)?.is_empty() {
                break;
            }
            self.cut(parent, token, at);
            at = parent;
        }
        if self.node(ROOT)?.is_empty() {
            // The room that many took is given back with the last.
            *self = Self::default();
        }
        removed
    }

    /// The inboxes of all patterns that stand for `name`, dot-separated tokens.
    pub(super) fn matching(&self, name: &str) -> Vec<Arc<Inbox>> {
        let mut tokens = Vec::with_capacity(8);
        for token in name.split('.') {
            // A token that is empty makes a name that no pattern stands for.
            if token.is_empty() {
                return Vec::new();
            }
            tokens.push(self.tokens.get(token).map(|token| token.number));
        }
        let mut found = Vec::new();
        self.collect(ROOT, &tokens, &mut found);
        found
    }

    pub(super) fn inboxes(&self) -> Vec<Arc<Inbox>> {
        let lists = self.nodes.iter().flat_map(|node| [&node.here, &node.rest]);
        lists.flat_map(BTreeMap::values).cloned().collect()
    }

    fn collect(&self, at: u32, tokens: &[Option<u32>], found: &mut Vec<Arc<Inbox>>) {
        let Some(node) = self.node(at) else {
            return;
        };
        let [token, tail @ ..] = tokens else {
            found.extend(node.here.values().cloned());
            return;
        };
        found.extend(node.rest.values().cloned());
        let literal = token.and_then(|token| self.edges.get(&(at, token)));
        for next in literal.into_iter().chain(&node.any) {
            self.collect(*next, tail, found);
        }
    }

    fn step(&self, at: u32, token: &str) -> Option<u32> {
        if token == "*" {
            return self.node(at)?.any;
        }
        let token = self.tokens.get(token)?;
        self.edges.get(&(at, token.number)).copied()
    }

    /// A new node that `token` leads to.
    fn grow(&mut self, at: u32, token: &str) -> u32 {
        let next = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(Node::default());
            number(self.nodes.len() - 1)
        });
        let node = self.node_mut(at);
        if token == "*" {
            if let Some(node) = node {
                node.any = Some(next);
            }
            return next;
        }
        if let Some(node) = node {
            node.edges += 1;
        }
        let fresh = number(self.tokens.len());
        let free = &mut self.free_tokens;
        let token = self.tokens.entry(token.into()).or_insert_with(|| Token {
            number: free.pop().unwrap_or(fresh),
            edges: 0,
        });
        token.edges += 1;
        self.edges.insert((at, token.number), next);
        next
    }

    /// Takes out an edge and the node that it leads to.
    fn cut(&mut self, at: u32, token: &str, leads_to: u32) {
        self.free.push(leads_to);
        if token == "*" {
            if let Some(node) = self.node_mut(at) {
                node.any = None;
            }
            return;
        }
        if let Some(node) = self.node_mut(at) {
            node.edges -= 1;
        }
        if let Some(known) = self.tokens.get_mut(token) {
            self.edges.remove(&(at, known.number));
            known.edges -= 1;
            if known.edges == 0 {
                self.free_tokens.push(known.number);
                self.tokens.remove(token);
            }
        }
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    fn node_mut(&mut self, at: u32) -> Option<&mut Node> {
        self.nodes.get_mut(at as usize)
    }
}

impl Default for Trie {
    fn default() -> Self {
        Self {
            tokens: HashMap::new(),
            edges: HashMap::default(),
            nodes: vec![Node::default()],
            free: Vec::new(),
            free_tokens: Vec::new(),
        }
    }
}

impl Node {
    fn is_empty(&self) -> bool {
        self.edges == 0 && self.any.is_none() && self.rest.is_empty() && self.here.is_empty()
    }
}

/// Mixes the numbers of a node and a token, which nobody outside can choose.
#[derive(Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(32) ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// The tokens before a last `>`, and whether there is one.
fn parts(pattern: &str) -> (impl Iterator<Item = &str>, bool) {
    let open = pattern == ">" || pattern.ends_with(".>");
    (pattern.split('.').filter(|token| *token != ">"), open)
}

/// Four thousand million patterns do not fit into memory.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

const ROOT: u32 = 0;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use events_core::subject::SubjectPattern;
    use proptest::prelude::{Strategy, prop, proptest};

    use super::{Node, Trie};
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
            let in_use = trie.nodes.iter().skip(1).filter(|node| !node.is_empty());
            assert_eq!(trie.nodes.len(), 1 + in_use.count() + trie.free.len());
            for (inbox, _) in left {
                trie.remove(inbox.place());
            }
            assert!(trie.nodes.iter().all(Node::is_empty), "nodes are left behind");
            assert_eq!((trie.nodes.len(), trie.free.len()), (1, 0));
            assert!(trie.edges.is_empty() && trie.tokens.is_empty());
        }
    }
}
