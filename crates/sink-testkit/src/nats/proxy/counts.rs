/// What a proxy has done so far, so that a test can see that its fault came about.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// From the client to the server.
    pub to_server: LaneCounts,
    /// From the server to the client.
    pub to_client: LaneCounts,
    /// Connections let in.
    pub accepted: u64,
    /// Connections turned away.
    pub refused: u64,
    /// Connections that ended by a reset, made here or passed on.
    pub cut: u64,
}

/// What a proxy has done to one direction.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LaneCounts {
    /// `PUB`, `HPUB`, `MSG` and `HMSG` frames that came in, whatever became of them.
    pub messages: u64,
    /// Frames swallowed.
    pub dropped: u64,
    /// Frames forwarded twice.
    pub doubled: u64,
    /// Frames held back.
    pub delayed: u64,
}
