use std::collections::BTreeMap;
use std::time::Duration;

use crate::Backoff;

/// How events are published.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many publishes may be unanswered at once, over all deliveries. At least 1.
    pub window: usize,
    /// How long an event waits for its turn in the window before it is `Saturated`.
    pub window_timeout: Duration,
    /// How long an acknowledgement is waited for.
    pub ack_timeout: Duration,
    /// How long a question about a stream is waited for, such as which one captures a subject.
    pub lookup_timeout: Duration,
    /// The longest wait before the first probe after a failure. It doubles with each that fails.
    pub reconnect_wait: Duration,
    /// The longest wait before any probe.
    pub reconnect_max_wait: Duration,
    /// How long a subject may be without a stream before that is called a mistake. An election
    /// among the broker's servers looks the same while it lasts.
    pub no_responders_grace: Duration,
    /// The form of a message.
    pub mode: Mode,
    /// The stream that a route's events must end in, by the route's name. For routes that are not
    /// named here the broker is asked which stream captures the subject.
    pub streams: BTreeMap<String, String>,
}

/// The form of a message (CloudEvents NATS binding, section 3).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    /// The sealed bytes, as they are.
    #[default]
    Structured,
    /// Attributes as headers, the data as the message.
    Binary,
}

impl Config {
    /// The longest that `deliver` takes for one event: a question who captures its subject, its
    /// turn in the window, its acknowledgement, and what is asked where none came or a doubtful
    /// one, which may wait for others who ask. A batch takes longer, since each of its events may
    /// wait for a turn. Whoever waits for answers, to give up or to keep order, waits longer.
    #[must_use]
    pub fn longest_answer(&self) -> Duration {
        let questions = self.lookup_timeout.saturating_mul(3);
        let turn = questions.saturating_add(self.window_timeout);
        turn.saturating_add(self.ack_timeout)
    }

    pub(crate) fn backoff(&self) -> Backoff {
        Backoff {
            base: self.reconnect_wait,
            max: self.reconnect_max_wait,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        let backoff = Backoff::default();
        Self {
            window: 256,
            window_timeout: Duration::from_secs(5),
            ack_timeout: Duration::from_secs(5),
            lookup_timeout: Duration::from_secs(2),
            reconnect_wait: backoff.base,
            reconnect_max_wait: backoff.max,
            no_responders_grace: Duration::from_secs(5),
            mode: Mode::Structured,
            streams: BTreeMap::new(),
        }
    }
}
