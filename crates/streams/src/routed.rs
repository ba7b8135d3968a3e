//! Which subjects a route leads to, as one pattern.

use events_core::subject::Route;

use crate::Class;
use crate::pattern::covers;

/// The narrowest pattern of all subjects that `route` can lead to.
///
/// A type of any number of tokens can stand anywhere in a template, and `>` only at the end, so
/// what follows such a type is part of the `>`.
pub(crate) fn subjects(route: &Route, prefix: &str) -> String {
    let mut tokens: Vec<&str> = Vec::new();
    let template = route.template().as_str().replace("{prefix}", prefix);
    for token in template.split('.') {
        match token {
            "{type}" => tokens.extend(route.types().as_str().split('.')),
            "{rest}" => tokens.push(">"),
            placeholder if placeholder.starts_with('{') => tokens.push("*"),
            literal => tokens.push(literal),
        }
        if tokens.last() == Some(&">") {
            break;
        }
    }
    tokens.join(".")
}

/// The class of a route's events.
pub(crate) fn class(route: &Route) -> Class {
    if covers("audit.>", route.types().as_str()) {
        Class::Audit
    } else {
        Class::Events
    }
}

#[cfg(test)]
mod tests {
    use events_core::subject::Routes;

    use super::subjects;

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
            assert_eq!(subjects(route, "a.b"), expected);
        }
    }
}
