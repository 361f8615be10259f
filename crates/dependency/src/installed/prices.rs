//! The bytes of packages that were fetched already.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use trunkline_project::Ecosystem;

use crate::path;
use crate::price::{Price, Prices};

use super::places::Places;
use super::size::Looking;
use super::{node, python};

/// Prices by what lies on this machine: sources of crates and modules in their caches, packages in `node_modules` and in `.venv` of a
/// checkout. What was never fetched has no price, and neither has what is too large to be looked at.
#[derive(Debug)]
pub struct Installed {
    places: Places,
    looking: Looking,
    node: OnceCell<node::Packages>,
    python: OnceCell<python::Packages>,
}

impl Installed {
    /// What belongs to the checkout at `root` with the files `paths`. `environment` gives the variables that say where caches are: `HOME`,
    /// `CARGO_HOME`, `GOMODCACHE` and `GOPATH`. Nothing is opened before it is asked for.
    #[must_use]
    pub fn new(
        root: &Path,
        paths: &[String],
        environment: &dyn Fn(&str) -> Option<PathBuf>,
    ) -> Self {
        Self {
            places: Places::of(root, paths, environment),
            looking: Looking::default(),
            node: OnceCell::new(),
            python: OnceCell::new(),
        }
    }

    fn bytes(&self, ecosystem: Ecosystem, name: &str, version: &str) -> Option<u64> {
        match ecosystem {
            Ecosystem::Cargo => {
                let places = self.places.crates(name, version);
                places.iter().find_map(|place| self.looking.bytes(place))
            }
            Ecosystem::Go => self.looking.bytes(&self.places.module(name, version)?),
            Ecosystem::Node => {
                let packages = self.node.get_or_init(|| {
                    let mut packages = node::Packages::new();
                    for folder in &self.places.folders {
                        node::find(folder, &self.looking, &mut packages);
                    }
                    packages
                });
                // A copy that was not seen would be missing in the sum.
                if self.looking.is_over() {
                    return None;
                }
                let places = packages.get(&(name.to_owned(), version.to_owned()))?;
                places.iter().try_fold(0_u64, |sum, place| {
                    Some(sum.saturating_add(self.looking.bytes(place)?))
                })
            }
            Ecosystem::Python => {
                let packages = self.python.get_or_init(|| {
                    let mut packages = python::Packages::new();
                    for folder in &self.places.folders {
                        python::find(folder, &self.looking, &mut packages);
                    }
                    packages
                });
                let key = (path::python_name(name), version.to_owned());
                packages.get(&key).copied()
            }
            Ecosystem::Service => None,
        }
    }
}

impl Prices for Installed {
    fn price(&self, ecosystem: Ecosystem, name: &str, version: &str) -> Option<Price> {
        let bytes = self.bytes(ecosystem, name, version)?;
        Some(Price {
            bytes: Some(bytes),
            build_millis: None,
        })
    }
}
