use std::fs::File;
use std::io;

use events_disk::Fs;

use super::scan::Source;

/// A file seen through a window that moves forward. Blocks the disk refuses to read are zeros, and
/// noted.
pub(crate) struct Window<'a> {
    fs: &'a dyn Fs,
    file: &'a File,
    length: u64,
    base: u64,
    bytes: Vec<u8>,
    unreadable: bool,
}

impl<'a> Window<'a> {
    pub(crate) fn new(fs: &'a dyn Fs, file: &'a File, length: u64) -> Self {
        Self {
            fs,
            file,
            length,
            base: 0,
            bytes: Vec::new(),
            unreadable: false,
        }
    }

    /// Whether something could not be read.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.unreadable
    }

    fn view(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.base)?).ok()?;
        self.bytes.get(from..from.checked_add(length)?)
    }

    fn load(&mut self, offset: u64, length: usize) {
        let rest = self.length.saturating_sub(offset);
        let wanted = length
            .max(AHEAD)
            .min(usize::try_from(rest).unwrap_or(usize::MAX));
        self.base = offset;
        self.bytes.clear();
        self.bytes.resize(wanted, 0);
        let mut done = 0;
        while let Some(into) = self.bytes.get_mut(done..).filter(|into| !into.is_empty()) {
            let at = offset + done as u64;
            match self.fs.read(self.file, into, at) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => {
                    self.unreadable = true;
                    // On to the next block.
                    let block = usize::try_from(BLOCK - at % BLOCK).unwrap_or(AHEAD);
                    done += block;
                }
            }
        }
    }
}

impl Source for Window<'_> {
    fn length(&self) -> u64 {
        self.length
    }

    fn at(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        let rest = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = length.min(rest);
        if self.view(offset, length).is_none() {
            self.load(offset, length);
        }
        Ok(self.view(offset, length).unwrap_or_default())
    }
}

/// Reads all of `length` bytes at `offset`; fewer where the file ends.
pub(crate) fn read_exact(
    fs: &dyn Fs,
    file: &File,
    offset: u64,
    length: usize,
) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut done = 0;
    while let Some(into) = bytes.get_mut(done..).filter(|into| !into.is_empty()) {
        match fs.read(file, into, offset + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(done);
    Ok(bytes)
}

const AHEAD: usize = 1 << 20;
const BLOCK: u64 = 4096;
