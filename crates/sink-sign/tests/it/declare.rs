//! Numbers whose events were set aside, died or were dropped: declared later, and judged.

use std::sync::Arc;

use events_core::{Event, WireEvent};
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use sink_sign::{Config, Report, Signer};

use super::support::{audit_lines, event, keep, key, of_tenant, seal, signer, text};

fn sealed(signer: &Arc<Signer>, id: &str, tenant: &str) -> WireEvent {
    seal(signer, of_tenant(id, tenant)).unwrap()
}

/// Seals an event and has it kept.
fn kept(signer: &Arc<Signer>, id: &str, tenant: &str) -> WireEvent {
    let wire = sealed(signer, id, tenant);
    keep(&wire);
    wire
}

fn declare(signer: &Signer, wire: &WireEvent) {
    signer.declare(&wire.to_event().unwrap());
}

fn judge<'a>(wires: impl IntoIterator<Item = &'a WireEvent>) -> Report {
    let lines: Vec<String> = wires.into_iter().map(text).collect();
    audit_lines(&lines)
}

fn producer(wire: &WireEvent) -> String {
    let event = wire.to_event().unwrap();
    let producer = event.extension("producerid").unwrap().as_str().unwrap();
    producer.to_owned()
}

/// Findings, then declared numbers and holes of the chain that `wire` belongs to.
fn of_chain(report: &Report, wire: &WireEvent) -> (u64, String, String) {
    let producer = producer(wire);
    let mut chains = report.chains.iter();
    let chain = chains
        .find(|chain| chain.producer.as_str() == producer)
        .unwrap();
    (
        report.findings(),
        chain.declared.to_string(),
        chain.holes.to_string(),
    )
}

#[test]
fn an_event_set_aside_is_declared_and_a_hole_again_when_the_declaration_is_lost() {
    let signer = Arc::new(signer());
    let wires: Vec<_> = (1..=4)
        .map(|id| kept(&signer, &id.to_string(), "a"))
        .collect();
    declare(&signer, &wires[1]);
    let said = kept(&signer, "5", "a");
    let last = kept(&signer, "6", "a");
    let stored = [&wires[0], &wires[2], &wires[3], &said, &last];
    assert_eq!(
        of_chain(&judge(stored), &wires[0]),
        (0, "2".into(), String::new())
    );
    // It arrives all the same.
    let all = wires.iter().chain([&said, &last]);
    assert_eq!(judge(all).findings(), 0);
    let without = [&wires[0], &wires[2], &wires[3], &last];
    assert_eq!(
        of_chain(&judge(without), &wires[0]),
        (2, String::new(), "2,5".into())
    );
}

#[test]
fn a_later_run_declares_for_an_earlier_one_in_its_place_alone() {
    let first_run = Arc::new(signer());
    let wires: Vec<_> = (1..=3)
        .map(|id| kept(&first_run, &id.to_string(), "a"))
        .collect();
    let next_run = Arc::new(signer());
    declare(&next_run, &wires[1]);
    let elsewhere = kept(&next_run, "4", "b");
    assert!(!text(&elsewhere).contains("voidedsequences"));
    let lost = sealed(&next_run, "5", "a");
    let said = kept(&next_run, "6", "a");
    let over = kept(&next_run, "7", "a");
    let declaration = format!("{}:2\"", producer(&wires[1]));
    for (wire, says) in [(&lost, true), (&said, true), (&over, false)] {
        assert_eq!(text(wire).contains(&declaration), says);
    }
    let stored = [&wires[0], &wires[2], &elsewhere, &said, &over];
    let report = judge(stored);
    assert_eq!(of_chain(&report, &wires[0]), (0, "2".into(), String::new()));
    let report = judge([&wires[0], &wires[2], &elsewhere, &over]);
    assert_eq!(of_chain(&report, &wires[0]), (1, String::new(), "2".into()));
}

#[test]
fn what_a_lost_event_declared_is_declared_anew() {
    let first_run = Arc::new(signer());
    let first = kept(&first_run, "1", "a");
    drop(sealed(&first_run, "2", "a"));
    let said = kept(&first_run, "3", "a");
    let last = kept(&first_run, "4", "a");
    // The event that declared 2 is in the spool, and dies there after a restart.
    let next_run = Arc::new(signer());
    declare(&next_run, &said);
    let said = kept(&next_run, "5", "a");
    let report = judge([&first, &last, &said]);
    assert_eq!(of_chain(&report, &first), (0, "2-3".into(), String::new()));
}

#[test]
fn what_a_lost_event_declared_of_earlier_chains_is_declared_anew() {
    let run = || Arc::new(signer());
    let (first_run, next_run, third_run) = (run(), run(), run());
    let wires: Vec<_> = (1..=3)
        .map(|id| kept(&first_run, &id.to_string(), "a"))
        .collect();
    declare(&next_run, &wires[1]);
    let dead = kept(&next_run, "4", "a");
    let after = kept(&next_run, "5", "a");
    declare(&third_run, &dead);
    let said = kept(&third_run, "6", "a");
    let report = judge([&wires[0], &wires[2], &after, &said]);
    assert_eq!(of_chain(&report, &wires[0]), (0, "2".into(), String::new()));
}

