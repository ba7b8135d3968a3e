//! An area's file `removed`: which frames are no longer needed. 24 bytes each: `id u64 | segment
//! u64 | offset u32 | crc32c u32`. What is lost of it is delivered again, nothing more.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use events_disk::Fs;

use super::header::Identity;
use super::segment::{write_all, write_anew};
use super::window::read_exact;

/// A frame that was removed, and with it every frame of the same record that its area got earlier.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Removed {
    pub(crate) id: u64,
    /// The segment's number.
    pub(crate) segment: u64,
    pub(crate) offset: u32,
}

/// The file, and what is not in it yet.
#[derive(Debug)]
pub(crate) struct Removals {
    dir: PathBuf,
    path: PathBuf,
    salt: u32,
    file: Option<File>,
    pending: Vec<Removed>,
    length: u64,
    /// Its length when it held nothing stale.
    compact_length: u64,
    unsynced: bool,
}

impl Removals {
    pub(crate) fn new(dir: &Path, identity: Identity) -> Self {
        Self {
            dir: dir.to_owned(),
            path: dir.join(NAME),
            salt: identity.salt(),
            file: None,
            pending: Vec::new(),
            length: 0,
            compact_length: 0,
            unsynced: false,
        }
    }

    /// What the file holds, sorted. What is damaged is left out.
    pub(crate) fn read(&self, fs: &dyn Fs) -> io::Result<Vec<Removed>> {
        let stat = match fs.stat(&self.path) {
            Ok(stat) => stat,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let file = fs.open_to_read(&self.path)?;
        let length = usize::try_from(stat.length).unwrap_or(usize::MAX);
        let bytes = read_exact(fs, &file, 0, length)?;
        let mut removed = parse(&bytes, self.salt);
        removed.sort_unstable();
        Ok(removed)
    }

    pub(crate) fn add(&mut self, removed: Removed) {
        self.pending.push(removed);
    }

    /// Whether most of the file speaks of segments that are gone.
    pub(crate) fn is_bulky(&self) -> bool {
        self.length > BULKY && self.length > 2 * self.compact_length
    }

    /// Hands what is new to the file. What the disk refuses stays for the next time, which then
    /// writes the file anew with what `is_needed`.
    pub(crate) fn flush(
        &mut self,
        fs: &dyn Fs,
        is_needed: &dyn Fn(&Removed) -> bool,
    ) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let Some(file) = &self.file else {
            return self.rewrite(fs, is_needed);
        };
        let bytes: Vec<u8> = self.encoded(&self.pending);
        if let Err(error) = write_all(fs, file, &bytes) {
            // Whatever it holds now, nothing is appended to it.
            self.file = None;
            return Err(error);
        }
        self.length += bytes.len() as u64;
        self.pending.clear();
        self.unsynced = true;
        Ok(())
    }

    /// Waits until everything is on the disk.
    pub(crate) fn sync(
        &mut self,
        fs: &dyn Fs,
        is_needed: &dyn Fn(&Removed) -> bool,
    ) -> io::Result<()> {
        if self.flush(fs, is_needed).is_err() {
            self.flush(fs, is_needed)?;
        }
        let Some(file) = self.file.as_ref().filter(|_| self.unsynced) else {
            return Ok(());
        };
        if fs.sync_data(file).is_err() {
            // A second sync of the same file would say yes to what is lost.
            self.file = None;
            self.rewrite(fs, is_needed)?;
        }
        self.unsynced = false;
        Ok(())
    }

    /// Writes the file anew without what is not needed, on the disk when this returns.
    pub(crate) fn rewrite(
        &mut self,
        fs: &dyn Fs,
        is_needed: &dyn Fn(&Removed) -> bool,
    ) -> io::Result<()> {
        let removed = self.read(fs)?;
        self.replace(fs, removed, is_needed)
    }

    /// Whether what the file holds can be told.
    pub(crate) fn is_readable(&self, fs: &dyn Fs) -> bool {
        self.read(fs).is_ok()
    }

    /// Puts a file in place that holds what is needed of `removed` and of what is new, and is on
    /// the disk.
    pub(crate) fn replace(
        &mut self,
        fs: &dyn Fs,
        mut removed: Vec<Removed>,
        is_needed: &dyn Fn(&Removed) -> bool,
    ) -> io::Result<()> {
        removed.extend_from_slice(&self.pending);
        removed.sort_unstable();
        removed.dedup();
        removed.retain(is_needed);
        let bytes = self.encoded(&removed);
        self.file = None;
        self.file = Some(write_anew(fs, &self.dir, &self.path, &bytes)?);
        self.length = bytes.len() as u64;
        self.compact_length = self.length;
        self.pending.clear();
        self.unsynced = false;
        Ok(())
    }

    fn encoded(&self, removed: &[Removed]) -> Vec<u8> {
        let each = removed
            .iter()
            .flat_map(|removed| encode(removed, self.salt));
        each.collect()
    }
}

fn encode(removed: &Removed, salt: u32) -> Vec<u8> {
    let fields: [&[u8]; 3] = [
        &removed.id.to_le_bytes(),
        &removed.segment.to_le_bytes(),
        &removed.offset.to_le_bytes(),
    ];
    let mut bytes = fields.concat();
    let crc = crc32c::crc32c_append(salt, &bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

/// Entries may stand at any offset behind one that was torn.
fn parse(bytes: &[u8], salt: u32) -> Vec<Removed> {
    let mut removed = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let entry = parse_one(rest, salt);
        removed.extend(entry);
        rest = rest.get(entry.map_or(1, |_| ENTRY)..).unwrap_or_default();
    }
    removed
}

fn parse_one(bytes: &[u8], salt: u32) -> Option<Removed> {
    let (covered, crc) = bytes.get(..ENTRY)?.split_last_chunk::<4>()?;
    if crc32c::crc32c_append(salt, covered) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (id, rest) = covered.split_first_chunk()?;
    let (segment, rest) = rest.split_first_chunk()?;
    let (offset, _) = rest.split_first_chunk()?;
    Some(Removed {
        id: u64::from_le_bytes(*id),
        segment: u64::from_le_bytes(*segment),
        offset: u32::from_le_bytes(*offset),
    })
}

const NAME: &str = "removed";
const ENTRY: usize = 24;
const BULKY: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::{ENTRY, Removed, encode, parse};

    #[test]
    fn damage_costs_the_entries_it_meets() {
        let entries = [1, 2, 3].map(|id| Removed {
            id,
            segment: 1,
            offset: 64,
        });
        let bytes: Vec<u8> = entries.iter().flat_map(|entry| encode(entry, 9)).collect();
        assert_eq!(parse(&bytes, 9), entries);
        assert_eq!(parse(&bytes, 8), []);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let mut left = entries.to_vec();
            left.remove(bit / 8 / ENTRY);
            assert_eq!(parse(&bytes, 9), left);
        }
        for cut in 0..bytes.len() {
            let torn = [&bytes[..cut], &bytes[..ENTRY]].concat();
            let found = parse(&torn, 9);
            assert_eq!(found.len(), cut / ENTRY + 1, "an entry behind a torn one");
        }
    }
}
