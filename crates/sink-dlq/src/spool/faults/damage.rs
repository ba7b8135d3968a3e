//! Q6: a segment of 64 KiB, every bit of it flipped and cut at every byte.

use std::ops::Range;

use events_disk::faults::{Faulty, fast_disk};

use super::{entry, event_id};
use crate::spool::frame;
use crate::spool::header::{Header, Identity, LENGTH};
use crate::spool::payload::Preamble;
use crate::spool::scan::{Scan, scan};
use crate::spool::store::{Store, Write};
use crate::spool::{Area, Config, Limit, OpenReport};

const IDENTITY: Identity = Identity {
    store: [7; 16],
    area: Area::Waiting,
    number: 1,
};

/// A segment of 64 KiB, and where its frames stand.
fn segment() -> (Vec<u8>, Vec<Range<usize>>) {
    let (mut bytes, mut frames) = (IDENTITY.encode(), Vec::new());
    while bytes.len() < 65_536 {
        let start = bytes.len();
        let entry = entry(frames.len());
        let preamble = Preamble::new(&entry.subject, &entry.cause).unwrap();
        let wire = entry.event.bytes();
        let parts = [
            &preamble.fixed[..],
            entry.subject.as_bytes(),
            b"no answer",
            wire,
        ];
        let id = 2 + frames.len() as u64;
        frame::encode(&mut bytes, IDENTITY.salt(), id, &parts);
        frames.push(start..bytes.len());
    }
    (bytes, frames)
}

fn scan_of(bytes: &[u8]) -> (Vec<u64>, Scan) {
    let mut ids = Vec::new();
    let mut source = bytes;
    let each = &mut |_: u64, _: usize, frame: frame::Frame<'_>| ids.push(frame.id);
    let found = scan(&mut source, IDENTITY.salt(), each).unwrap();
    (ids, found)
}

/// FD5: the scanner keeps nothing but where it is, so a frame and its neighbours stand for the
/// whole segment; and some bits are flipped in all of it.
#[test]
fn every_flipped_bit_is_found_and_costs_one_record() {
    let (bytes, frames) = segment();
    let mut flipped = 0;
    for (index, frame) in frames.iter().enumerate() {
        let from = index.saturating_sub(1);
        let near = frames[from].start..frames[(index + 1).min(frames.len() - 1)].end;
        let mut part = [&bytes[..LENGTH], &bytes[near.clone()]].concat();
        let shift = near.start - LENGTH;
        let all: Vec<u64> = (from..frames.len().min(index + 2))
            .map(|at| at as u64 + 2)
            .collect();
        let others: Vec<u64> = all
            .iter()
            .copied()
            .filter(|id| *id != index as u64 + 2)
            .collect();
        for bit in frame.start * 8..frame.end * 8 {
            let place = bit / 8 - shift;
            part[place] ^= 1 << (bit % 8);
            let (ids, found) = scan_of(&part);
            assert_eq!(ids, others, "bit {bit}");
            let seen = found.gaps.len() + usize::from(found.end < part.len() as u64);
            assert_eq!(seen, 1, "bit {bit}");
            part[place] ^= 1 << (bit % 8);
            flipped += 1;
        }
    }
    let mut header = bytes[..LENGTH].to_vec();
    for bit in 0..LENGTH * 8 {
        header[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Header::parse(&header), Header::Damaged, "bit {bit}");
        header[bit / 8] ^= 1 << (bit % 8);
        flipped += 1;
    }
    assert_eq!(flipped, bytes.len() * 8);
    assert!(flipped >= 524_288);
    let mut whole = bytes.clone();
    for bit in (LENGTH * 8..bytes.len() * 8).step_by(4001) {
        whole[bit / 8] ^= 1 << (bit % 8);
        let (ids, found) = scan_of(&whole);
        assert_eq!(ids.len(), frames.len() - 1, "bit {bit}");
        assert!(
            found.gaps.len() == 1 || found.end < whole.len() as u64,
            "bit {bit}"
        );
        whole[bit / 8] ^= 1 << (bit % 8);
    }
}

/// FD4
#[test]
fn every_cut_leaves_the_exact_prefix() {
    let (bytes, frames) = segment();
    for (index, frame) in frames.iter().enumerate() {
        let from = frames[index.saturating_sub(1)].start;
        for cut in frame.start..=frame.end {
            let part = [&bytes[..LENGTH], &bytes[from..cut]].concat();
            let (ids, found) = scan_of(&part);
            let whole = usize::from(index > 0) + usize::from(cut == frame.end);
            assert_eq!(ids.len(), whole, "cut at {cut}");
            let end = if cut == frame.end {
                frame.end
            } else {
                frame.start
            };
            assert_eq!(found.end as usize - LENGTH, end - from, "cut at {cut}");
            assert!(found.gaps.is_empty());
        }
    }
}

