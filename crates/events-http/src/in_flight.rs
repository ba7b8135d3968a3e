use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::Limits;

/// How many requests with events are in work, and how many bytes their bodies hold.
#[derive(Debug)]
pub(crate) struct InFlight {
    requests: Arc<Semaphore>,
    most: u32,
    bytes: Arc<Semaphore>,
}

/// One request's part of what is in work. Held until its events are in custody or refused,
/// whether or not the client still waits.
#[derive(Debug)]
pub(crate) struct Share {
    _request: OwnedSemaphorePermit,
    bytes: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl InFlight {
    pub(crate) fn new(limits: &Limits) -> Self {
        let most = u32::try_from(limits.max_in_flight).unwrap_or(u32::MAX);
        Self {
            requests: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(usize::MAX))),
            most,
            bytes: Arc::new(Semaphore::new(
                limits.max_buffered.min(Semaphore::MAX_PERMITS),
            )),
        }
    }

    /// A share for one more request, `None` at the bound.
    pub(crate) fn enter(&self) -> Option<Share> {
        let request = Arc::clone(&self.requests).try_acquire_owned().ok()?;
        Some(Share {
            _request: request,
            bytes: Arc::clone(&self.bytes),
            held: None,
        })
    }

    /// How many requests are in work.
    pub(crate) fn count(&self) -> usize {
        usize::try_from(self.most)
            .unwrap_or(usize::MAX)
            .saturating_sub(self.requests.available_permits())
    }

    /// Waits until no request is in work.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    pub(crate) async fn drained(&self) {
        // The semaphore is never closed, so the only answer is that every place is free.
        drop(self.requests.acquire_many(self.most).await);
    }
}

impl Share {
    /// Makes room for `more` bytes. Whether there was room.
    pub(crate) fn grow(&mut self, more: usize) -> bool {
        let Some(permit) = u32::try_from(more)
            .ok()
            .and_then(|more| Arc::clone(&self.bytes).try_acquire_many_owned(more).ok())
        else {
            return false;
        };
        match &mut self.held {
            Some(held) => held.merge(permit),
            None => self.held = Some(permit),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::InFlight;
    use crate::Limits;

    #[test]
    fn requests_and_bytes_are_bounded_and_given_back() {
        let in_flight = InFlight::new(&Limits {
            max_in_flight: 2,
            max_buffered: 10,
            ..Limits::default()
        });
        let mut first = in_flight.enter().unwrap();
        let mut second = in_flight.enter().unwrap();
        assert!(in_flight.enter().is_none());
        assert!(first.grow(6) && !second.grow(5) && second.grow(4));
        drop(first);
        assert_eq!(in_flight.count(), 1);
        assert!(second.grow(6) && in_flight.enter().is_some());
    }
}
