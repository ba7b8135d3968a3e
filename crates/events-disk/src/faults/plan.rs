use rustix::io::Errno;

/// Which calls fail, and how: `width` calls from the call number `first` on.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How they fail.
    pub fault: Fault,
    /// The number of the first that does; 0 is the first call of all.
    pub first: usize,
    /// How many fail.
    pub width: usize,
    /// The call from which on every call fails: the machine is gone.
    pub crash: Option<usize>,
}

/// How a call fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// With this error, and without an effect.
    Error(Errno),
    /// A read or write does half of its bytes first; the calls after it fail.
    ShortThen(Errno),
    /// The thread that makes it panics.
    Panic,
}

/// A call that a test makes fail by its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Call {
    /// `Fs::write`
    Write,
    /// `Fs::sync_data`
    SyncData,
    /// `Fs::set_len`
    SetLen,
}

/// Whether syncs come back.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Disk {
    /// They do.
    #[default]
    Answers,
    /// They do not, until it answers.
    Hangs,
    /// It hangs, and somebody waits for it.
    KeepsWaiting,
}

/// How much of what was never synced a power cut leaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Survives {
    /// Neither names nor bytes.
    Nothing,
    /// Half of the bytes.
    Half,
    /// Everything, and what was cut off comes back.
    All,
    /// The length, with zeros for bytes.
    Length,
}

impl Survives {
    /// Each of them.
    pub const EACH: [Self; 4] = [Self::Nothing, Self::Half, Self::All, Self::Length];
}