/// FD6: zeros behind the last record, and frames of a segment that had the blocks before.
#[test]
fn zeros_and_stale_frames_are_no_records() {
    let (bytes, frames) = segment();
    let other = Identity {
        number: 3,
        ..IDENTITY
    };
    let end = frames[3].end;
    let zeros = [&bytes[..end], &[0; 4096]].concat();
    assert_eq!(scan_of(&zeros).0.len(), 4);
    let mut stale = bytes[..end].to_vec();
    frame::encode(&mut stale, other.salt(), 99, &[b"stale"]);
    let (ids, found) = scan_of(&stale);
    assert_eq!((ids.len(), found.end as usize), (4, end));
}

/// FD4, FD5 on files: start-up is never refused, and says what it found.
#[test]
fn a_damaged_file_opens_with_all_other_records() {
    let dir = tempfile::tempdir_in(fast_disk()).unwrap();
    let spool = dir.path().join("spool");
    let path = {
        let (mut store, _) = open(&spool);
        let writes = (0..200).map(|id| Write::New(Area::Waiting, entry(id)));
        assert!(store.write(writes.collect()).iter().all(Result::is_ok));
        let names = std::fs::read_dir(spool.join("waiting")).unwrap();
        let mut paths = names.map(|name| name.unwrap().path());
        paths
            .find(|path| path.extension().unwrap() == "seg")
            .unwrap()
    };
    let bytes = std::fs::read(&path).unwrap();
    let reset = |bytes: &[u8]| {
        std::fs::remove_dir_all(spool.join("waiting")).unwrap();
        std::fs::remove_dir_all(spool.join("quarantine")).unwrap();
        std::fs::create_dir(spool.join("waiting")).unwrap();
        std::fs::write(&path, bytes).unwrap();
    };
    // Every byte of the header and the first record, here and there, and the last record.
    let last = *frames_of(&bytes).last().unwrap();
    let places = (0..150)
        .chain((150..last).step_by(1999))
        .chain(last..last + frame::HEAD)
        .chain((last + frame::HEAD..bytes.len()).step_by(7));
    for place in places.clone() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << (place % 8);
        reset(&damaged);
        let (mut store, report) = open(&spool);
        let found = ids(&mut store).len();
        if place < LENGTH {
            assert_eq!((found, report.headless.len()), (200, 1), "byte {place}");
        } else {
            assert_eq!(found, 199, "byte {place}");
            assert_eq!(report.torn.len() + report.damaged.len(), 1, "byte {place}");
            // Of the last record only its length and its type can make it look cut short.
            let looks_cut = place >= last && matches!(place - last, 0..4 | 16..20);
            assert!(report.torn.is_empty() || looks_cut, "byte {place}");
        }
    }
    for cut in places {
        reset(&bytes[..cut]);
        let (mut store, report) = open(&spool);
        let found = ids(&mut store);
        let prefix: Vec<usize> = (0..found.len()).collect();
        assert_eq!(found, prefix, "cut at {cut}");
        assert!(report.torn.len() + report.damaged.len() + report.headless.len() <= 2);
        // Nothing comes in under an id that a lost record had.
        let stored = store.write(vec![Write::New(Area::Waiting, entry(0))]);
        assert!(stored[0].as_ref().unwrap().id.number() > found.len() as u64 + 1);
    }
}

/// Where the frames of a file begin.
fn frames_of(bytes: &[u8]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = LENGTH;
    while let Some(size) = bytes.get(at..).and_then(frame::claimed) {
        starts.push(at);
        at += size;
    }
    starts
}

fn open(dir: &std::path::Path) -> (Store, OpenReport) {
    let config = Config {
        reserve_bytes: 0,
        ..Config::default()
    };
    // Nothing is synced, which is quick.
    Store::open(Box::new(Faulty::new(None)), dir, config).unwrap()
}

fn ids(store: &mut Store) -> Vec<usize> {
    let all = Limit {
        records: usize::MAX,
        bytes: usize::MAX,
    };
    let loaded = store.read(Area::Waiting, None, all).unwrap();
    loaded.iter().map(event_id).collect()
}
