//! When a message was stored that may be gone by now.

use chrono::{DateTime, Utc};

use super::HistoryError;
use super::stream::{Extent, Stream};

/// What is known of the time at which a message was stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Moment {
    /// Then or later: whoever begins there passes nothing over.
    From(DateTime<Utc>),
    /// Then or earlier: nothing is left of what was stored before it.
    Until(DateTime<Utc>),
}

impl Moment {
    /// What is known of the newest of several messages. That one of them is not older than a time
    /// tells more than that others are not newer.
    pub(super) fn newest(moments: impl IntoIterator<Item = Self>) -> Option<Self> {
        moments
            .into_iter()
            .reduce(|known, moment| match (known, moment) {
                (Self::From(known), Self::From(time)) => Self::From(known.max(time)),
                (Self::Until(known), Self::Until(time)) => Self::Until(known.min(time)),
                (Self::From(_), Self::Until(_)) => known,
                (Self::Until(_), Self::From(_)) => moment,
            })
    }

    pub(super) fn time(self) -> DateTime<Utc> {
        match self {
            Self::From(time) | Self::Until(time) => time,
        }
    }
}

impl Stream {
    /// When the message of that sequence was stored: by itself, else by the nearest one before it,
    /// else by the nearest one after it. `None` where nothing is left that would tell.
    pub(super) async fn moment(&self, sequence: u64) -> Result<Option<Moment>, HistoryError> {
        let extent = self.extent().await?;
        if sequence > extent.last {
            // The stream lost its end, or another took its name: it is read from its beginning.
            let first = self.at_or_after(extent.first, None).await?;
            return Ok(first.map(|first| Moment::Until(first.stored_at)));
        }
        let after = self.at_or_after(sequence, None).await?;
        if let Some(there) = after.as_ref().filter(|after| after.sequence == sequence) {
            return Ok(Some(Moment::From(there.stored_at)));
        }
        if sequence == extent.last {
            return Ok(extent.last_at.map(Moment::From));
        }
        if let Some(time) = self.before(sequence, &extent).await? {
            return Ok(Some(Moment::From(time)));
        }
        let next = after.map(|after| after.stored_at).or(extent.last_at);
        Ok(next.map(Moment::Until))
    }

    /// When the last message before `sequence` was stored.
    async fn before(
        &self,
        sequence: u64,
        extent: &Extent,
    ) -> Result<Option<DateTime<Utc>>, HistoryError> {
        // What is stored from `low` on, and below `sequence`, is looked for.
        let (mut low, mut high, mut found) = (extent.first, sequence, None);
        while low < high {
            let middle = low + (high - low) / 2;
            let message = self.at_or_after(middle, None).await?;
            match message.filter(|message| message.sequence < sequence) {
                Some(message) => {
                    low = message.sequence + 1;
                    found = Some(message.stored_at);
                }
                None => high = middle,
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::Moment::{self, From, Until};

    #[test]
    fn the_newest_of_several_passes_nothing_over_where_one_is_there() {
        let [early, middle, late] = [1, 2, 3].map(DateTime::from_timestamp_nanos);
        let known = [Until(late), From(early), From(middle), Until(early)];
        assert_eq!(Moment::newest(known), Some(From(middle)));
        assert_eq!(
            Moment::newest([Until(late), Until(early)]),
            Some(Until(early))
        );
        assert_eq!(Moment::newest([]), None);
    }
}
