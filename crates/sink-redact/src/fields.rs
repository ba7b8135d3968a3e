use std::collections::BTreeSet;

use crate::config::{ConfigError, ConfigProblem};

/// Names and paths of fields whose values are redacted whatever they hold.
///
/// A bare name (`ssn`) counts at any depth of the data, JSON inside strings included, and as the
/// name of an extension attribute. A path (`data.user.ssn`, `$.user.ssn`, `user.ssn`) starts at
/// the data; `*` stands for one level, an array's element among them, and `**` for any number of
/// levels. A text that starts with `/` is a JSON pointer (RFC 6901) into the data. Case does not
/// matter.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fields {
    names: BTreeSet<String>,
    paths: Vec<Vec<Segment>>,
}

/// Where in the paths a walk through the data stands: after `segments` of the path `path`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Trail {
    path: usize,
    segments: usize,
}

/// What a step from a value to one of its members leads to.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) hit: bool,
    pub(crate) trails: Vec<Trail>,
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Segment {
    Name(String),
    One,
    Many,
}

impl Fields {
    /// The names that the word `defaults` stands for.
    pub const DEFAULTS: [&str; 3] = ["argv", "path", "reason"];

    /// Parses a list separated by commas. `defaults`, in any case, stands for
    /// [`DEFAULTS`](Self::DEFAULTS).
    ///
    /// # Errors
    /// Every entry that is no name, path or pointer.
    pub fn parse(list: &str) -> Result<Self, ConfigError> {
        let mut fields = Self::default();
        let mut problems = Vec::new();
        for entry in list
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            problems.extend(fields.add(entry).err());
        }
        ConfigError::none_in(problems)?;
        Ok(fields)
    }

    /// Whether there is nothing to redact.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.paths.is_empty()
    }

    pub(crate) fn add(&mut self, entry: &str) -> Result<(), ConfigProblem> {
        if entry.eq_ignore_ascii_case("defaults") {
            self.names.extend(Self::DEFAULTS.map(str::to_owned));
            return Ok(());
        }
        if let Some(pointer) = entry.strip_prefix('/') {
            let unescape = |token: &str| token.replace("~1", "/").replace("~0", "~");
            let segments = pointer.split('/').map(unescape);
            let names = segments.map(|name| Segment::Name(name.to_lowercase()));
            self.add_path(names.collect());
            return Ok(());
        }
        let dotted = entry.replace('[', ".").replace(']', "");
        let mut segments: Vec<_> = dotted.split('.').map(Segment::of).collect();
        if segments.iter().any(Segment::is_empty) || entry == "$" {
            let problem = "is no field name, dotted path or JSON pointer";
            return Err(ConfigProblem::new(format!("field {entry:?}"), problem));
        }
        let at_root = matches!(dotted.split('.').next(), Some("$" | "data"));
        match segments.as_slice() {
            [Segment::Name(name)] => {
                self.names.insert(name.clone());
            }
            _ => {
                if at_root {
                    segments.remove(0);
                }
                self.add_path(segments);
            }
        }
        Ok(())
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.names.extend(other.names);
        other.paths.into_iter().for_each(|path| self.add_path(path));
    }

    /// What the fields are, in one way for each meaning.
    pub(crate) fn canonical(&self) -> String {
        let mut paths = self.paths.clone();
        paths.sort();
        let mut text = String::new();
        for name in &self.names {
            text.push_str(&format!("field {name:?}\n"));
        }
        for path in paths {
            let segments: Vec<_> = path.iter().map(Segment::canonical).collect();
            text.push_str(&format!("path {}\n", segments.join(" ")));
        }
        text
    }

    /// Whether a field of this name is redacted wherever it stands.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.names.iter().any(|own| is_same(own, name))
    }

    /// The trails at the top of the data.
    pub(crate) fn root(&self) -> Vec<Trail> {
        let mut step = Step::default();
        for path in 0..self.paths.len() {
            self.reach(&mut step, path, 0);
        }
        step.trails
    }

    /// Where the step from a value, reached by `trails`, to its member or element `name` leads.
    pub(crate) fn step(&self, trails: &[Trail], name: &str) -> Step {
        let mut step = Step::default();
        for Trail { path, segments } in trails.iter().copied() {
            match self.segment(path, segments) {
                Some(Segment::One) => self.reach(&mut step, path, segments + 1),
                Some(Segment::Many) => {
                    step.hit |= self.segment(path, segments + 1).is_none();
                    self.reach(&mut step, path, segments);
                }
                Some(own) if own.is(name) => self.reach(&mut step, path, segments + 1),
                Some(Segment::Name(_)) | None => {}
            }
        }
        step
    }

    /// The names that show in a text, one of them in each that has a field to redact; `None`
    /// where a field may have any name.
    pub(crate) fn literals(&self) -> Option<Vec<String>> {
        let last = |path: &Vec<Segment>| match path.last() {
            Some(Segment::Name(name)) if name.parse::<usize>().is_err() => Some(name.clone()),
            _ => None,
        };
        let ends: Option<Vec<String>> = self.paths.iter().map(last).collect();
        let mut names: Vec<String> = self.names.iter().cloned().collect();
        names.extend(ends?);
        names.iter().all(|name| name.is_ascii()).then_some(names)
    }

    /// Takes up a trail, and those that lie behind a `**` that stands for no level at all.
    fn reach(&self, step: &mut Step, path: usize, segments: usize) {
        let trail = Trail { path, segments };
        if step.trails.contains(&trail) {
            return;
        }
        match self.segment(path, segments) {
            None => step.hit = true,
            Some(next) => {
                step.trails.push(trail);
                if *next == Segment::Many && self.segment(path, segments + 1).is_some() {
                    self.reach(step, path, segments + 1);
                }
            }
        }
    }

    fn segment(&self, path: usize, index: usize) -> Option<&Segment> {
        self.paths.get(path)?.get(index)
    }

    fn add_path(&mut self, path: Vec<Segment>) {
        if !self.paths.contains(&path) {
            self.paths.push(path);
        }
    }
}

