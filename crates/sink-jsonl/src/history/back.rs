use std::fs::File;
use std::io;

use bytes::Bytes;
use memchr::memrchr;

use super::listing::{BLOCK, LONGEST_LINE, read};

/// The lines of a file from its end to its beginning, in constant memory.
///
/// What follows the last newline is no line, and a line longer than any record is passed over.
#[derive(Debug)]
pub(super) struct Backwards {
    file: File,
    /// Where the bytes in hand begin in the file.
    start: u64,
    /// Bytes in hand. Where they do not end with a newline, their last line is torn or too long.
    held: Vec<u8>,
    /// How many bytes before the last newline hold no other.
    searched: usize,
}

impl Backwards {
    /// The lines that end within the first `length` bytes.
    pub(super) fn new(file: File, length: u64) -> Self {
        Self {
            file,
            start: length,
            held: Vec::new(),
            searched: 0,
        }
    }

    /// The line before, without its newline, and where it begins.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Bytes)>> {
        loop {
            let body = self.held.strip_suffix(b"\n").unwrap_or(&self.held);
            let unknown = body.len().saturating_sub(self.searched);
            let before = memrchr(b'\n', body.get(..unknown).unwrap_or_default());
            let begin = match before {
                Some(newline) => newline + 1,
                None if self.start == 0 => 0,
                None => {
                    self.searched = body.len();
                    self.fill()?;
                    continue;
                }
            };
            if self.held.is_empty() {
                return Ok(None);
            }
            let is_whole = body.len() < self.held.len();
            let line = Bytes::copy_from_slice(body.get(begin..).unwrap_or_default());
            self.held.truncate(begin);
            self.searched = 0;
            if is_whole {
                return Ok(Some((self.start + begin as u64, line)));
            }
        }
    }

    /// Takes the block before those in hand.
    fn fill(&mut self) -> io::Result<()> {
        let length = self.start.min(BLOCK as u64);
        self.start -= length;
        let mut block = read(&self.file, self.start, length)?;
        // A file that became shorter ends here now.
        if self.held.len() > LONGEST_LINE || (block.len() as u64) < length {
            self.held.clear();
            self.searched = 0;
        }
        block.append(&mut self.held);
        self.held = block;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::{BLOCK, Backwards, LONGEST_LINE};

    fn lines(content: &[u8]) -> Vec<(u64, usize)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        std::fs::write(&path, content).unwrap();
        let mut lines = Backwards::new(File::open(&path).unwrap(), content.len() as u64);
        let mut found = Vec::new();
        while let Some((offset, line)) = lines.next().unwrap() {
            found.push((offset, line.len()));
        }
        found
    }

    #[test]
    fn whole_lines_come_from_the_last_to_the_first() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"torn"), []);
        assert_eq!(lines(b"a\n"), [(0, 1)]);
        assert_eq!(lines(b"ab\n\nc\ntorn"), [(4, 1), (3, 0), (0, 2)]);
    }

    #[test]
    fn lines_longer_than_a_block_are_whole_and_longer_than_any_record_are_passed_over() {
        let long = vec![b'x'; BLOCK * 2];
        let content = [b"a\n", &*long, b"\nb\n"].concat();
        assert_eq!(
            lines(&content),
            [(BLOCK as u64 * 2 + 3, 1), (2, BLOCK * 2), (0, 1)]
        );
        let long = vec![b'x'; LONGEST_LINE + 2 * BLOCK];
        let content = [b"a\n", &*long, b"\nb\n"].concat();
        assert_eq!(lines(&content), [(long.len() as u64 + 3, 1), (0, 1)]);
    }
}
