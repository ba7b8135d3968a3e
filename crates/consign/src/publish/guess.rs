use events_core::subject::{Route, Routes, Subject};

/// What a subject says of the events that belong there.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Guess {
    pub(super) kind: String,
    pub(super) tenant: Option<String>,
}

impl Guess {
    /// Reads the subject as the route that leads to it wrote it; else the type is what stands
    /// below the prefix.
    pub(super) fn of(subject: &Subject, routes: &Routes, prefix: &str) -> Self {
        let mut guesses = routes
            .iter()
            .filter_map(|route| read(subject, route, prefix));
        guesses.next().unwrap_or_else(|| {
            let text = subject.as_str();
            let below = text
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix('.'));
            Self {
                kind: below.unwrap_or(text).to_owned(),
                tenant: None,
            }
        })
    }
}

fn read(subject: &Subject, route: &Route, prefix: &str) -> Option<Guess> {
    let template = route.template().as_str().replace("{prefix}", prefix);
    let types = route.types().as_str();
    let mut guess = Guess {
        kind: types.to_owned(),
        tenant: None,
    };
    let mut tokens = subject.tokens();
    for part in template.split('.') {
        match part {
            "{type}" | "{rest}" => {
                let rest = tokens.by_ref().collect::<Vec<_>>().join(".");
                if rest.is_empty() {
                    return None;
                }
                guess.kind = match part {
                    "{rest}" => types.strip_suffix('>')?.to_owned() + &rest,
                    _ => rest,
                };
            }
            "{tenantId}" => guess.tenant = Some(tokens.next()?.to_owned()),
            _ if part.starts_with('{') => {
                tokens.next()?;
            }
            _ if tokens.next()? != part => return None,
            _ => {}
        }
    }
    let is_whole = tokens.next().is_none();
    let is_kind = !guess.kind.contains(['*', '>']);
    (is_whole && is_kind).then_some(guess)
}

#[cfg(test)]
mod tests {
    use events_core::subject::{Route, Routes};

    use super::Guess;

    #[test]
    fn a_subject_says_the_type_that_leads_to_it() {
        let routes = Routes::standard("acme", Route::OTHER).unwrap();
        for (subject, kind, tenant) in [
            ("acme.events.t1.run.started", "run.started", Some("t1")),
            ("acme.audit.t1.login", "audit.login", Some("t1")),
            ("acme.embed.requests", "embed.requests", None),
            ("acme.embed.results.r1", "embed.results.r1", None),
            ("mcpgw.gw1.events.tool", "mcpgw.gw1.events.tool", None),
            ("acme.events.t1", "events.t1", None),
            ("elsewhere.a", "elsewhere.a", None),
        ] {
            let guess = Guess::of(&subject.parse().unwrap(), &routes, "acme");
            let expected = Guess {
                kind: kind.to_owned(),
                tenant: tenant.map(str::to_owned),
            };
            assert_eq!(guess, expected, "{subject}");
        }
    }
}