impl Segment {
    fn of(text: &str) -> Self {
        match text {
            "*" => Self::One,
            "**" => Self::Many,
            name => Self::Name(name.to_lowercase()),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Name(name) if name.is_empty())
    }

    fn is(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if is_same(own, name))
    }

    fn canonical(&self) -> String {
        match self {
            Self::Name(name) => format!("{name:?}"),
            Self::One => "*".to_owned(),
            Self::Many => "**".to_owned(),
        }
    }
}

/// Whether `name` is `own` in whatever case. `own` is in lower case.
fn is_same(own: &str, name: &str) -> bool {
    own.chars().eq(name.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::Fields;

    /// Whether the way through `names`, from the top of the data, ends in a hit.
    fn hits(fields: &str, way: &str) -> bool {
        let fields = Fields::parse(fields).unwrap();
        let mut trails = fields.root();
        let mut hit = false;
        for name in way.split('/') {
            let step = fields.step(&trails, name);
            hit = step.hit;
            trails = step.trails;
        }
        hit
    }

    #[test]
    fn defaults_are_a_word() {
        let fields = Fields::parse(" Defaults , ssn,").unwrap();
        assert!(
            ["ARGV", "path", "Reason", "ssn"]
                .iter()
                .all(|name| fields.names(name))
        );
        assert!(!fields.names("ss") && !fields.names("defaults"));
        assert!(Fields::parse("").unwrap().is_empty());
    }

    #[test]
    fn paths_lead_from_the_top_of_the_data() {
        for path in [
            "data.user.ssn",
            "$.user.ssn",
            "user.ssn",
            "$.User.SSN",
            "/user/ssn",
        ] {
            assert!(hits(path, "user/ssn"), "{path}");
            assert!(
                !hits(path, "user") && !hits(path, "ssn") && !hits(path, "a/user/ssn"),
                "{path}"
            );
        }
        assert!(!hits("/user~1ssn", "user/ssn"));
    }

    #[test]
    fn stars_stand_for_levels() {
        assert!(hits("users.*.pin", "users/0/pin") && hits("users[*].pin", "users/0/pin"));
        assert!(hits("users[0].pin", "users/0/pin") && !hits("users[0].pin", "users/1/pin"));
        assert!(!hits("users.*.pin", "users/pin"));
        for way in ["pin", "a/pin", "a/b/c/pin"] {
            assert!(hits("data.**.pin", way), "{way}");
        }
        assert!(!hits("data.**.pin", "pin/a"));
        assert!(hits("data.a.**", "a/b") && hits("data.a.**", "a/b/c") && !hits("data.a.**", "a"));
        assert!(hits("**.a.*.b", "a/a/x/b") && hits("**.a.*.b", "a/a/b"));
    }

    #[test]
    fn every_bad_entry_is_reported() {
        let error = Fields::parse("a..b, ok, $.").unwrap_err().to_string();
        assert!(error.contains("\"a..b\"") && error.contains("\"$.\"") && !error.contains("ok"));
    }

    #[test]
    fn what_means_the_same_is_told_the_same() {
        let canonical = |list: &str| Fields::parse(list).unwrap().canonical();
        assert_eq!(canonical("a,data.b.c,d.*"), canonical("$.d[*], A,/B/c,a"));
        assert_ne!(canonical("a.b"), canonical("/a.b"));
    }

    #[test]
    fn literals_show_in_each_text_with_a_field() {
        let literals = |list: &str| Fields::parse(list).unwrap().literals();
        assert_eq!(literals("A,b.c").unwrap(), ["a", "c"]);
        assert_eq!(literals("a,b.*"), None);
        assert_eq!(literals("a,b[0]"), None);
    }
}
