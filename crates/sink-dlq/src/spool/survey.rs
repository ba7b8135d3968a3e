//! Looking through a spool's files without changing them.

use std::io;
use std::path::Path;

use events_disk::Fs;

use super::frame::Frame;
use super::header::{Header, Identity, LENGTH, StoreId, number_in};
use super::removals::Removed;
use super::scan::{Gap, Scan, Source as _, scan};
use super::window::Window;

/// What a segment turned out to be.
#[derive(Debug)]
pub(crate) enum Surveyed {
    Ours(Found),
    /// Written by a later release.
    Newer(u32),
    /// Of another spool, or under another's name.
    Foreign,
}

/// What a segment holds besides frames.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) scan: Scan,
    /// Bytes of the file.
    pub(crate) length: u64,
    pub(crate) has_header: bool,
    /// Whether the disk refused to read some of it.
    pub(crate) unreadable: bool,
}

/// Goes through the segment at `path` and hands over its frames.
pub(crate) fn survey(
    fs: &dyn Fs,
    path: &Path,
    identity: Identity,
    each: &mut dyn FnMut(u64, usize, Frame<'_>),
) -> io::Result<Surveyed> {
    let length = fs.stat(path)?.length;
    let file = fs.open_to_read(path)?;
    let mut window = Window::new(fs, &file, length);
    let has_header = match Header::parse(window.at(0, LENGTH)?) {
        Header::Whole(found) if found != identity => return Ok(Surveyed::Foreign),
        Header::Newer(version) => return Ok(Surveyed::Newer(version)),
        Header::Whole(_) => true,
        Header::Damaged => false,
    };
    let scan = scan(&mut window, identity.salt(), each)?;
    Ok(Surveyed::Ours(Found {
        scan,
        length,
        has_header,
        unreadable: window.is_unreadable(),
    }))
}

/// The numbers of the segments in an area's directory, in order.
pub(crate) fn numbers(names: &[String]) -> Vec<u64> {
    let mut numbers: Vec<u64> = names.iter().filter_map(|name| number_in(name)).collect();
    numbers.sort_unstable();
    numbers
}

/// The store's id out of any of these segments' headers.
pub(crate) fn store_in(fs: &dyn Fs, path: &Path) -> Option<StoreId> {
    let file = fs.open_to_read(path).ok()?;
    let mut window = Window::new(fs, &file, LENGTH as u64);
    match Header::parse(window.at(0, LENGTH).ok()?) {
        Header::Whole(identity) => Some(identity.store),
        Header::Newer(_) | Header::Damaged => None,
    }
}

impl Found {
    /// Whether what stands behind the last frame of an area's last segment is what a write under
    /// way left, which nobody was told of.
    pub(crate) fn is_torn(&self) -> bool {
        self.has_header && !self.unreadable && !self.scan.broken_last
    }

    /// What stands behind the last frame, as a gap.
    pub(crate) fn tail(&self) -> Option<Gap> {
        (self.scan.end < self.length).then_some(Gap {
            from: self.scan.end,
            to: self.length,
            after: self.scan.last,
            before: None,
        })
    }
}

/// A frame was removed when it, or a later one of the same record, was.
pub(crate) fn is_removed(removed: &[Removed], id: u64, segment: u64, offset: u32) -> bool {
    let this = Removed {
        id,
        segment,
        offset,
    };
    let from = removed.partition_point(|removed| *removed < this);
    removed.get(from).is_some_and(|removed| removed.id == id)
}
