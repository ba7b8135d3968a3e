//! A file system that fails on demand and forgets, at a power cut, what was not synced.

mod calls;
mod faulty;
mod plan;
mod power;

use std::path::PathBuf;

pub use faulty::Faulty;
pub use plan::{Call, Disk, Fault, Plan, Survives};

/// Where thousands of runs are quick: in memory, where there is such a place.
#[must_use]
pub fn fast_disk() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    }
}
