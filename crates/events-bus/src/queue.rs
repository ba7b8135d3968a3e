use std::time::Duration;

/// How much of what it has not taken yet is kept for a subscriber, and what happens past that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Queue {
    /// The most events it holds, at least one.
    pub events: usize,
    /// The most bytes its events take, encoded. A longer event fits alone.
    pub bytes: usize,
    /// What happens to an event that finds no room.
    pub lag: Lag,
}

/// What happens to an event that finds no room in a subscriber's queue. Each way but
/// [`Skip`](Self::Skip) the subscriber is told, in the place of what it missed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Lag {
    /// Whoever publishes waits for room, this long at most for all the events of a call. Other
    /// subscribers got theirs before. What finds no room in time is missed, and so is all that
    /// comes until the subscriber has taken something: nobody waits for it twice. What a feed
    /// brings waits for nobody.
    Wait(Duration),
    /// The oldest event in the queue goes. Nobody waits.
    DropOldest,
    /// The subscription ends, behind what is in the queue. Nobody waits.
    Disconnect,
    /// The event is passed over, neither told nor counted. For those who want to know that
    /// something came, and look elsewhere for what it was.
    Skip,
}

impl Default for Queue {
    /// 1,024 events, 16 MiB, the oldest go.
    fn default() -> Self {
        Self {
            events: 1024,
            bytes: 16 << 20,
            lag: Lag::DropOldest,
        }
    }
}

impl Queue {
    /// The default queue with another policy.
    #[must_use]
    pub fn lagging(lag: Lag) -> Self {
        Self {
            lag,
            ..Self::default()
        }
    }
}
