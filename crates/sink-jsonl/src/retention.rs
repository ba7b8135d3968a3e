use std::io;
use std::path::Path;
use std::time::SystemTime;

use events_disk::Fs;

use crate::Config;
use crate::segment::{Listed, file_name};

/// What is kept besides the open segment, oldest first, as the last listing showed it.
#[derive(Debug, Default)]
pub(crate) struct Closed {
    segments: Vec<Listed>,
    bytes: u64,
    /// Whether the oldest could not be removed. Tried again after the next listing.
    is_stuck: bool,
}

impl Closed {
    pub(crate) fn new(segments: Vec<Listed>) -> Self {
        let bytes = segments.iter().map(|segment| segment.stat.length).sum();
        Self {
            segments,
            bytes,
            is_stuck: false,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.segments.len()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether there is one that might be removed.
    pub(crate) fn can_go(&self) -> bool {
        !self.segments.is_empty() && !self.is_stuck
    }

    /// When the oldest was made.
    pub(crate) fn oldest(&self) -> Option<SystemTime> {
        self.segments.first().map(|segment| segment.stat.created)
    }

    /// Removes the oldest segments that are too many, next to `open` bytes in the open one, or
    /// too old. Says each in the log. What cannot be removed stays, and is said as well.
    pub(crate) fn prune(
        &mut self,
        fs: &dyn Fs,
        dir: &Path,
        open: u64,
        config: &Config,
        now: SystemTime,
    ) {
        let mut gone = 0;
        for segment in &self.segments {
            let Listed { number, stat } = segment;
            let age = now.duration_since(stat.modified).unwrap_or_default();
            let too_many = self.bytes.saturating_add(open) > config.max_bytes;
            if !too_many && age <= config.max_age {
                break;
            }
            let name = file_name(*number);
            match fs.remove(&dir.join(&name)) {
                Ok(()) => tracing::info!(
                    segment = name,
                    bytes = stat.length,
                    age_s = age.as_secs(),
                    reason = if too_many { "size" } else { "age" },
                    "removed the oldest segment of the journal"
                ),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    tracing::warn!(segment = name, %error, "cannot remove the oldest segment");
                    self.is_stuck = true;
                    break;
                }
            }
            self.bytes = self.bytes.saturating_sub(stat.length);
            gone += 1;
        }
        self.segments.drain(..gone);
    }
}
