//! A segment's name and the 64 bytes it begins with: `"CONSIGNS" | version u32 | area u8 | 0 u24 |
//! store's id, 16 | number u64 | salt u32 | zeros, 16 | crc32c u32`.

use super::Area;

/// Tells a spool from all others.
pub(crate) type StoreId = [u8; 16];

/// Which segment of which spool. Numbers are drawn from the same counter as the ids of records,
/// so no two segments of a spool ever have the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identity {
    pub(crate) store: StoreId,
    pub(crate) area: Area,
    pub(crate) number: u64,
}

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Header {
    Whole(Identity),
    Newer(u32),
    Damaged,
}

impl Identity {
    /// Goes into every checksum of the segment. As random as the store's id, and to be had again
    /// where the header is damaged.
    pub(crate) fn salt(&self) -> u32 {
        let salt = crc32c::crc32c(&self.store);
        let salt = crc32c::crc32c_append(salt, &[code(self.area)]);
        crc32c::crc32c_append(salt, &self.number.to_le_bytes())
    }

    pub(crate) fn file_name(&self) -> String {
        file_name(self.number)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let fields: [&[u8]; 7] = [
            MAGIC,
            &VERSION.to_le_bytes(),
            &[code(self.area), 0, 0, 0],
            &self.store,
            &self.number.to_le_bytes(),
            &self.salt().to_le_bytes(),
            &[0; 16],
        ];
        let mut bytes = fields.concat();
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes
    }
}

impl Header {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        parse(bytes).unwrap_or(Self::Damaged)
    }
}

/// The name of a segment: its number with 20 digits, so that names sort as numbers do.
pub(crate) fn file_name(number: u64) -> String {
    format!("{number:020}{EXTENSION}")
}

/// The number in a segment's name; `None` for the name of anything else.
pub(crate) fn number_in(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION)?;
    let is_number = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { digits.parse().ok() } else { None }
}

fn parse(bytes: &[u8]) -> Option<Header> {
    let (bytes, crc) = bytes.get(..LENGTH)?.split_last_chunk::<4>()?;
    let rest = bytes.strip_prefix(MAGIC)?;
    if crc32c::crc32c(bytes) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let version = u32::from_le_bytes(*version);
    if version > VERSION {
        return Some(Header::Newer(version));
    }
    let ([area, _, _, _], rest) = rest.split_first_chunk::<4>()?;
    let (store, rest) = rest.split_first_chunk::<16>()?;
    let (number, _) = rest.split_first_chunk::<8>()?;
    let area = Area::EACH.into_iter().find(|each| code(*each) == *area)?;
    Some(Header::Whole(Identity {
        store: *store,
        area,
        number: u64::from_le_bytes(*number),
    }))
}

fn code(area: Area) -> u8 {
    match area {
        Area::Waiting => 1,
        Area::SetAside => 2,
        Area::Dead => 3,
    }
}

/// Bytes of a header.
pub(crate) const LENGTH: usize = 64;
/// The format this program writes, and the newest it reads.
pub(crate) const VERSION: u32 = 1;
const MAGIC: &[u8] = b"CONSIGNS";
const EXTENSION: &str = ".seg";

#[cfg(test)]
mod tests {
    use super::{Area, Header, Identity, LENGTH, VERSION, file_name, number_in};

    const IDENTITY: Identity = Identity {
        store: [5; 16],
        area: Area::SetAside,
        number: 7,
    };

    #[test]
    fn a_header_reads_back_and_no_bit_of_it_changes_unseen() {
        let bytes = IDENTITY.encode();
        assert_eq!(bytes.len(), LENGTH);
        assert_eq!(Header::parse(&bytes), Header::Whole(IDENTITY));
        for bit in 0..LENGTH * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::parse(&bytes), Header::Damaged, "bit {bit}");
        }
    }

    /// FC2
    #[test]
    fn a_newer_version_is_told_from_damage() {
        let mut bytes = IDENTITY.encode();
        bytes[8..12].copy_from_slice(&(VERSION + 1).to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..LENGTH - 4]);
        bytes[LENGTH - 4..].copy_from_slice(&crc.to_le_bytes());
        assert_eq!(Header::parse(&bytes), Header::Newer(VERSION + 1));
    }

    #[test]
    fn names_read_back_and_nothing_else_is_a_segment() {
        for number in [0, 7, u64::MAX] {
            assert_eq!(number_in(&file_name(number)), Some(number));
        }
        for name in [
            "7.seg",
            "00000000000000000007.tmp",
            "+0000000000000000007.seg",
            "removed",
        ] {
            assert_eq!(number_in(name), None, "{name}");
        }
    }
}
