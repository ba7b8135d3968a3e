//! A record's frame: `length u32 | crc32c u32 | id u64 | type u8 | flags u8 | 0 u16 | payload`,
//! little-endian, then zeros up to a multiple of 8. The length is the payload's. The checksum
//! covers the segment's salt and every other byte, padding included, so that no bit of a frame can
//! change unseen and no frame of another segment passes for one of this.

/// A frame that is what was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    pub(crate) id: u64,
    pub(crate) payload: &'a [u8],
}

/// Bytes of a frame around `payload` bytes.
pub(crate) const fn size_of(payload: usize) -> usize {
    (HEAD + payload).next_multiple_of(ALIGNMENT)
}

/// Appends a frame whose payload is the `parts` one after another; they are no longer together
/// than [`MOST_PAYLOAD`].
pub(crate) fn encode(into: &mut Vec<u8>, salt: u32, id: u64, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let prefix = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    let padding = size_of(length) - HEAD - length;
    let zeros = [0; ALIGNMENT];
    let padding = zeros.get(..padding).unwrap_or_default();
    let rest = rest_of_head(id);
    let mut crc = crc32c::crc32c(&salt.to_le_bytes());
    let head: [&[u8]; 2] = [&prefix, &rest];
    for covered in head.into_iter().chain(parts.iter().copied()) {
        crc = crc32c::crc32c_append(crc, covered);
    }
    crc = crc32c::crc32c_append(crc, padding);
    into.extend_from_slice(&prefix);
    into.extend_from_slice(&crc.to_le_bytes());
    into.extend_from_slice(&rest);
    for part in parts {
        into.extend_from_slice(part);
    }
    into.extend_from_slice(padding);
}

/// Bytes of the frame that begins with `head`; `None` where none can.
pub(crate) fn claimed(head: &[u8]) -> Option<usize> {
    let (prefix, rest) = head.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*prefix)).ok()?;
    let (_, rest) = rest.split_first_chunk::<4>()?;
    let (id, rest) = rest.split_first_chunk::<8>()?;
    let is_frame = *id != [0; 8] && rest.starts_with(&[RECORD, 0, 0, 0]);
    (is_frame && length <= MOST_PAYLOAD).then(|| size_of(length))
}

/// The frame in `bytes`, which are as many as it [claims](claimed).
pub(crate) fn check(bytes: &[u8], salt: u32) -> Option<Frame<'_>> {
    let (prefix, rest) = bytes.split_first_chunk::<4>()?;
    let (crc, covered) = rest.split_first_chunk::<4>()?;
    let sum = crc32c::crc32c(&salt.to_le_bytes());
    let sum = crc32c::crc32c_append(sum, prefix);
    if crc32c::crc32c_append(sum, covered) != u32::from_le_bytes(*crc) {
        return None;
    }
    let (id, rest) = covered.split_first_chunk::<8>()?;
    let length = usize::try_from(u32::from_le_bytes(*prefix)).ok()?;
    let payload = rest.get(HEAD - 16..)?.get(..length)?;
    Some(Frame {
        id: u64::from_le_bytes(*id),
        payload,
    })
}

fn rest_of_head(id: u64) -> [u8; 12] {
    let mut rest = [0; 12];
    let fields = id.to_le_bytes().into_iter().chain([RECORD]);
    for (place, byte) in rest.iter_mut().zip(fields) {
        *place = byte;
    }
    rest
}

pub(crate) const HEAD: usize = 20;
pub(crate) const ALIGNMENT: usize = 8;
/// The longest payload that is written or looked for.
pub(crate) const MOST_PAYLOAD: usize = (16 << 20) + (128 << 10);
const RECORD: u8 = 1;

#[cfg(test)]
mod tests {
    use super::{check, claimed, encode, size_of};

    #[test]
    fn a_frame_reads_back_and_no_bit_of_it_changes_unseen() {
        for length in [0_usize, 1, 3, 4, 5, 100] {
            let payload = vec![7; length];
            let (one, other) = payload.split_at(length / 2);
            let mut bytes = Vec::new();
            encode(&mut bytes, 9, 42, &[one, other]);
            assert_eq!(bytes.len(), size_of(length));
            assert_eq!(claimed(&bytes), Some(bytes.len()));
            let frame = check(&bytes, 9).unwrap();
            assert_eq!((frame.id, frame.payload), (42, &*payload));
            assert_eq!(check(&bytes, 10), None, "of another segment");
            for bit in 0..bytes.len() * 8 {
                let mut bytes = bytes.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let same_size = claimed(&bytes) == Some(bytes.len());
                assert!(!same_size || check(&bytes, 9).is_none(), "bit {bit}");
            }
        }
    }
}
