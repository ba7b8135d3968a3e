//! The breaker against a model, over many random histories.

use std::time::{Duration, Instant};

use sink_jetstream::{Admission, Backoff, Breaker, Ticket};

/// What the breaker has to do, told by its history instead of its state.
#[derive(Default)]
struct Model {
    /// When it opened last, and after how many failed probes on this connection; `None` while it
    /// is closed.
    opened: Option<(Instant, u32)>,
    /// Whether a probe is out.
    probing: bool,
    /// Whether there was a new connection while it was.
    reconnected: bool,
    /// Whether a new connection ended the wait.
    ended: bool,
}

struct Out {
    ticket: Ticket,
    is_probe: bool,
    /// How often it had opened when this one was let through.
    openings: u32,
}

const BACKOFF: Backoff = Backoff {
    base: Duration::from_millis(100),
    max: Duration::from_secs(3),
};

#[test]
fn it_keeps_to_the_model_over_random_histories() {
    for seed in 0..2_000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut breaker = Breaker::new(BACKOFF, seed);
        let mut model = Model::default();
        let mut out: Vec<Out> = Vec::new();
        let mut openings = 0;
        let mut now = Instant::now();
        for _ in 0..200 {
            now += Duration::from_millis(random.u64(0..400));
            match random.u8(0..10) {
                0..=4 => {
                    let waiting = breaker.waiting(now);
                    match breaker.admit(now) {
                        Admission::Pass(ticket) => {
                            assert!(model.opened.is_none(), "seed {seed}: passed while open");
                            out.push(Out {
                                ticket,
                                is_probe: false,
                                openings,
                            });
                        }
                        Admission::Probe(ticket) => {
                            assert!(model.opened.is_some(), "seed {seed}: probed while closed");
                            assert!(!model.probing, "seed {seed}: two probes");
                            model.probing = true;
                            out.push(Out {
                                ticket,
                                is_probe: true,
                                openings,
                            });
                        }
                        Admission::Wait {
                            attempt,
                            next_after,
                        } => {
                            let (opened, failed) = model.opened.unwrap();
                            assert_eq!(attempt, failed, "seed {seed}");
                            assert_eq!(waiting, Some((attempt, next_after)), "seed {seed}");
                            let limit = opened + BACKOFF.bound(failed);
                            assert!(now + next_after <= limit.max(now), "seed {seed}: too long");
                            if !model.probing {
                                assert!(!model.ended && now < limit, "seed {seed}: waits on");
                                assert!(!next_after.is_zero(), "seed {seed}");
                            }
                        }
                    }
                }
                5..=8 if !out.is_empty() => {
                    let back = out.swap_remove(random.usize(0..out.len()));
                    let counts =
                        back.is_probe || (model.opened.is_none() && back.openings == openings);
                    match random.u8(0..3) {
                        0 => {
                            breaker.succeeded(back.ticket);
                            if back.is_probe {
                                model = Model::default();
                            }
                        }
                        1 => {
                            breaker.failed(back.ticket, now);
                            if counts {
                                let attempt = match model.opened {
                                    Some((_, failed)) if !model.reconnected => failed + 1,
                                    _ => 0,
                                };
                                model = Model {
                                    opened: Some((now, attempt)),
                                    ended: model.reconnected,
                                    ..Model::default()
                                };
                                openings += 1;
                            }
                        }
                        _ => {
                            breaker.released(back.ticket);
                            if back.is_probe {
                                // The wait was over before, so the next one probes at once.
                                model.ended = true;
                                model.probing = false;
                                if std::mem::take(&mut model.reconnected) {
                                    model.opened = model.opened.map(|(opened, _)| (opened, 0));
                                }
                            }
                        }
                    }
                }
                _ => {
                    breaker.reconnected(now);
                    if model.probing {
                        model.reconnected = true;
                    } else if let Some((_, failed)) = &mut model.opened {
                        *failed = 0;
                        model.ended = true;
                    }
                }
            }
            assert_eq!(
                breaker.waiting(now).is_none(),
                model.opened.is_none(),
                "seed {seed}"
            );
        }
    }
}

#[test]
fn the_first_failure_is_attempt_0_and_a_success_begins_anew() {
    let mut breaker = Breaker::new(BACKOFF, 7);
    let mut now = Instant::now();
    let mut attempts = Vec::new();
    for round in 0..8 {
        let (Admission::Pass(ticket) | Admission::Probe(ticket)) = breaker.admit(now) else {
            panic!("the wait is over");
        };
        if round == 5 {
            breaker.succeeded(ticket);
        } else {
            breaker.failed(ticket, now);
            attempts.push(breaker.waiting(now).unwrap().0);
        }
        now += BACKOFF.max;
    }
    assert_eq!(attempts, [0, 1, 2, 3, 4, 0, 1]);
}

