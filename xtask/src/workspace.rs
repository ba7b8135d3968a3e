//! What `cargo metadata` says about the workspace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::cargo::cargo;

/// The workspace: where it lies, and its own packages.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// Our packages, in cargo's order.
    pub(crate) packages: Vec<Package>,
}

/// One package of ours.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    /// The folder of its manifest.
    pub(crate) dir: PathBuf,
    /// The names of its benchmark targets.
    pub(crate) benches: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency as a manifest declares it, by the name of the package it means.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// Whether the shipped crate needs a dependency, or its tests alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A normal or a build dependency.
    Shipped,
    /// A dev-dependency.
    Test,
}

impl Workspace {
    /// Asks cargo, without resolving anything, so without the network.
    pub(crate) fn load() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let mut command = cargo(&["metadata", "--format-version=1", "--no-deps"]);
        let output = command
            .arg("--manifest-path")
            .arg(manifest)
            .output()
            .context("start cargo")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "cargo metadata failed: {complaint}"
        );
        let metadata = serde_json::from_slice(&output.stdout).context("read cargo metadata")?;
        Self::read(&metadata).context("find the expected fields in cargo metadata")
    }

    fn read(metadata: &Value) -> Option<Self> {
        let packages = metadata.get("packages")?.as_array()?;
        Some(Self {
            root: metadata.get("workspace_root")?.as_str()?.into(),
            target: metadata.get("target_directory")?.as_str()?.into(),
            packages: packages.iter().map(Package::read).collect::<Option<_>>()?,
        })
    }
}

impl Package {
    fn read(package: &Value) -> Option<Self> {
        let manifest = Path::new(package.get("manifest_path")?.as_str()?);
        let dependencies = package.get("dependencies")?.as_array()?;
        let targets = package.get("targets")?.as_array()?;
        Some(Self {
            name: text(package, "name")?,
            description: text(package, "description"),
            dir: manifest.parent()?.to_owned(),
            benches: targets
                .iter()
                .filter(|t| is_bench(t))
                .filter_map(|t| text(t, "name"))
                .collect(),
            dependencies: dependencies
                .iter()
                .map(Dependency::read)
                .collect::<Option<_>>()?,
        })
    }
}

impl Dependency {
    fn read(dependency: &Value) -> Option<Self> {
        let is_dev = dependency.get("kind")?.as_str() == Some("dev");
        let kind = if is_dev { Kind::Test } else { Kind::Shipped };
        Some(Self {
            name: text(dependency, "name")?,
            kind,
        })
    }
}

fn is_bench(target: &Value) -> bool {
    target
        .get("kind")
        .and_then(Value::as_array)
        .is_some_and(|kinds| kinds.contains(&"bench".into()))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Workspace};

    #[test]
    fn the_packages_and_both_kinds_of_dependencies_are_read() {
        let metadata = serde_json::json!({
            "workspace_root": "/w", "target_directory": "/w/target",
            "packages": [{
                "name": "sink-a", "description": null, "manifest_path": "/w/crates/sink-a/Cargo.toml",
                "targets": [{"name": "sink_a", "kind": ["lib"]}, {"name": "speed", "kind": ["bench"]}],
                "dependencies": [
                    {"name": "events-core", "kind": null},
                    {"name": "cc", "kind": "build"},
                    {"name": "sink-testkit", "kind": "dev"},
                ],
            }],
        });
        let workspace = Workspace::read(&metadata).unwrap();
        let package = &workspace.packages[0];
        assert_eq!(package.dir, std::path::Path::new("/w/crates/sink-a"));
        assert_eq!(package.benches, ["speed"]);
        let kinds: Vec<_> = package
            .dependencies
            .iter()
            .map(|d| (d.name.as_str(), d.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                ("events-core", Kind::Shipped),
                ("cc", Kind::Shipped),
                ("sink-testkit", Kind::Test)
            ]
        );
    }

    #[test]
    fn metadata_of_another_shape_is_refused() {
        assert!(Workspace::read(&serde_json::json!({"packages": []})).is_none());
    }

    #[test]
    fn the_workspace_knows_this_package() {
        let workspace = Workspace::load().unwrap();
        assert!(
            workspace
                .packages
                .iter()
                .any(|package| package.name == env!("CARGO_PKG_NAME"))
        );
    }
}
