use std::ops::Range;

use events_core::json::{Lexer, Token, TokenKind, decode_string, encode_string};

use super::suspicions::Suspicions;
use super::unescape::{Escapes, Unescaped};
use super::{FIELD, KEY, OverBudget, Pass, Place, Style, UNSCANNED};
use crate::edit::{Edit, RuleName, apply};
use crate::fields::{Step, Trail};
use crate::find::{is_placeholder, is_replacement};
use crate::live;

impl Pass<'_> {
    /// What has to change in a JSON document; `None` where the text is none.
    ///
    /// Values under sensitive keys and in fields are replaced whole, strings and keys where they
    /// hold a secret. What is not replaced keeps every byte.
    pub(super) fn json(
        &mut self,
        text: &str,
        place: Place<'_>,
    ) -> Result<Option<Vec<Edit>>, OverBudget> {
        let mut walk = Walk {
            lexer: Lexer::new(text),
            edits: Vec::new(),
            suspicions: self.suspicions(text.as_bytes()),
            text,
        };
        match self.document(&mut walk, place) {
            Ok(()) => Ok(Some(self.whole_where_torn(text, walk.edits, place.style))),
            Err(Stop::NotJson) => Ok(None),
            Err(Stop::OverBudget) => Err(OverBudget),
        }
    }

    fn document(&mut self, walk: &mut Walk<'_>, place: Place<'_>) -> Result<(), Stop> {
        let first = walk.token()?;
        self.value(walk, &first, place)?;
        match walk.lexer.next_token() {
            Ok(None) => Ok(()),
            Ok(Some(_)) | Err(_) => Err(Stop::NotJson),
        }
    }

    fn value(
        &mut self,
        walk: &mut Walk<'_>,
        first: &Token<'_>,
        place: Place<'_>,
    ) -> Result<(), Stop> {
        match first.kind {
            TokenKind::ObjectStart => self.object(walk, place)?,
            TokenKind::ArrayStart => self.array(walk, place)?,
            TokenKind::String if walk.suspicions.any_in(&first.span) => {
                self.string(walk, first, place)?;
            }
            TokenKind::Number => {
                let live = self
                    .live
                    .as_ref()
                    .filter(|live| live.is_in(first.raw.as_bytes()));
                if live.is_some() {
                    let edit = self.whole(walk.text, first.span.clone(), live::RULE, place.style);
                    walk.edits.push(edit);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn object(&mut self, walk: &mut Walk<'_>, place: Place<'_>) -> Result<(), Stop> {
        // `{"name": "password", "value": "…"}` says in two members what others say in one.
        let mut named = false;
        loop {
            let key = walk.token()?;
            if key.kind == TokenKind::ObjectEnd {
                return Ok(());
            }
            // A key with nothing suspect in it is neither sensitive nor a field of its own.
            let suspect = walk.suspicions.any_in(&key.span);
            if suspect {
                let keys = place.with_style(Style::Token).with_trails(&[]);
                self.string(walk, &key, keys)?;
            }
            let value = walk.token()?;
            let name = decode_string(key.raw);
            let step = self.rules.fields.step(place.trails, &name);
            let is_named = |own: &str| name.eq_ignore_ascii_case(own);
            let rule = if step.hit || suspect && self.rules.fields.names(&name) {
                Some(FIELD)
            } else if named && is_named("value") || suspect && self.rules.names.matches(&name) {
                Some(KEY)
            } else {
                None
            };
            named |=
                ["name", "key", "header"].into_iter().any(is_named) && self.is_name(walk, &value);
            let member = Member {
                name: &name,
                value,
                rule,
            };
            self.member(walk, &member, place.with_trails(&step.trails))?;
        }
    }

    fn array(&mut self, walk: &mut Walk<'_>, place: Place<'_>) -> Result<(), Stop> {
        // `["--password", "…"]` is how a command's arguments look.
        let mut flagged = false;
        for index in 0_usize.. {
            let value = walk.token()?;
            if value.kind == TokenKind::ArrayEnd {
                break;
            }
            let step = self.element(place.trails, index);
            let rule = if step.hit {
                Some(FIELD)
            } else {
                (flagged && value.kind == TokenKind::String).then_some(KEY)
            };
            flagged = self.is_name(walk, &value) && value.raw.starts_with("\"-");
            let member = Member {
                name: "",
                value,
                rule,
            };
            self.member(walk, &member, place.with_trails(&step.trails))?;
        }
        Ok(())
    }

    /// Whether a value is the name of a secret.
    fn is_name(&self, walk: &mut Walk<'_>, value: &Token<'_>) -> bool {
        value.kind == TokenKind::String
            && walk.suspicions.any_in(&value.span)
            && self.rules.names.matches(&decode_string(value.raw))
    }

    /// A value that a rule takes whole, or that is walked through.
    fn member(
        &mut self,
        walk: &mut Walk<'_>,
        member: &Member<'_>,
        place: Place<'_>,
    ) -> Result<(), Stop> {
        let Member { value, rule, .. } = member;
        match rule {
            Some(rule) if !self.is_exempt(member) => {
                let range = walk.whole_value(value)?;
                if !matches!(walk.text.get(range.clone()), Some("{}" | "[]")) {
                    let edit = self.whole(walk.text, range, rule.clone(), place.style);
                    walk.edits.push(edit);
                }
                Ok(())
            }
            _ => self.value(walk, value, place),
        }
    }

    /// Whether a value is none that its key or field has to hide.
    fn is_exempt(&self, member: &Member<'_>) -> bool {
        let Member { name, value, rule } = member;
        let is_field = *rule == Some(FIELD);
        match value.kind {
            TokenKind::String => {
                let text = decode_string(value.raw);
                let bytes = text.as_bytes();
                is_replacement(bytes)
                    || !is_field && (is_placeholder(bytes) || self.rules.finder.allows(bytes))
            }
            TokenKind::True | TokenKind::False | TokenKind::Null => !is_field,
            // `"secrets": 3` counts them.
            TokenKind::Number => !is_field && name.ends_with(['s', 'S']),
            _ => false,
        }
    }

    /// A suspect string, or key, and what has to change in it.
    fn string(
        &mut self,
        walk: &mut Walk<'_>,
        token: &Token<'_>,
        place: Place<'_>,
    ) -> Result<(), Stop> {
        let inner = token.span.start + 1..token.span.end - 1;
        let raw = walk.text.get(inner.clone()).unwrap_or_default();
        let edits = match self.inner(raw, token.raw, place) {
            Err(OverBudget) if place.depth == 0 => {
                vec![self.edit(raw.as_bytes(), 0..raw.len(), UNSCANNED, place.style)]
            }
            other => other?,
        };
        walk.edits.extend(edits.into_iter().map(|edit| Edit {
            range: inner.start + edit.range.start..inner.start + edit.range.end,
            text: escaped(edit.text),
            ..edit
        }));
        Ok(())
    }

    fn inner(
        &mut self,
        raw: &str,
        quoted: &str,
        place: Place<'_>,
    ) -> Result<Vec<Edit>, OverBudget> {
        if !raw.contains('\\') {
            return self.suspect(raw.as_bytes(), place);
        }
        self.spend(raw.len())?;
        let value = decode_string(quoted);
        let edits = self.text(value.as_bytes(), place)?;
        if edits.is_empty() {
            return Ok(edits);
        }
        let view = Unescaped::new(raw.as_bytes(), Escapes::Json);
        let outward = |edit: Edit| Edit {
            range: view.source_of(&edit.range),
            ..edit
        };
        Ok(edits.into_iter().map(outward).collect())
    }

    /// The edit that puts a string in the place of a whole value.
    fn whole(
        &self,
        text: &str,
        range: Range<usize>,
        rule: impl Into<RuleName>,
        style: Style,
    ) -> Edit {
        let edit = self.edit(text.as_bytes(), range, rule.into(), style);
        Edit {
            text: format!("\"{}\"", edit.text),
            ..edit
        }
    }

    /// A live value can reach over several tokens, where no edit can take it out: then the
    /// document goes as a whole.
    fn whole_where_torn(&self, text: &str, edits: Vec<Edit>, style: Style) -> Vec<Edit> {
        match &self.live {
            Some(live) if live.is_in(&apply(text.as_bytes(), &edits)) => {
                vec![self.whole(text, 0..text.len(), live::RULE, style)]
            }
            _ => edits,
        }
    }

    fn element(&self, trails: &[Trail], index: usize) -> Step {
        if trails.is_empty() {
            return Step::default();
        }
        self.rules.fields.step(trails, &index.to_string())
    }
}

/// A document being read, and what has to change in it so far.
struct Walk<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    edits: Vec<Edit>,
    suspicions: Suspicions,
}

/// A value, what it is called, and the rule that takes it as a whole.
struct Member<'t> {
    name: &'t str,
    value: Token<'t>,
    rule: Option<RuleName>,
}

/// Why a walk ends early.
enum Stop {
    NotJson,
    OverBudget,
}

impl<'t> Walk<'t> {
    fn token(&mut self) -> Result<Token<'t>, Stop> {
        match self.lexer.next_token() {
            Ok(Some(token)) => Ok(token),
            Ok(None) | Err(_) => Err(Stop::NotJson),
        }
    }

    /// Reads the rest of the value that starts with `first`.
    fn whole_value(&mut self, first: &Token<'_>) -> Result<Range<usize>, Stop> {
        let mut end = first.span.end;
        if matches!(first.kind, TokenKind::ObjectStart | TokenKind::ArrayStart) {
            let inside = self.lexer.depth();
            while self.lexer.depth() >= inside {
                end = self.token()?.span.end;
            }
        }
        Ok(first.span.start..end)
    }
}

impl From<OverBudget> for Stop {
    fn from(_: OverBudget) -> Self {
        Self::OverBudget
    }
}

/// A replacement as it stands inside a string.
fn escaped(text: String) -> String {
    if !text.contains('"') {
        return text;
    }
    let mut quoted = String::with_capacity(text.len() + 4);
    encode_string(&text, &mut quoted);
    quoted.pop();
    quoted.remove(0);
    quoted
}
