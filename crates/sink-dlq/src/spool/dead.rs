use std::path::Path;

use super::Area;
use super::header::Identity;
use super::log::Ground;
use super::removals::Removed;
use super::survey::survey;

/// The frames of an area that are no longer needed, as its segments and the index have it: for the
/// case that the file which says so cannot be read. A segment that cannot be read either, or that
/// is kept for what is in no index, is left out: its records come back.
pub(crate) fn dead_frames(area: Area, dir: &Path, ground: &Ground<'_>) -> Vec<Removed> {
    let segments: Vec<_> = ground.shared.index().segments(area).collect();
    let mut dead = Vec::new();
    for (_, info) in segments.into_iter().filter(|(_, info)| !info.pinned) {
        let identity = Identity {
            store: ground.store,
            area,
            number: info.number,
        };
        let path = dir.join(identity.file_name());
        let known = dead.len();
        let surveyed = survey(ground.fs, &path, identity, &mut |offset, _, frame| {
            let Ok(offset) = u32::try_from(offset) else {
                return;
            };
            // A later frame of a record that is live may be one that was refused: to remove it
            // would remove the earlier one as well.
            if !ground.shared.index().has(area, frame.id) {
                dead.push(Removed {
                    id: frame.id,
                    segment: info.number,
                    offset,
                });
            }
        });
        if let Err(error) = surveyed {
            tracing::warn!(path = %path.display(), %error, "cannot tell what was removed of a segment");
            dead.truncate(known);
        }
    }
    dead
}
