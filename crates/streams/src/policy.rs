use std::time::Duration;

/// What the streams are held against, beside their declaration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Policy {
    /// How long audit must be kept at least.
    pub audit_min_retention: Duration,
    /// How long an event that may have been stored can wait before it is sent again.
    pub redrive_horizon: Duration,
    /// The largest message that may be sent, headers and signature included, in bytes.
    pub max_message_bytes: u64,
}

impl Default for Policy {
    /// 90 days; 4 minutes, the breaker's longest pause and a deadline; 320 KiB, an event of
    /// 256 KiB and its signature.
    fn default() -> Self {
        Self {
            audit_min_retention: Duration::from_secs(90 * 86_400),
            redrive_horizon: Duration::from_secs(240),
            max_message_bytes: 320 << 10,
        }
    }
}
