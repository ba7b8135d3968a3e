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
        let trails = self.rules.fields.root();
        for attempt in 0..ATTEMPTS {
            self.attempt = attempt;
            let bytes = self.until_clean(text.as_bytes(), |pass, bytes| {
                let text = std::str::from_utf8(bytes).map_err(|_| OverBudget)?;
                if !pass.is_suspect_behind_escapes(bytes) {
                    return Ok(Vec::new());
                }
                pass.allow(text.len());
                let edits = pass.json(text, Place::new(Style::Mark, &trails))?;
                edits.ok_or(OverBudget)
            });
            // A key's token may be the same as another key, of a hostile event at least: then
            // the text is no acceptable JSON any more.
            match bytes.map(|bytes| bytes.map(|bytes| JsonText::from_bytes(&bytes))) {
                Ok(None) => return None,
                Ok(Some(Ok(changed))) => return Some(changed),
                Ok(Some(Err(_))) => {}
                Err(OverBudget) => break,
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
        let trails = self.rules.fields.root();
        let bytes = self.until_clean(text, |pass, text| {
            pass.allow(text.len());
            pass.text(text, Place::new(Style::Mark, &trails))
        });
        bytes.unwrap_or_else(|OverBudget| {
            self.redactions.count(UNSCANNED);
            let mark = self.replacement(Style::Mark, &UNSCANNED, &[]);
            Some(mark.into_bytes())
        })
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

    /// Makes the edits that `find` asks for until it asks for none; `None` where it never does.
    ///
    /// Once a secret is gone, what stood right before or after it may show to be another.
    pub(super) fn until_clean(
        &mut self,
        text: &[u8],
        mut find: impl FnMut(&mut Self, &[u8]) -> Result<Vec<Edit>, OverBudget>,
    ) -> Result<Option<Vec<u8>>, OverBudget> {
        let mut clean: Option<Vec<u8>> = None;
        for _ in 0..ROUNDS {
            let text = clean.as_deref().unwrap_or(text);
            let edits = find(self, text)?;
            if edits.is_empty() {
                return Ok(clean);
            }
            for edit in &edits {
                self.redactions.count(edit.rule.clone());
            }
            clean = Some(apply(text, &edits));
        }
        Err(OverBudget)
    }
}

/// Secrets that show one after another, each once the one before is gone, so often at most.
const ROUNDS: usize = 4;

/// Two keys that became one are told apart by another token, so often at most.
const ATTEMPTS: u8 = 4;
