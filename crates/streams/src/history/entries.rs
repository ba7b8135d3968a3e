use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use events_core::Filter;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};

use super::span::{Piece, Span};
use super::stream::Stored;
use super::{Body, Cursor, Entry, HistoryError, Item, Position};

/// A reading under way: what the filter wants, in order, as fast as it is taken.
///
/// Ends at its end, or with an error: then what came is not all there is, and
/// [`cursor`](Self::cursor) is where to go on.
#[must_use = "nothing is read before it is polled"]
pub struct Entries {
    inner: BoxStream<'static, Result<Entry, HistoryError>>,
    cursor: Cursor,
    may_lack: bool,
}

impl Entries {
    /// Where it stands: the position of the last item of each stream.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Whether it may begin too late in some streams: the message to go on after is gone, and
    /// nothing that is left was stored before it.
    #[must_use]
    pub fn may_lack(&self) -> bool {
        self.may_lack
    }

    /// The same, beginning too late perhaps.
    pub(super) fn lacking(mut self, may_lack: bool) -> Self {
        self.may_lack = may_lack;
        self
    }

    /// All spans merged by the time of storing.
    pub(super) fn merged(spans: Vec<Span>, filter: &Filter, cursor: Cursor) -> Self {
        let mut sources: Vec<_> = spans
            .into_iter()
            .map(|span| entries(span, filter))
            .collect();
        let inner = match sources.len() {
            1 => sources.remove(0),
            _ => merge(sources).boxed(),
        };
        Self {
            inner,
            cursor,
            may_lack: false,
        }
    }

    /// All spans at once, each entry as it comes.
    pub(super) fn live(spans: Vec<Span>, filter: &Filter, cursor: Cursor) -> Self {
        let sources = spans.into_iter().map(|span| entries(span, filter));
        let inner = stream::select_all(sources).boxed();
        Self {
            inner,
            cursor,
            may_lack: false,
        }
    }
}

impl Stream for Entries {
    type Item = Result<Entry, HistoryError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.inner.poll_next_unpin(cx);
        match &polled {
            Poll::Ready(Some(Ok(Entry::Item(item)))) => self.cursor.advance(&item.position),
            // What other streams still have would hide that this one broke off.
            Poll::Ready(Some(Err(_))) => self.inner = stream::empty().boxed(),
            Poll::Ready(_) | Poll::Pending => {}
        }
        polled
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entries({})", self.cursor)
    }
}

/// What the filter wants of a span; the time it leaves to the span.
pub(super) fn entries(
    span: Span,
    filter: &Filter,
) -> BoxStream<'static, Result<Entry, HistoryError>> {
    let filter = Arc::new(filter.clone());
    let begin = Some(Box::new(span));
    stream::unfold(begin, move |span| {
        let filter = Arc::clone(&filter);
        async move {
            let mut span = span?;
            loop {
                match span.next().await {
                    Ok(Some(Piece::Gap(gap))) => return Some((Ok(Entry::Gap(gap)), Some(span))),
                    Ok(Some(Piece::Message(stored))) => {
                        if let Some(item) = item(&span, stored, &filter) {
                            return Some((Ok(Entry::Item(item)), Some(span)));
                        }
                    }
                    Ok(None) => return None,
                    Err(error) => return Some((Err(error), None)),
                }
            }
        }
    })
    .boxed()
}

fn item(span: &Span, stored: Stored, filter: &Filter) -> Option<Item> {
    let body = Body::of_message(stored.payload.clone(), stored.headers.as_ref());
    let item = Item {
        position: Position::within(&span.stream().name, stored.sequence),
        subject: stored.subject,
        stored_at: stored.stored_at,
        headers: stored.headers,
        payload: stored.payload,
        body,
    };
    let wanted = filter.wants_event(item.event()) && filter.wants_subject(Some(&item.subject));
    wanted.then_some(item)
}

/// Takes the oldest head each time. A gap has no time and comes at once; an error ends it all.
fn merge(
    sources: Vec<BoxStream<'static, Result<Entry, HistoryError>>>,
) -> impl Stream<Item = Result<Entry, HistoryError>> + Send {
    let heads: Vec<Head> = sources.into_iter().map(Head::new).collect();
    stream::unfold(heads, |mut heads| async move {
        let mut index = 0;
        while let Some(head) = heads.get_mut(index) {
            if head.item.is_some() {
                index += 1;
                continue;
            }
            match head.source.next().await {
                Some(Ok(Entry::Item(item))) => head.item = Some(item),
                Some(Ok(gap)) => return Some((Ok(gap), heads)),
                Some(Err(error)) => return Some((Err(error), Vec::new())),
                None => drop(heads.remove(index)),
            }
        }
        let times = heads.iter_mut().map(|head| &mut head.item);
        let oldest = times.min_by_key(|item| item.as_ref().map(|item| item.stored_at))?;
        let item = oldest.take()?;
        Some((Ok(Entry::Item(item)), heads))
    })
}

struct Head {
    source: BoxStream<'static, Result<Entry, HistoryError>>,
    item: Option<Item>,
}

impl Head {
    fn new(source: BoxStream<'static, Result<Entry, HistoryError>>) -> Self {
        Self { source, item: None }
    }
}
