use std::path::{Path, PathBuf};

use super::layers::{Found, Layers};
use super::origin::{Origin, Tier};
use super::problem::Problem;
use super::report::{Entry, Report};
use super::row::{Availability, Capability, Row};
use super::values::{Given, Privacy, Value, Wrong, read_private};

/// Reads settings one by one and collects everything that is wrong.
pub(crate) struct Reader<'a> {
    pub(super) layers: Layers<'a>,
    pub(super) availability: fn(Capability) -> Availability,
    pub(super) problems: Vec<Problem>,
    pub(super) report: Report,
}

impl Reader<'_> {
    /// The value of a setting. One that is wrong is reported, and the default stands in for it so
    /// that reading can go on.
    pub(crate) fn read<T: Value>(&mut self, row: &'static Row) -> Option<T> {
        let mut found = self.layers.find(row).into_iter();
        let Some(first) = found.next() else {
            let value = default_of(row);
            self.report.entries.push(Entry {
                row,
                shown: row.default.map(str::to_owned),
                origin: Origin::new(Tier::Default, row.name),
                shadowed: Vec::new(),
                faulty: value.is_none(),
            });
            return value;
        };
        let shadowed: Vec<Origin> = found.map(|weaker| weaker.origin).collect();
        let read = self.judge::<T>(row, &first, &shadowed);
        let mut origin = first.origin;
        if first.is_path {
            origin.file = read.is_ok().then(|| PathBuf::from(first.text.as_str()));
        }
        self.tell_of_old_names(row, &origin, &shadowed);
        let (value, shown) = match read {
            Ok((value, shown)) => (Some(value), Some(shown)),
            Err(wrong) => {
                let what = match wrong {
                    Wrong::Form => row.form.refuse(&first.text),
                    Wrong::Because(what) => what,
                };
                let problem = Problem::new(row.name, what).set_by(&origin);
                self.problems.push(problem);
                (default_of(row), None)
            }
        };
        let faulty = shown.is_none();
        self.report.entries.push(Entry {
            row,
            shown,
            origin,
            shadowed,
            faulty,
        });
        value
    }

    fn judge<T: Value>(
        &mut self,
        row: &Row,
        found: &Found,
        shadowed: &[Origin],
    ) -> Result<(T, String), Wrong> {
        let origin = &found.origin;
        if let Some(twin) = shadowed.iter().find(|weaker| weaker.tier == origin.tier)
            && row.is_secret()
            && matches!(origin.tier, Tier::Own | Tier::File(_))
        {
            return Err(Wrong::because(format!(
                "and {} are both set; keep one",
                twin.key
            )));
        }
        if let (Tier::File(path), true, false) = (&origin.tier, row.is_secret(), found.is_path) {
            self.check_privacy_of_config(path, &origin.key)?;
        }
        if !found.is_path {
            let text = &found.text;
            return self.accept(row, origin, &Given { text, file: None });
        }
        let (text, privacy) = read_private(&found.text)?;
        let path = Path::new(found.text.as_str());
        self.remark(row, privacy.remark(path));
        let file = Some(path);
        self.accept(row, origin, &Given { text: &text, file })
    }

    fn accept<T: Value>(
        &mut self,
        row: &Row,
        origin: &Origin,
        given: &Given<'_>,
    ) -> Result<(T, String), Wrong> {
        if given.text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(Wrong::because("is not UTF-8"));
        }
        let value = T::parse(given)?;
        check_bounds(row, &value, given)?;
        if (self.availability)(row.capability) == Availability::Later && !value.is_off() {
            let what = format!("needs {}, which this build lacks", row.capability.words());
            self.problems
                .push(Problem::new(row.name, what).set_by(origin));
        }
        self.remark(row, value.remark());
        Ok((value, T::shown(given)))
    }

    fn check_privacy_of_config(&mut self, path: &Path, key: &str) -> Result<(), Wrong> {
        let Some(file) = &self.layers.file else {
            return Ok(());
        };
        if file.privacy == Privacy::Exposed {
            let path = path.display();
            return Err(Wrong::because(format!(
                "is a secret in a file that others can read or its group can write; \
                 try chmod 600 {path}, or {key}_file"
            )));
        }
        Ok(())
    }

    fn remark(&mut self, row: &Row, remark: Option<String>) {
        self.report
            .notices
            .extend(remark.map(|text| format!("{} {text}", row.name)));
    }

    fn tell_of_old_names(&mut self, row: &Row, origin: &Origin, shadowed: &[Origin]) {
        let ours = row.name;
        if origin.tier == Tier::Legacy {
            let notice = format!("{} accepted; new name {ours}", origin.key);
            self.report.notices.push(notice);
        }
        for old in shadowed.iter().filter(|weaker| weaker.tier == Tier::Legacy) {
            let notice = format!(
                "{} has no effect: {} is set; new name {ours}",
                old.key, origin.key
            );
            self.report.notices.push(notice);
        }
    }
}

fn default_of<T: Value>(row: &Row) -> Option<T> {
    match row.default {
        Some(text) => T::parse(&Given { text, file: None }).ok(),
        None => T::absent(),
    }
}

fn check_bounds<T: Value>(row: &Row, value: &T, given: &Given<'_>) -> Result<(), Wrong> {
    let Some(amount) = value.amount() else {
        return Ok(());
    };
    let bound = |text: Option<&'static str>| {
        let limit = T::parse(&Given {
            text: text?,
            file: None,
        })
        .ok()?
        .amount()?;
        Some((limit, text?))
    };
    let text = given.text;
    match (bound(row.least), bound(row.most)) {
        (Some((least, said)), _) if amount < least => Err(Wrong::because(format!(
            "{text} is too small; at least {said}"
        ))),
        (_, Some((most, said))) if amount > most => Err(Wrong::because(format!(
            "{text} is too large; at most {said}"
        ))),
        _ => Ok(()),
    }
}