#[test]
fn a_chain_forgotten_as_idle_is_an_earlier_one() {
    let config = Config {
        max_chains: 1,
        ..Config::default()
    };
    let signer = Arc::new(Signer::new(Arc::new(key()), config));
    let wires: Vec<_> = (1..=3)
        .map(|id| kept(&signer, &id.to_string(), "a"))
        .collect();
    drop(sealed(&signer, "4", "b"));
    declare(&signer, &wires[1]);
    let said = kept(&signer, "5", "a");
    let report = judge([&wires[0], &wires[2], &said]);
    assert_eq!(report.chains.len(), 2);
    assert_eq!(
        (report.findings(), report.chains[0].declared.count()),
        (0, 1)
    );
}

#[test]
fn events_without_a_chain_or_a_number_are_ignored() {
    let signer = Arc::new(signer());
    let first = kept(&signer, "1", "a").to_event().unwrap();
    let producer = first.extension("producerid").unwrap().as_str().unwrap();
    let bearing = |producer: &str, sequence: &str, voided: &str| -> Event {
        let event = event("x").extension("producerid", producer);
        let event = event.extension("sequence", sequence);
        event.extension("voidedsequences", voided).build().unwrap()
    };
    signer.declare(&event("x").build().unwrap());
    signer.declare(
        &event("x")
            .extension("producerid", producer)
            .build()
            .unwrap(),
    );
    for sequence in ["1", "00000000000000000000", "00000000000000000009", "x"] {
        signer.declare(&bearing(producer, sequence, "5"));
    }
    signer.declare(&bearing("k.a.b", "00000000000000000001", "1"));
    assert!(!text(&kept(&signer, "2", "a")).contains("voidedsequences"));
    // What cannot be read beside a number takes nothing from it.
    signer.declare(&bearing(producer, "00000000000000000001", "9-1"));
    assert!(text(&kept(&signer, "3", "a")).contains(r#""voidedsequences":"1""#));
}

/// A signer, the spool behind it and what reaches the stream.
struct World {
    run: Arc<Signer>,
    in_flight: Vec<WireEvent>,
    waiting: Vec<WireEvent>,
    aside: Vec<WireEvent>,
    stored: Vec<String>,
}

impl World {
    /// All in memory is gone. What is in flight is stored or not, and nobody is told.
    fn crash(&mut self, fate: usize) {
        for (place, wire) in std::mem::take(&mut self.in_flight).into_iter().enumerate() {
            if (fate >> (place % 16)) & 1 == 0 {
                self.stored.push(text(&wire));
            }
            // The claims must outlive the run, as they would in a process that is gone.
            std::mem::forget(wire);
        }
        self.run = Arc::new(signer());
        self.aside.iter().for_each(|wire| declare(&self.run, wire));
    }

    fn step(&mut self, id: usize, step: u8, which: prop::sample::Index) {
        let take = |from: &mut Vec<WireEvent>| {
            (!from.is_empty()).then(|| from.swap_remove(which.index(from.len())))
        };
        match step {
            0..4 => {
                let tenant = if step < 2 { "a" } else { "b" };
                self.in_flight
                    .push(sealed(&self.run, &id.to_string(), tenant));
            }
            // Delivered, spilled, set aside at once, and given up.
            4..8 => {
                let Some(wire) = take(&mut self.in_flight) else {
                    return;
                };
                match step {
                    4 => {
                        self.stored.push(text(&wire));
                        keep(&wire);
                    }
                    5 => {
                        keep(&wire);
                        self.waiting.push(wire);
                    }
                    6 => {
                        declare(&self.run, &wire);
                        keep(&wire);
                        self.aside.push(wire);
                    }
                    _ => {}
                }
            }
            // Redriven: delivered, or dead.
            8 => self
                .stored
                .extend(take(&mut self.waiting).as_ref().map(text)),
            9 => {
                if let Some(wire) = take(&mut self.waiting) {
                    declare(&self.run, &wire);
                    self.aside.push(wire);
                }
            }
            // Redriven from where it was set aside.
            10 => self.stored.extend(take(&mut self.aside).as_ref().map(text)),
            _ => self.crash(which.index(1 << 16)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is delivered, spilled, redriven, set aside, dead, lost or cut off by a crash: once
    /// an event more is stored for each tenant, the stream and what waits show no hole.
    #[test]
    fn an_honest_spool_never_shows_a_hole(
        steps in prop::collection::vec((0_u8..12, any::<prop::sample::Index>()), 0..80),
    ) {
        let mut world = World {
            run: Arc::new(signer()),
            in_flight: Vec::new(),
            waiting: Vec::new(),
            aside: Vec::new(),
            stored: Vec::new(),
        };
        for (id, (step, which)) in steps.into_iter().enumerate() {
            world.step(id, step, which);
        }
        world.in_flight.clear();
        // More than one each: an event declares of a few earlier chains only.
        for round in 0..20 {
            for tenant in ["a", "b"] {
                let wire = kept(&world.run, &format!("end {round}"), tenant);
                world.stored.push(text(&wire));
            }
        }
        world.stored.extend(world.waiting.iter().map(text));
        let report = audit_lines(&world.stored);
        assert_eq!(report.findings(), 0, "{report:?}");
        assert_eq!(report.events(), world.stored.len() as u64);
    }
}
