use zeroize::Zeroizing;

use super::flags::Flags;
use super::origin::{Origin, Tier};
use super::row::Row;
use super::toml_file::TomlFile;

/// The places where values are looked for.
pub(super) struct Layers<'a> {
    pub(super) flags: &'a Flags,
    pub(super) lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) file: Option<TomlFile>,
}

/// A value that was found.
pub(super) struct Found {
    pub(super) origin: Origin,
    pub(super) text: Zeroizing<String>,
    /// The text is the path of the file that holds the value.
    pub(super) is_path: bool,
}

impl Layers<'_> {
    /// Everything that is set for a row, the strongest first.
    pub(super) fn find(&self, row: &Row) -> Vec<Found> {
        if let Some(decided) = self.flags.decide(row.name) {
            return decided.into_iter().collect();
        }
        let mut found = Vec::new();
        let foreign = |tier: Tier, names: &[&str], found: &mut Vec<Found>| {
            for name in names {
                if let Some(text) = self.variable(name) {
                    let text = Zeroizing::new((row.translate)(&text));
                    found.push(Found {
                        origin: Origin::new(tier.clone(), *name),
                        text,
                        is_path: false,
                    });
                }
            }
        };
        foreign(Tier::Above, row.above, &mut found);
        for (name, is_path) in [(Some(row.name.to_owned()), false), (row.file_name(), true)] {
            let Some(name) = name else { continue };
            if let Some(text) = self.variable(&name) {
                found.push(Found {
                    origin: Origin::new(Tier::Own, name),
                    text,
                    is_path,
                });
            }
        }
        foreign(Tier::Ecosystem, row.ecosystem, &mut found);
        foreign(Tier::Legacy, row.legacy, &mut found);
        found.extend(self.in_file(row));
        foreign(Tier::Fallback, row.fallback.as_slice(), &mut found);
        found
    }

    fn in_file(&self, row: &Row) -> Vec<Found> {
        let (Some(file), Some(key)) = (&self.file, row.key()) else {
            return Vec::new();
        };
        let path_key = row.is_secret().then(|| format!("{key}_file"));
        [(Some(key), false), (path_key, true)]
            .into_iter()
            .filter_map(|(key, is_path)| {
                let key = key?;
                let text = file.value(&key)?;
                let origin = Origin::new(Tier::File(file.path.clone()), key);
                Some(Found {
                    origin,
                    text,
                    is_path,
                })
            })
            .collect()
    }

    /// A variable of the environment; an empty one is not set.
    fn variable(&self, name: &str) -> Option<Zeroizing<String>> {
        (self.lookup)(name)
            .map(Zeroizing::new)
            .filter(|text| !text.is_empty())
    }
}
