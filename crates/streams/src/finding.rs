use std::fmt;

use serde::Serialize;

/// A setting of a stream that breaks a guarantee, or that an operator should know of.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// Which it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is so, and what follows from it.
    pub text: String,
    /// What to do about it; empty where nothing can be.
    pub remedy: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// A guarantee holds no longer in some cases.
    Weakens,
    /// A guarantee does not hold.
    Breaks,
}

/// Every finding there is. The names, in kebab case, are stable.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Code {
    /// There is no such stream.
    Missing,
    /// A subject is captured by no stream.
    SubjectNotCaptured,
    /// A subject is captured by a stream of another name.
    CapturedElsewhere,
    /// Messages are in memory alone.
    StorageMemory,
    /// Messages go before their age.
    Retention,
    /// Audit is kept for less than the floor.
    AgeBelowFloor,
    /// Messages are kept for less than declared.
    AgeBelowDeclared,
    /// What is sent again may be stored twice.
    DuplicateWindowShort,
    /// The stream acknowledges nothing.
    NoAck,
    /// The stream acknowledges before it writes.
    PersistAsync,
    /// A full stream drops its oldest messages.
    DiscardOld,
    /// A full stream refuses new messages.
    FullRefuses,
    /// A subject drops its oldest messages.
    SubjectLimit,
    /// The largest event does not fit.
    MessageSize,
    /// Fewer replicas than declared.
    ReplicasLow,
    /// Audit can be purged.
    PurgeAllowed,
    /// Audit can be deleted message by message.
    DeleteAllowed,
    /// A message can delete those before it.
    RollupAllowed,
    /// A message can set its own end.
    MessageTtlAllowed,
    /// Messages are stored under other subjects.
    SubjectTransform,
    /// The stream takes no message.
    Sealed,
    /// The stream takes messages from another alone.
    Mirror,
    /// The stream takes messages from others too.
    Sources,
    /// How soon messages are on disk cannot be known.
    SyncUnknown,
}

impl Code {
    /// The name, as in `storage-memory`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::SubjectNotCaptured => "subject-not-captured",
            Self::CapturedElsewhere => "captured-elsewhere",
            Self::StorageMemory => "storage-memory",
            Self::Retention => "retention",
            Self::AgeBelowFloor => "age-below-floor",
            Self::AgeBelowDeclared => "age-below-declared",
            Self::DuplicateWindowShort => "duplicate-window-short",
            Self::NoAck => "no-ack",
            Self::PersistAsync => "persist-async",
            Self::DiscardOld => "discard-old",
            Self::FullRefuses => "full-refuses",
            Self::SubjectLimit => "subject-limit",
            Self::MessageSize => "message-size",
            Self::ReplicasLow => "replicas-low",
            Self::PurgeAllowed => "purge-allowed",
            Self::DeleteAllowed => "delete-allowed",
            Self::RollupAllowed => "rollup-allowed",
            Self::MessageTtlAllowed => "message-ttl-allowed",
            Self::SubjectTransform => "subject-transform",
            Self::Sealed => "sealed",
            Self::Mirror => "mirror",
            Self::Sources => "sources",
            Self::SyncUnknown => "sync-unknown",
        }
    }

    /// Whether it means that nothing published is kept, or that nobody can know.
    #[must_use]
    pub fn denies_custody(self) -> bool {
        matches!(
            self,
            Self::Missing
                | Self::SubjectNotCaptured
                | Self::StorageMemory
                | Self::NoAck
                | Self::Sealed
                | Self::Mirror
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.text)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}
