use std::fmt;

use super::{Subject, SubjectPattern, SubjectTemplate, TemplateError};
use crate::{Event, Problem, Violations};

/// Which subject an event's type leads to: the first route whose pattern matches the type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Routes(Vec<Route>);

/// One class of events and the subjects they go to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Route {
    name: Box<str>,
    types: SubjectPattern,
    template: SubjectTemplate,
}

impl Routes {
    /// The built-in routes under `prefix`, with `other` as the template of all other types.
    ///
    /// # Errors
    /// What is wrong with the template or the prefix.
    pub fn standard(prefix: &str, other: &str) -> Result<Self, TemplateError> {
        let mut routes = Vec::new();
        for (name, types, template) in STANDARD {
            routes.push(Route::parse(name, types, template, prefix)?);
        }
        routes.push(Route::parse("events", ">", other, prefix)?);
        Ok(Self(routes))
    }

    /// Routes of one's own, each a type pattern and a template. Named `r1`, `r2` and so on.
    ///
    /// # Errors
    /// What is wrong with the first malformed one.
    pub fn custom<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        prefix: &str,
    ) -> Result<Self, TemplateError> {
        let routes = pairs
            .into_iter()
            .enumerate()
            .map(|(index, (types, template))| {
                Route::parse(&format!("r{}", index + 1), types, template, prefix)
            });
        let routes: Vec<Route> = routes.collect::<Result<_, _>>()?;
        if routes.is_empty() {
            Err(TemplateError::NoRoutes)
        } else {
            Ok(Self(routes))
        }
    }

    /// The route of `event` and its subject. Pure.
    ///
    /// # Errors
    /// No route matches its type, or a value of the event makes no token.
    pub fn resolve(&self, event: &Event) -> Result<(&Route, Subject), Violations> {
        let (route, rest) = self.route_and_rest(event)?;
        let subject = route.template.resolve_with_rest(event, rest)?;
        Ok((route, subject))
    }

    /// The route of `event`, which has a subject by it. Pure, and cheaper than
    /// [`resolve`](Self::resolve).
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn route_of(&self, event: &Event) -> Result<&Route, Violations> {
        let (route, rest) = self.route_and_rest(event)?;
        route.template.check(event, rest)?;
        Ok(route)
    }

    /// The routes in the order they are tried.
    pub fn iter(&self) -> std::slice::Iter<'_, Route> {
        self.0.iter()
    }

    /// The first route whose pattern matches, and what its last `>` stands for.
    fn route_and_rest<'a>(&self, event: &'a Event) -> Result<(&Route, &'a str), Violations> {
        let kind = event.kind().as_str();
        let mut matching = self.iter().filter_map(|route| {
            let rest = route.types.rest_of(kind)?;
            Some((route, rest))
        });
        matching.next().ok_or_else(|| {
            let rule = "one that a route leads from, in dot-separated tokens";
            Violations::one("type", Problem::MustBe(rule))
        })
    }
}

impl Default for Routes {
    /// The built-in routes under the prefix `consign`.
    fn default() -> Self {
        Self::standard("consign", Route::OTHER).unwrap_or(Self(Vec::new()))
    }
}

impl<'a> IntoIterator for &'a Routes {
    type Item = &'a Route;
    type IntoIter = std::slice::Iter<'a, Route>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Route {
    /// The template of types that have no route of their own.
    pub const OTHER: &'static str = "{prefix}.events.{tenantId}.{type}";

    /// The route's name, one token, which chains of signed events bear.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The types it is for.
    #[must_use]
    pub fn types(&self) -> &SubjectPattern {
        &self.types
    }

    /// The subjects it leads to.
    #[must_use]
    pub fn template(&self) -> &SubjectTemplate {
        &self.template
    }

    /// The narrowest pattern of all subjects that it can lead to.
    ///
    /// A type of any number of tokens can stand anywhere in a template, and `>` only at the end, so
    /// what follows such a type is part of the `>`.
    #[must_use]
    pub fn subjects(&self) -> SubjectPattern {
        self.template.pattern(&self.types)
    }

    fn parse(name: &str, types: &str, template: &str, prefix: &str) -> Result<Self, TemplateError> {
        let pattern: SubjectPattern = types
            .parse()
            .map_err(|_| TemplateError::BadPattern(types.to_owned()))?;
        let template = if pattern.is_open() {
            SubjectTemplate::parse_with_rest(template, prefix)?
        } else {
            SubjectTemplate::parse(template, prefix)?
        };
        Ok(Self {
            name: name.into(),
            types: pattern,
            template,
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.types, self.template)
    }
}

/// Name, types and template of the built-in routes. A type that extends `embed.requests` or
/// `embed.results` is of its class; a bare class name has no `{rest}` and is like any other type.
const STANDARD: [(&str, &str, &str); 9] = [
    ("audit", "audit.>", "{prefix}.audit.{tenantId}.{rest}"),
    ("embed", "embed.requests", "{prefix}.embed.requests"),
    (
        "embed",
        "embed.requests.>",
        "{prefix}.embed.requests.{rest}",
    ),
    ("embed", "embed.results", "{prefix}.embed.results"),
    ("embed", "embed.results.>", "{prefix}.embed.results.{rest}"),
    ("embeddlq", "embed.dlq", "{prefix}.embed.dlq"),
    ("embeddlq", "embed.dlq.>", "{prefix}.embed.dlq"),
    ("mcp", "mcp.>", "{prefix}.mcp.{rest}"),
    ("mcpgw", "mcpgw.>", "mcpgw.{rest}"),
];

#[cfg(test)]
mod tests {
    use super::Routes;

    #[test]
    fn a_template_becomes_the_narrowest_pattern() {
        for (types, template, expected) in [
            (">", "{prefix}.events.{tenantId}.{type}", "a.b.events.*.>"),
            ("audit.>", "x.{tenantId}.{rest}", "x.*.>"),
            ("orders.*", "shop.{type}.{source}", "shop.orders.*.*"),
            ("orders.>", "shop.{type}.{source}", "shop.orders.>"),
            ("orders.paid", "{prefix}.{type}", "a.b.orders.paid"),
            (">", "fixed.subject", "fixed.subject"),
        ] {
            let routes = Routes::custom([(types, template)], "a.b").unwrap();
            let route = routes.iter().next().unwrap();
            assert_eq!(route.subjects().as_str(), expected);
        }
    }
}
