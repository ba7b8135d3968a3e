//! A declared stream and the server's, compared. Pure.
//!
//! One rule decides what is safe: a change may neither lose a message nor keep any less well than
//! before. What would is refused, and stays.

use std::time::Duration;

use crate::live::{Live, limit, nanos, wire_limit};
use crate::pattern::{UNRESERVE, covers};
use crate::setting::Word;
use crate::text::{amount, span};
use crate::{Change, Discard, Retention, Step, Storage, StreamName, StreamSpec};

/// What differs.
pub(crate) struct Comparison {
    pub(crate) changes: Vec<Change>,
    pub(crate) refusals: Vec<Refusal>,
    /// The server's configuration with the changes made.
    pub(crate) target: Live,
}

/// A change that is not made.
pub(crate) struct Refusal {
    change: Change,
    why: String,
    remedy: String,
}

/// Compares what shall be with what is.
pub(crate) fn compare(spec: &StreamSpec, live: &Live) -> Comparison {
    let mut comparison = Comparison {
        changes: Vec::new(),
        refusals: Vec::new(),
        target: live.clone(),
    };
    if live.sealed {
        let why = "a sealed stream takes no change and no message";
        comparison.refuse(change("sealed", "true", "false"), why, REPLACE);
    } else if live.is_mirror() {
        let why = "a mirror takes messages from another stream alone";
        comparison.refuse(change("mirror", "set", "none"), why, REPLACE);
    } else {
        comparison.subjects(spec, live);
        comparison.retention(spec, live);
        comparison.storage(spec, live);
        comparison.limits(spec, live);
        comparison.flags(spec, live);
    }
    comparison
}

impl Comparison {
    /// A stream may capture more than it was asked to; others may rely on that.
    fn subjects(&mut self, spec: &StreamSpec, live: &Live) {
        let asked: Vec<&str> = spec.subjects.iter().map(|own| own.as_str()).collect();
        if asked.iter().all(|subject| live.captures(subject)) {
            return;
        }
        let covered = |own: &&String| !asked.iter().any(|subject| covers(subject, own));
        let mut all: Vec<String> = live.subjects().iter().filter(covered).cloned().collect();
        for subject in asked {
            if !all.iter().any(|own| covers(own, subject)) {
                all.push(subject.to_owned());
            }
        }
        let from = live.subjects().join(" ");
        let to = all.join(" ");
        self.change(change("subjects", from, to), |target| {
            target.subjects = Some(all);
        });
    }

    fn retention(&mut self, spec: &StreamSpec, live: &Live) {
        let (from, to) = (live.retention.as_str(), spec.retention);
        if from == to.word() {
            return;
        }
        let change = change("retention", from, to.word());
        if from == Retention::Interest.word() && to == Retention::Limits {
            self.change(change, |target| to.word().clone_into(&mut target.retention));
        } else if from == Retention::Limits.word() && to == Retention::Interest {
            let why = "messages that no consumer waits for would be deleted";
            self.refuse(change, why, "declare retention limits");
        } else {
            let why = "the server changes no stream to or from a work queue";
            self.refuse(change, why, REPLACE);
        }
    }

    fn storage(&mut self, spec: &StreamSpec, live: &Live) {
        if live.storage == spec.storage.word() {
            return;
        }
        let change = change("storage", live.storage.as_str(), spec.storage.word());
        let why = "the server moves no stream between memory and files";
        let remedy = match spec.storage {
            Storage::File => REPLACE,
            Storage::Memory => "declare storage file, which keeps messages better",
        };
        self.refuse(change, why, remedy);
    }

    fn limits(&mut self, spec: &StreamSpec, live: &Live) {
        let age = (live.age().map(nanos), spec.max_age.map(nanos));
        self.limit("max_age", age, shown_span, |target, age| {
            target.max_age = age.unwrap_or_default();
        });
        self.bound("max_bytes", live.max_bytes, spec.max_bytes, |target| {
            &mut target.max_bytes
        });
        self.bound("max_msgs", live.max_msgs, spec.max_messages, |target| {
            &mut target.max_msgs
        });
        self.bound(
            "max_msg_size",
            live.max_msg_size,
            spec.max_message_size,
            |target| &mut target.max_msg_size,
        );
        if !live.refuses_per_subject() {
            let each = (limit(live.max_msgs_per_subject), None);
            self.limit("max_msgs_per_subject", each, amount, |target, each| {
                target.max_msgs_per_subject = wire_limit(each);
            });
        }
        let window = (
            Some(live.duplicate_window),
            Some(nanos(spec.duplicate_window)),
        );
        self.limit("duplicate_window", window, shown_span, |target, window| {
            target.duplicate_window = window.unwrap_or_default();
        });
        let replicas = (u64::from(live.num_replicas), u64::from(spec.replicas));
        let replicas = (Some(replicas.0), Some(replicas.1));
        self.limit("num_replicas", replicas, amount, |target, _| {
            target.num_replicas = spec.replicas;
        });
    }

    /// Raises a bound where one is declared; an operator's own protects the disk.
    fn bound(
        &mut self,
        field: &'static str,
        from: i64,
        to: Option<u64>,
        place: fn(&mut Live) -> &mut i64,
    ) {
        if to.is_some() {
            self.limit(field, (limit(from), to), amount, |target, to| {
                *place(target) = wire_limit(to);
            });
        }
    }