/// After hours away a first probe that fails, such as while the stream elects, costs no long wait.
#[test]
fn a_new_connection_begins_anew() {
    let (mut breaker, mut now) = (Breaker::new(BACKOFF, 7), Instant::now());
    for _ in 0..20 {
        fail(&mut breaker, now);
        now += BACKOFF.max;
    }
    assert_eq!(breaker.waiting(now).unwrap().0, 19);
    breaker.reconnected(now);
    assert_eq!(breaker.waiting(now), Some((0, Duration::ZERO)));
    fail(&mut breaker, now);
    let (attempt, wait) = breaker.waiting(now).unwrap();
    assert_eq!(attempt, 1);
    assert!(wait <= BACKOFF.bound(1), "{wait:?}");
}

/// What a probe meets that went out before says nothing of the new connection.
#[test]
fn a_new_connection_while_a_probe_is_out_is_remembered_until_it_ends() {
    for released in [true, false] {
        let (mut breaker, mut now) = (Breaker::new(BACKOFF, 7), Instant::now());
        for _ in 0..20 {
            fail(&mut breaker, now);
            now += BACKOFF.max;
        }
        let Admission::Probe(probe) = breaker.admit(now) else {
            panic!("the wait is over");
        };
        breaker.reconnected(now);
        assert!(matches!(breaker.admit(now), Admission::Wait { .. }));
        if released {
            breaker.released(probe);
        } else {
            breaker.failed(probe, now);
        }
        assert_eq!(breaker.waiting(now), Some((0, Duration::ZERO)));
        // It was for one probe: this one's failure counts.
        fail(&mut breaker, now);
        let (attempt, wait) = breaker.waiting(now).unwrap();
        assert_eq!(attempt, 1);
        assert!(!wait.is_zero() && wait <= BACKOFF.bound(1), "{wait:?}");
    }
}

fn fail(breaker: &mut Breaker, now: Instant) {
    let (Admission::Pass(ticket) | Admission::Probe(ticket)) = breaker.admit(now) else {
        panic!("the wait is over");
    };
    breaker.failed(ticket, now);
}

/// A thousand failures at once are one outage, and what comes back late changes nothing.
#[test]
fn calls_let_through_before_it_opened_have_no_say() {
    let mut breaker = Breaker::new(BACKOFF, 7);
    let now = Instant::now();
    let mut passed: Vec<Ticket> = (0..1000)
        .map(|_| match breaker.admit(now) {
            Admission::Pass(ticket) => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    for ticket in passed.drain(..500) {
        breaker.failed(ticket, now);
    }
    assert_eq!(breaker.waiting(now).unwrap().0, 0);
    let later = now + BACKOFF.max;
    let Admission::Probe(probe) = breaker.admit(later) else {
        panic!("the wait is over");
    };
    for ticket in passed {
        breaker.succeeded(ticket);
    }
    assert!(matches!(breaker.admit(later), Admission::Wait { .. }));
    breaker.failed(probe, later);
    assert_eq!(breaker.waiting(later).unwrap().0, 1);
}

/// Full jitter: a hundred clients that lost the same broker come back spread out (FB23).
#[test]
fn fb23_waits_are_spread_over_the_whole_bound() {
    let now = Instant::now();
    let mut waits: Vec<Duration> = (0..100)
        .map(|seed| {
            let mut breaker = Breaker::new(BACKOFF, seed);
            let mut now = now;
            for _ in 0..4 {
                let (Admission::Pass(ticket) | Admission::Probe(ticket)) = breaker.admit(now)
                else {
                    panic!("the wait is over");
                };
                breaker.failed(ticket, now);
                now += BACKOFF.max;
            }
            breaker.waiting(now - BACKOFF.max).unwrap().1
        })
        .collect();
    waits.sort();
    let bound = BACKOFF.bound(3);
    assert!(waits[99] <= bound);
    for quarter in 1..=4 {
        let (from, to) = (bound / 4 * (quarter - 1), bound / 4 * quarter);
        let within = waits
            .iter()
            .filter(|wait| (from..=to).contains(*wait))
            .count();
        assert!(within >= 10, "{within} of 100 in quarter {quarter}");
    }
}
