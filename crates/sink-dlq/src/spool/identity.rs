//! The file `STORE`: one line, `consign-spool <version> <store's id> <crc32c of the line so far>`,
//! the numbers in hexadecimal but for the version. Every version keeps the first two words and the
//! last, so that newer ones are told from damage.

use std::io;
use std::path::Path;

use events_disk::{Fs, check_file};

use super::OpenError;
use super::header::{StoreId, VERSION};
use super::segment::write_anew;
use super::window::read_exact;

/// Refuses a `STORE` that others could have put there.
pub(crate) fn check(fs: &dyn Fs, dir: &Path) -> Result<(), OpenError> {
    let path = dir.join(NAME);
    match fs.stat(&path) {
        Ok(stat) => check_file(&path, &stat),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(OpenError::io("find", path, error)),
    }
}

/// What `STORE` says; nothing where it is missing or damaged.
pub(crate) fn read(fs: &dyn Fs, dir: &Path) -> Result<Option<StoreId>, OpenError> {
    let path = dir.join(NAME);
    let file = match fs.open_to_read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file,
    };
    let bytes = file.and_then(|file| read_exact(fs, &file, 0, LONGEST));
    let bytes = bytes.map_err(|source| OpenError::io("read", &path, source))?;
    match parse(&bytes) {
        Some((version, _)) if version > VERSION => Err(OpenError::Newer { path, version }),
        Some((_, id)) => Ok(id),
        None => Ok(None),
    }
}

pub(crate) fn write(fs: &dyn Fs, dir: &Path, id: &StoreId) -> Result<(), OpenError> {
    let path = dir.join(NAME);
    let written = write_anew(fs, dir, &path, line(VERSION, id).as_bytes());
    written
        .map(drop)
        .map_err(|source| OpenError::io("write", path, source))
}

pub(crate) fn random() -> StoreId {
    fastrand::u128(..).to_le_bytes()
}

fn line(version: u32, id: &StoreId) -> String {
    let id = u128::from_be_bytes(*id);
    let covered = format!("{WORD} {version} {id:032x} ");
    let crc = crc32c::crc32c(covered.as_bytes());
    format!("{covered}{crc:08x}\n")
}

fn parse(bytes: &[u8]) -> Option<(u32, Option<StoreId>)> {
    let line = str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let start = line.rfind(' ')? + 1;
    let (covered, crc) = line.split_at_checked(start)?;
    let sum = crc32c::crc32c(covered.as_bytes());
    if u32::from_str_radix(crc, 16).ok()? != sum || crc.len() != 8 {
        return None;
    }
    let mut words = covered.split(' ');
    let version = match (words.next()?, words.next()?) {
        (WORD, version) => version.parse().ok()?,
        _ => return None,
    };
    let id = words
        .next()
        .and_then(|id| u128::from_str_radix(id, 16).ok());
    Some((version, id.map(u128::to_be_bytes)))
}

const NAME: &str = "STORE";
const WORD: &str = "consign-spool";
const LONGEST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::{line, parse};

    #[test]
    fn the_line_reads_back_and_no_bit_of_it_changes_unseen() {
        let id = *b"0123456789abcdef";
        let line = line(3, &id);
        assert_eq!(parse(line.as_bytes()), Some((3, Some(id))));
        for bit in 0..line.len() * 8 {
            let mut bytes = line.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let found = parse(&bytes);
            // Hexadecimal digits read the same in either case.
            assert!(
                found.is_none() || bytes.eq_ignore_ascii_case(line.as_bytes()),
                "bit {bit}"
            );
        }
    }
}
