use std::collections::VecDeque;

use events_core::Filter;
use futures::TryStreamExt as _;

use super::entries::entries;
use super::span::Span;
use super::{Entry, HistoryError, Item};

/// The newest of a span that the filter wants, `limit` of them or all there are, oldest first.
///
/// Looks at the end of the stream first and further back, in ever longer parts, until there are
/// enough. Nothing is read twice.
pub(super) async fn newest(
    first: u64,
    last: u64,
    span: impl Fn(u64, u64) -> Span,
    filter: &Filter,
    limit: usize,
) -> Result<VecDeque<Item>, HistoryError> {
    let mut found: VecDeque<Item> = VecDeque::new();
    let (mut high, mut width) = (last, (limit as u64).max(LEAST));
    while found.len() < limit && high >= first {
        let low = first.max(high.saturating_sub(width - 1));
        let wanted = limit - found.len();
        let mut part = VecDeque::new();
        let mut read = entries(span(low, high), filter);
        while let Some(entry) = read.try_next().await? {
            if let Entry::Item(item) = entry {
                if part.len() == wanted {
                    part.pop_front();
                }
                part.push_back(item);
            }
        }
        part.append(&mut found);
        found = part;
        width = width.saturating_mul(4);
        let Some(below) = low.checked_sub(1) else {
            break;
        };
        high = below;
    }
    Ok(found)
}

/// The shortest part that is worth a request.
const LEAST: u64 = 256;
