use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Where to cut a batch so that it proves itself: the positions at which a new wave begins, given
/// the chain of each event.
///
/// An event says under its signature which numbers before it are accounted for. Events that are
/// sealed together know nothing of each other's fate, so a deletion among them could not be told
/// from a crash. The last event of each chain therefore waits until those before it are stored.
/// Order is kept. Past [`MOST`] cuts the rest goes together: proof must not make a batch slow.
pub(super) fn cuts<K: Eq + Hash>(chains: &[K]) -> Vec<usize> {
    let last: HashMap<&K, usize> = chains
        .iter()
        .enumerate()
        .map(|(index, chain)| (chain, index))
        .collect();
    let mut cuts = Vec::new();
    let mut wave = HashSet::new();
    for (index, chain) in chains.iter().enumerate() {
        let ends = last.get(chain) == Some(&index);
        if ends && wave.contains(chain) && cuts.len() < MOST {
            cuts.push(index);
            wave.clear();
        }
        wave.insert(chain);
    }
    cuts
}

const MOST: usize = 8;

#[cfg(test)]
mod tests {
    use super::{MOST, cuts};

    fn cut(chains: &str) -> Vec<usize> {
        cuts(&chains.chars().collect::<Vec<_>>())
    }

    #[test]
    fn the_last_of_each_chain_waits_for_those_before_it() {
        for short in ["", "a", "ab"] {
            assert!(cut(short).is_empty(), "{short}");
        }
        assert_eq!(cut("aa"), [1]);
        assert_eq!(cut("aaaa"), [3]);
        assert_eq!(cut("abab"), [2]);
        assert_eq!(cut("aaab"), [2]);
        assert_eq!(cut("aabb"), [1, 3]);
    }

    #[test]
    fn cuts_are_bounded() {
        let many: Vec<usize> = (0..1000).map(|n| n / 2).collect();
        assert_eq!(cuts(&many).len(), MOST);
    }
}
