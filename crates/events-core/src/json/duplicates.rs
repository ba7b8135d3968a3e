use std::borrow::Cow;
use std::collections::HashSet;

use super::string::decode_string;

/// The keys seen so far in each open object, compared by value: `"a"` equals `"\u0061"`.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    keys: Vec<Cow<'a, str>>,
    objects: Vec<Object<'a>>,
}

#[derive(Debug)]
struct Object<'a> {
    first: usize,
    many: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Keys<'a> {
    pub(super) fn open(&mut self) {
        self.objects.push(Object {
            first: self.keys.len(),
            many: None,
        });
    }

    pub(super) fn close(&mut self) {
        if let Some(object) = self.objects.pop() {
            self.keys.truncate(object.first);
        }
    }

    /// Notes a key of the innermost open object. False where the object already has it.
    pub(super) fn insert(&mut self, raw: &'a str) -> bool {
        let key = decode_string(raw);
        let Some(object) = self.objects.last_mut() else {
            return true;
        };
        if let Some(many) = &mut object.many {
            return many.insert(key);
        }
        let own = self.keys.get(object.first..).unwrap_or_default();
        if own.contains(&key) {
            return false;
        }
        // A scan of a few keys beats hashing them; a hostile object must not make it quadratic.
        if own.len() >= FEW {
            let mut many: HashSet<_> = self.keys.drain(object.first..).collect();
            many.insert(key);
            object.many = Some(many);
        } else {
            self.keys.push(key);
        }
        true
    }
}

const FEW: usize = 16;
