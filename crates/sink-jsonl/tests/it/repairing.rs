use std::fs;

use sink_jsonl::{Config, TornTail};

use crate::{append, event, ids, open, place};

const FIRST: &str = "00000000000000000001.jsonl";

/// FD4: every acknowledged record but the one that was cut is there, and the next goes behind.
#[tokio::test]
async fn a_journal_cut_at_any_byte_of_its_last_record_keeps_all_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), Config::default());
    for id in 0..3 {
        assert!(append(&journal, id).await.is_ok());
    }
    drop(journal);
    let path = dir.path().join(FIRST);
    let whole = fs::read(&path).unwrap();
    let last = whole.len() - event(2).bytes().len() - 1;
    for cut in last..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let journal = open(dir.path(), Config::default());
        let is_whole = cut == whole.len();
        let kept = if is_whole { cut } else { last };
        let torn = TornTail {
            segment: FIRST.into(),
            offset: last as u64,
            bytes: (cut - kept) as u64,
        };
        let torn: Vec<_> = (cut > kept).then_some(torn).into_iter().collect();
        assert_eq!(journal.open_report().torn, torn);
        assert_eq!(journal.open_report().bytes, kept as u64);
        assert_eq!(fs::read(&path).unwrap(), whole[..kept]);
        assert_eq!(
            place(append(&journal, 7).await),
            (FIRST.into(), kept as u64)
        );
        let expected: &[usize] = if is_whole { &[0, 1, 2, 7] } else { &[0, 1, 7] };
        assert_eq!(ids(dir.path()), expected);
    }
}

/// FD6: a power cut can leave a file longer than what was written to it.
#[tokio::test]
async fn a_tail_of_zeroes_is_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), Config::default());
    assert!(append(&journal, 0).await.is_ok());
    drop(journal);
    let path = dir.path().join(FIRST);
    let whole = fs::read(&path).unwrap();
    let hole = [&[0; 5000][..], b"ned\"}\n"].concat();
    for tail in [&[0; 3][..], &[0; 100_000], &hole] {
        fs::write(&path, [&whole, tail].concat()).unwrap();
        let journal = open(dir.path(), Config::default());
        assert_eq!(journal.open_report().torn[0].bytes, tail.len() as u64);
        drop(journal);
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
}

#[tokio::test]
async fn every_segment_is_mended_not_only_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        segment_bytes: 1,
        ..Config::default()
    };
    let journal = open(dir.path(), config.clone());
    for id in 0..3 {
        assert!(append(&journal, id).await.is_ok());
    }
    drop(journal);
    for number in 1..=3 {
        let path = dir.path().join(format!("{number:020}.jsonl"));
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend(b"{\"torn");
        fs::write(&path, bytes).unwrap();
    }
    // Empty segments are no damage, and a long run of them no trouble.
    for number in 4..=9 {
        fs::write(dir.path().join(format!("{number:020}.jsonl")), "").unwrap();
    }
    let journal = open(dir.path(), config);
    assert_eq!(journal.open_report().torn.len(), 3);
    assert_eq!(journal.open_report().segments, 9);
    assert!(append(&journal, 3).await.is_ok());
    assert_eq!(ids(dir.path()), [0, 1, 2, 3]);
}

/// Damage further up is not for the journal to judge: it stays for whoever verifies.
#[tokio::test]
async fn damage_before_the_last_line_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FIRST);
    let line = event(0);
    let content = [&b"not json\n\0\0\n\n"[..], line.bytes(), b"\n"].concat();
    fs::write(&path, &content).unwrap();
    let journal = open(dir.path(), Config::default());
    assert_eq!(journal.open_report().torn, []);
    assert_eq!(fs::read(&path).unwrap(), content);
    assert_eq!(place(append(&journal, 1).await).1, content.len() as u64);
}
