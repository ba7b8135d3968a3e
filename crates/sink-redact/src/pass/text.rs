use std::ops::Range;

use super::unescape::{Escapes, Unescaped, has_escapes};
use super::{OverBudget, Pass, Place, Style};
use crate::edit::{Edit, Found, MOST_FOUND, RuleName, merge};
use crate::find::base64;

impl Pass<'_> {
    /// What has to change in a text: secrets as they stand, in JSON, behind escapes and in base64
    /// or hexadecimal.
    pub(super) fn text(&mut self, text: &[u8], place: Place<'_>) -> Result<Vec<Edit>, OverBudget> {
        if self.is_suspect_behind_escapes(text) {
            self.suspect(text, place)
        } else {
            Ok(Vec::new())
        }
    }

    /// The same for a text that is known to be suspect.
    pub(super) fn suspect(
        &mut self,
        text: &[u8],
        place: Place<'_>,
    ) -> Result<Vec<Edit>, OverBudget> {
        if let Some(document) = document(text)
            && let Some(edits) = self.json(document, place.deeper()?)?
        {
            return Ok(edits);
        }
        let mut found = Vec::new();
        if let Some(live) = &self.live {
            live.find(text, &mut found);
        }
        found.extend(self.rules.finder.find(text));
        if found.len() > MOST_FOUND {
            return Err(OverBudget);
        }
        let mut edits = Vec::new();
        if has_escapes(text) {
            self.spend(text.len())?;
            let view = Unescaped::new(text, Escapes::All);
            for secret in &mut found {
                secret.range = view.whole_escapes(secret.range.clone());
            }
            edits = self.behind_escapes(text, &view, place)?;
        }
        let plain = found.into_iter();
        edits.extend(plain.map(|Found { range, rule }| self.edit(text, range, rule, place.style)));
        self.runs(text, place, &mut edits)?;
        Ok(merge(edits, |range, rule| {
            let secret = text.get(range.clone()).unwrap_or_default();
            self.replacement(place.style, rule, secret)
        }))
    }

    /// Whether a secret may stand in `text`, as it stands or once its escapes are resolved.
    pub(super) fn is_suspect_behind_escapes(&self, text: &[u8]) -> bool {
        self.is_suspect(text)
            || has_escapes(text) && {
                let view = Unescaped::new(text, Escapes::All);
                has_escapes(view.bytes()) || self.is_suspect(view.bytes())
            }
    }

    /// The edit that puts a replacement in the place of `range`.
    pub(super) fn edit(
        &self,
        text: &[u8],
        range: Range<usize>,
        rule: RuleName,
        style: Style,
    ) -> Edit {
        let secret = text.get(range.clone()).unwrap_or_default();
        let text = self.replacement(style, &rule, secret);
        Edit { range, rule, text }
    }

    /// What has to change once backslash and percent escapes are resolved.
    fn behind_escapes(
        &mut self,
        text: &[u8],
        view: &Unescaped,
        place: Place<'_>,
    ) -> Result<Vec<Edit>, OverBudget> {
        let edits = self.text(view.bytes(), place.deeper()?)?;
        let outward = |inner: Edit| {
            let range = view.source_of(&inner.range);
            // The token must tell two spellings of a secret apart: they made two values.
            match place.style {
                Style::Mark => Edit { range, ..inner },
                Style::Token => self.edit(text, range, inner.rule, Style::Token),
            }
        };
        Ok(edits.into_iter().map(outward).collect())
    }

    /// Adds the runs of base64 or hexadecimal digits that hold a secret, each as a whole.
    fn runs(
        &mut self,
        text: &[u8],
        place: Place<'_>,
        edits: &mut Vec<Edit>,
    ) -> Result<(), OverBudget> {
        let mut done = 0;
        for run in base64::runs(text) {
            if run.start < done {
                continue;
            }
            let range = base64::unwrapped(text, run);
            done = range.end;
            let digits = text.get(range.clone()).unwrap_or_default();
            for bytes in base64::decodings(digits).chain(base64::hex_decodings(digits)) {
                self.spend(bytes.len())?;
                if let Some(inner) = self.text(&bytes, place.deeper()?)?.into_iter().next() {
                    edits.push(self.edit(text, range, inner.rule, place.style));
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The text as a JSON document, where it looks like one.
fn document(text: &[u8]) -> Option<&str> {
    let trimmed = text.trim_ascii();
    match (trimmed.first()?, trimmed.last()?) {
        (b'{', b'}') | (b'[', b']') | (b'"', b'"') => std::str::from_utf8(text).ok(),
        _ => None,
    }
}
