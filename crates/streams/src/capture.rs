use async_nats::jetstream::Context;

use crate::live::Live;
use crate::{StreamSpec, StreamsError, api};

/// The server's streams that take what a declared one shall take.
#[derive(Default)]
pub(crate) struct Capture {
    /// The stream of that name.
    pub(crate) own: Option<Live>,
    /// Streams of other names, each with the whole of a subject.
    pub(crate) others: Vec<Live>,
    /// The subjects that no stream takes whole.
    pub(crate) loose: Vec<Loose>,
}

/// A subject that no stream takes whole.
pub(crate) struct Loose {
    pub(crate) subject: String,
    /// The streams that take a part of it.
    pub(crate) parts: Vec<String>,
}

impl Capture {
    /// Asks the server. The login needs to ask for other streams only where the one of that name
    /// does not take everything.
    pub(crate) async fn of(js: &Context, spec: &StreamSpec) -> Result<Self, StreamsError> {
        let mut capture = Self {
            own: api::find(js, spec.name.as_str()).await?,
            ..Self::default()
        };
        for subject in &spec.subjects {
            let subject = subject.as_str();
            if !capture.streams().any(|live| live.captures(subject)) {
                capture.look_elsewhere(js, subject).await?;
            }
        }
        Ok(capture)
    }

    /// Whether no stream takes anything whole, under this name or another.
    pub(crate) fn is_none(&self) -> bool {
        self.streams().next().is_none()
    }

    fn streams(&self) -> impl Iterator<Item = &Live> {
        self.own.iter().chain(&self.others)
    }

    /// Streams do not overlap, so whichever has the whole of a subject is alone in having any.
    async fn look_elsewhere(&mut self, js: &Context, subject: &str) -> Result<(), StreamsError> {
        let parts = visible(js, subject).await?;
        if let [name] = parts.as_slice()
            && let Some(other) = api::find(js, name).await?
            && other.captures(subject)
        {
            self.others.push(other);
            return Ok(());
        }
        let subject = subject.to_owned();
        self.loose.push(Loose { subject, parts });
        Ok(())
    }
}

/// The streams that take any of `subject`; none where this login may not ask, which the server
/// leaves unanswered.
async fn visible(js: &Context, subject: &str) -> Result<Vec<String>, StreamsError> {
    match api::capturing(js, subject).await {
        Err(StreamsError::TimedOut { .. }) => Ok(Vec::new()),
        answer => answer,
    }
}
