use std::path::Path;

use super::log::Ground;
use super::{Area, Config, SpoolError};

pub(crate) fn quota(config: &Config, area: Area) -> u64 {
    match area {
        Area::Waiting => config.max_bytes,
        Area::SetAside | Area::Dead => config.kept_bytes,
    }
}

/// Length past which a segment is closed: short enough for the area to free room bit by bit.
pub(crate) fn segment_bytes(config: &Config, area: Area) -> u64 {
    let most = quota(config, area) / 4;
    config.segment_bytes.min(most).min(LONGEST_SEGMENT)
}

/// How many bytes more leave the reserve free. Without a reserve nothing is measured.
pub(crate) fn spare(ground: &Ground<'_>, area: Area, dir: &Path) -> Result<u64, SpoolError> {
    let reserve = ground.config.reserve_bytes;
    if reserve == 0 {
        return Ok(u64::MAX);
    }
    let free = ground.fs.free_space(dir);
    let free = free.map_err(|error| SpoolError::io(area, "measure the room of", dir, error))?;
    Ok(free.saturating_sub(reserve))
}

/// Checks that `bytes` more leave the reserve free.
pub(crate) fn check_reserve(
    ground: &Ground<'_>,
    area: Area,
    dir: &Path,
    bytes: u64,
) -> Result<(), SpoolError> {
    let spare = spare(ground, area, dir)?;
    if spare >= bytes {
        return Ok(());
    }
    let reserve = ground.config.reserve_bytes;
    let short = format!("{spare} bytes free beside the {reserve} that are reserved");
    Err(SpoolError::full(area, short))
}

/// Offsets have 32 bits.
const LONGEST_SEGMENT: u64 = 256 << 20;
