//! What is wrong with a stream's configuration. Pure.

use crate::diff::REPLACE;
use crate::live::{Live, limit};
use crate::setting::Word;
use crate::text::span;
use crate::{Class, Code, Discard, Finding, Policy, Retention, Severity, Storage, StreamSpec};

/// Each setting of `live` that breaks what `spec` and `policy` ask for, the worst first.
pub(crate) fn findings(spec: &StreamSpec, live: &Live, policy: &Policy) -> Vec<Finding> {
    let mut check = Check {
        spec,
        live,
        found: Vec::new(),
    };
    check.intake();
    if !spec.is_ephemeral() {
        check.keeping(policy);
        check.doubles(policy);
        check.fullness(policy);
        check.durability();
        check.deleting();
    }
    let mut found = check.found;
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found
}

struct Check<'a> {
    spec: &'a StreamSpec,
    live: &'a Live,
    found: Vec<Finding>,
}

impl Check<'_> {
    /// Whether it takes messages at all, and says so.
    fn intake(&mut self) {
        if self.live.sealed {
            self.breaks(Code::Sealed, "it is sealed and takes no message", REPLACE);
        }
        if self.live.is_mirror() {
            let text = "it is a mirror and takes messages from another stream alone";
            self.breaks(Code::Mirror, text, REPLACE);
        }
        if self.live.no_ack {
            let text = "it acknowledges nothing, so no event is ever known to be kept (no_ack)";
            let remedy = self.ensure_or("--ack");
            self.breaks(Code::NoAck, text, remedy);
        }
        if self.live.has("subject_transform") {
            let text = "it stores messages under other subjects than they are published to";
            let remedy = "remove subject_transform from the stream";
            self.add(Code::SubjectTransform, Severity::Weakens, text, remedy);
        }
        if self.live.has("sources") {
            let text = "it also takes messages from other streams, which this chain did not sign";
            let remedy = "remove the sources, or verify what you read from it";
            self.add(Code::Sources, Severity::Weakens, text, remedy);
        }
    }

    /// Whether messages stay for as long as they should.
    fn keeping(&mut self, policy: &Policy) {
        let (is, asked) = (self.live.retention.as_str(), self.spec.retention);
        let audit = self.spec.class == Class::Audit;
        let limits = Retention::Limits.word();
        if is != limits && (audit || is != asked.word()) {
            let text =
                format!("retention is {is}: events go as soon as somebody, or nobody, reads them");
            let remedy = if is == Retention::Interest.word() {
                self.ensure_or("--retention limits")
            } else {
                REPLACE.to_owned()
            };
            self.breaks(Code::Retention, text, remedy);
        } else if is != asked.word() {
            let text = format!("retention is {is}, not {asked}: work stays after it is done");
            self.add(Code::Retention, Severity::Weakens, text, REPLACE);
        }
        let Some(age) = self.live.age() else { return };
        let kept = span(Some(age));
        if audit && age < policy.audit_min_retention {
            let floor = span(Some(policy.audit_min_retention));
            let text = format!("audit is kept for {kept}, and must be for {floor}");
            let remedy = self.ensure_or(&format!("--max-age {floor}"));
            self.breaks(Code::AgeBelowFloor, text, remedy);
        } else if self.spec.max_age.is_none_or(|asked| age < asked) {
            let asked = span(self.spec.max_age);
            let text = format!("events are kept for {kept}, not {asked} as declared");
            let remedy = self.ensure_or(&format!("--max-age {asked}"));
            self.add(Code::AgeBelowDeclared, Severity::Weakens, text, remedy);
        }
    }

    /// Whether what is sent again is known again.
    fn doubles(&mut self, policy: &Policy) {
        let (is, needed) = (self.live.window(), policy.redrive_horizon);
        if is < needed {
            let (is, needed) = (span(Some(is)), span(Some(needed)));
            let text = format!(
                "the duplicate window is {is}; an event whose acknowledgement was lost may be sent again after {needed}, and then stand there twice"
            );
            let remedy = self.ensure_or(&format!("--dupe-window {needed}"));
            self.add(Code::DuplicateWindowShort, Severity::Weakens, text, remedy);
        }
    }

    /// What happens when it is full, or a message is too large.
    fn fullness(&mut self, policy: &Policy) {
        let each = limit(self.live.max_msgs_per_subject);
        let whole = limit(self.live.max_bytes).is_some() || limit(self.live.max_msgs).is_some();
        if whole && self.live.discard != Discard::New.word() {
            let text = "when it is full it drops its oldest events before their age";
            let remedy = self.ensure_or("--discard new");
            self.breaks(Code::DiscardOld, text, remedy);
        } else if whole || (each.is_some() && self.live.refuses_per_subject()) {
            let text = "when it is full it refuses new events, which then wait in the spool";
            let remedy = "watch how full it is, and raise its limits in time";
            self.add(Code::FullRefuses, Severity::Note, text, remedy);
        }
        if let Some(each) = each.filter(|_| !self.live.refuses_per_subject()) {
            let text = format!("it keeps {each} events of each subject and drops older ones");
            let remedy = self.ensure_or("--max-msgs-per-subject=-1");
            self.breaks(Code::SubjectLimit, text, remedy);
        }
        let largest = limit(self.live.max_msg_size);
        if let Some(largest) = largest.filter(|largest| *largest < policy.max_message_bytes) {
            let needed = policy.max_message_bytes;
            let text = format!("it takes messages of {largest} bytes; events may need {needed}");
            let remedy = format!(
                "nats stream edit {} --max-msg-size {needed}, or lower CONSIGN_MAX_EVENT_BYTES",
                self.live.name
            );
            self.add(Code::MessageSize, Severity::Weakens, text, remedy);
        }
    }

    /// What an acknowledgement is worth.
    fn durability(&mut self) {
        if self.live.storage == Storage::Memory.word() {
            if self.spec.storage == Storage::File {
                let text = "it is in memory: a restart of the broker loses every event";
                self.breaks(Code::StorageMemory, text, REPLACE);
            }
            return;
        }
        if self.live.persist_mode.as_deref() == Some("async") {
            let text = "it acknowledges before it writes: a crash of the broker loses events";
            self.breaks(Code::PersistAsync, text, REPLACE);
        }
        let (is, asked) = (self.live.num_replicas, self.spec.replicas);
        if is < asked {
            let text = format!("events are kept on {is} servers, not {asked} as declared");
            let remedy = self.ensure_or(&format!("--replicas {asked}"));
            self.add(Code::ReplicasLow, Severity::Weakens, text, remedy);
        }
        let text = "whether the server syncs before it acknowledges is not told to clients; by default it does every 2 minutes, so a power cut may lose acknowledged events";
        let remedy = "set jetstream { sync_interval: always } on the server where that matters";
        self.add(Code::SyncUnknown, Severity::Note, text, remedy);
    }

    /// Who could take messages out again.
    fn deleting(&mut self) {
        let audit = self.spec.class == Class::Audit;
        if !self.live.deny_purge && (audit || self.spec.deny_purge) {
            let remedy = self.ensure_or("--deny-purge");
            let text = "whoever may use the API can purge it";
            self.add(Code::PurgeAllowed, Severity::Weakens, text, remedy);
        }
        if !self.live.deny_delete && (audit || self.spec.deny_delete) {
            let remedy = self.ensure_or("--deny-delete");
            let text = "whoever may use the API can delete single events";
            self.add(Code::DeleteAllowed, Severity::Weakens, text, remedy);
        }
        if self.live.allow_rollup_hdrs {
            let text = "a message with the header Nats-Rollup deletes all before it";
            let remedy = "unset allow_rollup_hdrs";
            self.add(Code::RollupAllowed, Severity::Weakens, text, remedy);
        }
        if self.live.has("allow_msg_ttl") {
            let text = "a message with the header Nats-TTL goes before its age";
            let remedy = "publish with no such header; the server takes the setting not back";
            self.add(Code::MessageTtlAllowed, Severity::Note, text, remedy);
        }
    }

    /// The remedy of what `apply` can change, which it does to the declared stream alone.
    fn ensure_or(&self, flags: &str) -> String {
        let name = &self.live.name;
        if *name == *self.spec.name.as_str() {
            format!("consign stream ensure, or: nats stream edit {name} {flags}")
        } else {
            format!("nats stream edit {name} {flags}")
        }
    }

    fn breaks(&mut self, code: Code, text: impl Into<String>, remedy: impl Into<String>) {
        self.add(code, Severity::Breaks, text, remedy);
    }

    fn add(
        &mut self,
        code: Code,
        severity: Severity,
        text: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Finding {
            code,
            severity,
            text: text.into(),
            remedy: remedy.into(),
        });
    }
}
