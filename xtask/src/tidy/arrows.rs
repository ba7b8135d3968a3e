//! Who may import whom.

use crate::tidy::Finding;
use crate::workspace::{Dependency, Kind, Package};

/// Every dependency between our packages that the table does not grant, and every package that
/// the table does not know.
pub(crate) fn findings(packages: &[Package]) -> Vec<Finding> {
    packages
        .iter()
        .flat_map(|package| findings_of(package, packages))
        .collect()
}

/// What a package may import of ours.
#[derive(Debug, Clone, Copy)]
enum May {
    Only(&'static [&'static str]),
    AnyBut(&'static [&'static str]),
}

impl May {
    fn grants(self, name: &str) -> bool {
        match self {
            Self::Only(names) => names.contains(&name),
            Self::AnyBut(names) => !names.contains(&name),
        }
    }
}

fn findings_of(package: &Package, packages: &[Package]) -> Vec<Finding> {
    let Some((_, may)) = SHIPPED.iter().find(|(name, _)| *name == package.name) else {
        let text = "not in the table of who may import whom (xtask/src/tidy/arrows.rs)";
        return vec![Finding::new(&package.name, text)];
    };
    let complaint = |dependency: &Dependency| {
        let (may, place) = match dependency.kind {
            Kind::Shipped => (*may, ""),
            Kind::Test => (TESTS, " in its tests"),
        };
        let name = &dependency.name;
        (!may.grants(name))
            .then(|| Finding::new(&package.name, format!("must not import {name}{place}")))
    };
    let ours = |dependency: &&Dependency| packages.iter().any(|p| p.name == dependency.name);
    package
        .dependencies
        .iter()
        .filter(ours)
        .filter_map(complaint)
        .collect()
}

/// The house's table, for what ships.
const SHIPPED: &[(&str, May)] = &[
    ("events-core", May::Only(&[])),
    ("events-disk", May::Only(&[])),
    ("events-runtime", May::Only(&["events-core"])),
    ("events-bus", May::Only(&["events-core"])),
    ("streams", May::Only(&["events-core"])),
    ("sink-jetstream", May::Only(&["events-core"])),
    ("sink-jsonl", May::Only(&["events-core", "events-disk"])),
    ("sink-k8s", May::Only(&["events-core"])),
    ("sink-log", May::Only(&["events-core"])),
    ("sink-redact", May::Only(&["events-core"])),
    ("sink-sign", May::Only(&["events-core"])),
    ("sink-store", May::Only(&["events-core"])),
    // a spooled record's signature is checked before it is redriven
    (
        "sink-dlq",
        May::Only(&["events-core", "events-disk", "sink-sign"]),
    ),
    ("events-router", May::Only(&["events-core", "events-bus"])),
    // sinks, history, live tail and spool come in through ports that it defines
    ("events-http", May::Only(&["events-core"])),
    // the only crate that sees every sink
    (
        "supervisor",
        May::AnyBut(&["consign", "consign-examples", "sink-testkit", "xtask"]),
    ),
    ("consign", May::Only(CONSIGN)),
    ("sink-testkit", May::Only(&["events-core"])),
    // an example may show whatever a user can import
    ("consign-examples", May::AnyBut(&["consign", "xtask"])),
    ("xtask", May::Only(&[])),
];

const CONSIGN: &[&str] = &[
    "events-core",
    "events-http",
    "events-router",
    "sink-dlq",
    "sink-sign",
    "streams",
    "supervisor",
];

/// Tests may use the testkit, and whatever else a chain is composed of.
const TESTS: May = May::AnyBut(&["consign", "consign-examples", "xtask"]);

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::workspace::{Dependency, Kind, Package};

    fn package(name: &str, imports: &[(&str, Kind)]) -> Package {
        let dependency = |(name, kind): &(&str, Kind)| Dependency {
            name: (*name).into(),
            kind: *kind,
        };
        let dependencies = imports.iter().map(dependency).collect();
        Package {
            name: name.into(),
            dependencies,
            ..Package::default()
        }
    }

    fn judged(packages: &[Package]) -> Vec<String> {
        findings(packages).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_the_table_does_not_grant_fails_by_name() {
        let packages = [
            package("events-core", &[("serde", Kind::Shipped)]),
            package("sink-sign", &[("events-core", Kind::Shipped)]),
            package(
                "sink-jsonl",
                &[
                    ("sink-sign", Kind::Shipped),
                    ("sink-testkit", Kind::Shipped),
                ],
            ),
            package("sink-testkit", &[("events-core", Kind::Shipped)]),
        ];
        assert_eq!(
            judged(&packages),
            [
                "sink-jsonl: must not import sink-sign",
                "sink-jsonl: must not import sink-testkit"
            ]
        );
    }

    #[test]
    fn tests_may_import_the_testkit_and_other_sinks_but_no_program() {
        let packages = [
            package("consign", &[]),
            package("sink-sign", &[]),
            package("sink-testkit", &[]),
            package(
                "sink-jsonl",
                &[
                    ("sink-testkit", Kind::Test),
                    ("sink-sign", Kind::Test),
                    ("consign", Kind::Test),
                ],
            ),
        ];
        assert_eq!(
            judged(&packages),
            ["sink-jsonl: must not import consign in its tests"]
        );
    }

    #[test]
    fn a_package_that_the_table_does_not_know_fails() {
        assert!(judged(&[package("sink-new", &[])])[0].contains("not in the table"));
    }
}