    /// Raises a limit; none is the highest.
    fn limit(
        &mut self,
        field: &'static str,
        (from, to): (Option<u64>, Option<u64>),
        shown: fn(Option<u64>) -> String,
        set: impl FnOnce(&mut Live, Option<u64>),
    ) {
        let height = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
        if height(from) == height(to) {
            return;
        }
        let change = change(field, shown(from), shown(to));
        if height(from) < height(to) {
            self.change(change, |target| set(target, to));
            return;
        }
        let why = match field {
            "duplicate_window" => "what is sent again after a shorter window would be stored twice",
            "num_replicas" => "messages would be kept on fewer servers",
            "max_msg_size" => "larger messages would be refused",
            _ => "messages above the lower limit would be deleted",
        };
        let kept = shown(from);
        let remedy =
            format!("declare {kept} if it shall stay, else lower it with nats stream edit");
        self.refuse(change, why, remedy);
    }

    fn flags(&mut self, spec: &StreamSpec, live: &Live) {
        if live.no_ack {
            let change = change("no_ack", "true", "false");
            self.change(change, |target| target.no_ack = false);
        }
        if live.persist_mode.as_deref() == Some("async") {
            let change = change("persist_mode", "async", "default");
            let why = "the server changes no stream's persist mode";
            self.refuse(change, why, REPLACE);
        }
        self.discard(spec, live);
        self.denial(
            "deny_delete",
            live.deny_delete,
            spec.deny_delete,
            |target| {
                target.deny_delete = true;
            },
        );
        if live.allow_rollup_hdrs && spec.deny_purge {
            let why = "the server denies no purge where messages may roll up others";
            let remedy = "publish no more with Nats-Rollup and unset allow_rollup_hdrs";
            self.refuse(change("deny_purge", "false", "true"), why, remedy);
        } else {
            self.denial("deny_purge", live.deny_purge, spec.deny_purge, |target| {
                target.deny_purge = true;
            });
        }
    }

    fn discard(&mut self, spec: &StreamSpec, live: &Live) {
        if live.discard == spec.discard.word() {
            return;
        }
        let change = change("discard", live.discard.as_str(), spec.discard.word());
        if spec.discard == Discard::New {
            self.change(change, |target| {
                Discard::New.word().clone_into(&mut target.discard)
            });
        } else {
            let why = "a full stream would drop its oldest messages";
            self.refuse(change, why, "declare discard new");
        }
    }

    fn denial(&mut self, field: &'static str, is: bool, asked: bool, set: fn(&mut Live)) {
        match (is, asked) {
            (false, true) => self.change(change(field, "false", "true"), set),
            (true, false) => {
                let why = "the server takes no denial back";
                let remedy = format!("declare {field} = true");
                self.refuse(change(field, "true", "false"), why, remedy);
            }
            _ => {}
        }
    }

    fn change(&mut self, change: Change, set: impl FnOnce(&mut Live)) {
        set(&mut self.target);
        self.changes.push(change);
    }

    fn refuse(&mut self, change: Change, why: impl Into<String>, remedy: impl Into<String>) {
        self.refusals.push(Refusal {
            change,
            why: why.into(),
            remedy: remedy.into(),
        });
    }
}

impl Refusal {
    /// What the stream shall capture is captured by others.
    pub(crate) fn captured(spec: &StreamSpec, live: Option<&Live>, by: &[String]) -> Self {
        let asked: Vec<&str> = spec.subjects.iter().map(|own| own.as_str()).collect();
        let by = by.join(", ");
        Self {
            change: change("subjects", captured_by(live), asked.join(" ")),
            why: format!("some are captured by {by}, and no subject can have two streams"),
            remedy: format!(
                "narrow the subjects of {by}, declare it in this one's place, or publish to other subjects"
            ),
        }
    }

    /// What the stream shall capture is the server's own.
    pub(crate) fn reserved(live: Option<&Live>, subject: &str) -> Self {
        Self {
            change: change("subjects", captured_by(live), subject),
            why: "no stream can have the server's own subjects".to_owned(),
            remedy: UNRESERVE.to_owned(),
        }
    }

    pub(crate) fn step(&self, stream: &StreamName) -> Step {
        Step::Refuse {
            stream: stream.clone(),
            change: self.change.clone(),
            why: self.why.clone(),
            remedy: self.remedy.clone(),
        }
    }
}

/// What the stream captures, as an operator reads it.
fn captured_by(live: Option<&Live>) -> String {
    live.map_or_else(|| "none".to_owned(), |live| live.subjects().join(" "))
}

fn change(field: &'static str, from: impl Into<String>, to: impl Into<String>) -> Change {
    Change {
        field,
        from: from.into(),
        to: to.into(),
    }
}

fn shown_span(nanos: Option<u64>) -> String {
    span(nanos.map(Duration::from_nanos))
}

/// What to do with a stream that cannot become what it shall be.
pub(crate) const REPLACE: &str = "save what it holds with nats stream backup, delete the stream, and let CONSIGN_STREAMS=ensure make it anew";
