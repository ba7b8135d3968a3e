use bytes::Bytes;
use events_core::json::JsonText;
use events_core::{Data, Event, Problem, TenantId, Violation};

use super::{OverBudget, Pass, Place, Style, UNSCANNED};
use crate::edit::{Edit, apply};

impl Pass<'_> {
    /// Redacts the data. Refuses an event whose tenant stands there and is a secret.
    pub(crate) fn data(&mut self, event: &mut Event, refused: &mut Vec<Violation>) {
        let changed = match event.data() {
            Some(Data::Json(text)) => self.json_data(text.as_str()).map(Data::Json),
            Some(Data::Text(text)) => self.text_data(text.as_bytes()).map(|bytes| {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                Data::Text(text.into_boxed_str())
            }),
            Some(Data::Binary(bytes)) => self
                .binary_data(bytes)
                .map(|bytes| Data::Binary(Bytes::from(bytes))),
            None => None,
        };
        let Some(changed) = changed else { return };
        let tenant = TenantId::named_by(event);
        event.set_data(Some(changed));
        // Where no extension attribute names the tenant, the data does.
        if TenantId::named_by(event) != tenant {
            refused.push(Violation::new(
                "tenantid",
                Problem::MustNot("hold a secret"),
            ));
        }
    }

    fn json_data(&mut self, text: &str) -> Option<JsonText> {
        if !self.is_suspect_behind_escapes(text.as_bytes()) {
            return None;
        }
        let trails = self.rules.fields.root();
        for attempt in 0..ATTEMPTS {
            self.attempt = attempt;
            self.allow(text.len());
            let edits = match self.json(text, Place::new(Style::Mark, &trails)) {
                Ok(Some(edits)) if edits.is_empty() => return None,
                Ok(Some(edits)) => edits,
                Ok(None) | Err(OverBudget) => break,
            };
            // A key's token may be the same as another key, of a hostile event at least.
            if let Ok(changed) = JsonText::from_bytes(&apply(text.as_bytes(), &edits)) {
                self.count(&edits);
                return Some(changed);
            }
        }
        self.redactions.count(UNSCANNED);
        JsonText::parse(&format!(
            "\"{}\"",
            self.replacement(Style::Mark, &UNSCANNED, &[])
        ))
        .ok()
    }

    fn text_data(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        self.allow(text.len());
        let trails = self.rules.fields.root();
        match self.text(text, Place::new(Style::Mark, &trails)) {
            Ok(edits) if edits.is_empty() => None,
            Ok(edits) => {
                self.count(&edits);
                Some(apply(text, &edits))
            }
            Err(OverBudget) => {
                self.redactions.count(UNSCANNED);
                Some(self.replacement(Style::Mark, &UNSCANNED, &[]).into_bytes())
            }
        }
    }

    /// Bytes that are JSON are edited as JSON, all others as text.
    fn binary_data(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        match std::str::from_utf8(bytes) {
            Ok(text) if JsonText::parse(text).is_ok() => {
                let changed = self.json_data(text)?;
                Some(changed.as_str().as_bytes().to_vec())
            }
            _ => self.text_data(bytes),
        }
    }

    pub(super) fn count(&mut self, edits: &[Edit]) {
        for edit in edits {
            self.redactions.count(edit.rule.clone());
        }
    }
}

/// Two keys that became one are told apart by another token, so often at most.
const ATTEMPTS: u8 = 4;
