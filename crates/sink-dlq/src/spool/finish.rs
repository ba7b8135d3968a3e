//! Moves that a crash interrupted.

use std::collections::{BTreeSet, HashSet};

use super::RecordId;
use super::recover::Former;
use super::store::{Store, Write};

impl Store {
    /// Makes the moves once more, since the disk may not have what it shows of them, and notes
    /// that their former places are not needed: or else the records would be back there once they
    /// are removed. Where that fails, the former places stay on the disk.
    pub(super) fn finish_moves(&mut self, formers: &[Former]) {
        let pinned = self.pin(formers);
        for group in formers.chunks(MOVED_AT_ONCE) {
            let ids: BTreeSet<u64> = group.iter().map(|former| former.id).collect();
            let mut moves = Vec::with_capacity(ids.len());
            for id in ids {
                let id = RecordId::new(id);
                if let Ok(Some(loaded)) = self.get(id) {
                    moves.push(Write::Move(id, loaded.area, loaded.cause));
                }
            }
            let moved = self.write(moves).into_iter();
            let moved: HashSet<u64> = moved.flatten().map(|stored| stored.id.number()).collect();
            for former in group {
                if moved.contains(&former.id) {
                    self.note_removed(former.area, former.id, former.slot);
                } else {
                    self.unfinished.push(*former);
                }
            }
        }
        let needed: HashSet<u32> = self.unfinished.iter().map(segment).collect();
        for key in pinned.iter().filter(|key| !needed.contains(*key)) {
            self.shared.index().unpin(*key);
        }
    }

    /// The record was removed, or is on the disk somewhere else for certain.
    pub(super) fn give_up_formers(&mut self, id: u64) {
        let of_this = |former: &mut Former| former.id == id;
        let formers: Vec<Former> = self.unfinished.extract_if(.., of_this).collect();
        for Former { id, area, slot } in formers {
            self.note_removed(area, id, slot);
        }
    }

    /// Keeps the segments of the former places. Returns those that would not stay otherwise.
    fn pin(&self, formers: &[Former]) -> HashSet<u32> {
        let mut index = self.shared.index();
        let keys: HashSet<u32> = formers.iter().map(segment).collect();
        let is_loose = |key: &u32| index.segment(*key).is_some_and(|info| !info.pinned);
        let loose: HashSet<u32> = keys.into_iter().filter(is_loose).collect();
        for key in &loose {
            index.pin(*key);
        }
        loose
    }
}

fn segment(former: &Former) -> u32 {
    former.slot.segment
}

const MOVED_AT_ONCE: usize = 256;
