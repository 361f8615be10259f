//! One package in several versions.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_project::Ecosystem;

use crate::lock::LockFile;
use crate::model::{Cost, Finding, Kind};
use crate::price::Prices;
use crate::version::Version;

/// How many names a message has room for.
const NAMES: usize = 5;

/// A version of a package, and where it is: by lock, the places in it.
struct Present<'a> {
    text: &'a str,
    version: Option<Version>,
    places: BTreeMap<usize, Vec<usize>>,
}

type Packages<'a> = BTreeMap<(Ecosystem, &'a str), BTreeMap<&'a str, BTreeMap<usize, Vec<usize>>>>;

pub(crate) fn find(locks: &[LockFile], prices: &dyn Prices) -> Vec<Finding> {
    let mut packages: Packages<'_> = BTreeMap::new();
    for (number, file) in locks.iter().enumerate() {
        for (place, package) in file.outside() {
            let versions = packages.entry((file.ecosystem, &package.name)).or_default();
            let places = versions.entry(&package.version).or_default();
            places.entry(number).or_default().push(place);
        }
    }
    let several = packages
        .into_iter()
        .filter(|(_, versions)| versions.len() > 1);
    several
        .filter_map(|((ecosystem, name), versions)| {
            let versions = versions.into_iter().map(|(text, places)| Present {
                text,
                version: Version::parse(ecosystem, text),
                places,
            });
            finding(ecosystem, name, versions.collect(), locks, prices)
        })
        .collect()
}

fn finding(
    ecosystem: Ecosystem,
    name: &str,
    mut versions: Vec<Present<'_>>,
    locks: &[LockFile],
    prices: &dyn Prices,
) -> Option<Finding> {
    versions.sort_by(|one, other| (&one.version, one.text).cmp(&(&other.version, other.text)));
    let texts: Vec<&str> = versions.iter().map(|one| one.text).collect();
    // Where one would do, the first that could go is shown; otherwise the lowest of all.
    let pair = versions
        .windows(2)
        .position(|pair| series(&pair[0]) == series(&pair[1]));
    let shown = pair.unwrap_or(0);
    let kind = if pair.is_some() {
        Kind::Duplicate
    } else {
        Kind::MajorDuplicate
    };
    let old = &versions[shown];
    let newer = versions[shown..]
        .iter()
        .rfind(|one| series(one) == series(old))?
        .text;
    let (number, places) = old.places.first_key_value()?;
    let file = &locks[*number];
    let line = file.line(*places.first()?);
    let (extra, _) = versions.split_at(versions.len() - 1);
    let problem = format!(
        "`{name}` is there in {} versions: {}",
        texts.len(),
        texts.join(", ")
    );
    let mut finding = Finding::new(kind, &file.path, line, problem).about(ecosystem, name);
    let projects = extra.iter().flat_map(|one| {
        let files = one.places.iter();
        files.flat_map(|(number, places)| locks[*number].reached_by(places))
    });
    finding.projects = projects.collect::<BTreeSet<_>>().into_iter().collect();
    finding.cost = cost(extra, locks, prices);
    if kind == Kind::Duplicate {
        finding.hint = Some(format!("{newer} can stand for {}", old.text));
        finding.command = file.unite(name, old.text, newer);
    } else {
        finding.hint = brought_in(file, places, old.text);
    }
    Some(finding)
}

/// Versions that promise to fit one another; one that cannot be read fits itself alone.
fn series<'a>(one: &'a Present<'_>) -> Result<(u64, u64, u64), &'a str> {
    one.version.as_ref().map(Version::series).ok_or(one.text)
}

fn brought_in(file: &LockFile, places: &[usize], version: &str) -> Option<String> {
    let by = file.needed_by(places);
    if by.is_empty() {
        return None;
    }
    let first: Vec<&str> = by.iter().take(NAMES).map(String::as_str).collect();
    let more = by.len() - first.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Some(format!(
        "{version} is brought in by {}{more}",
        first.join(", ")
    ))
}

/// What `extra` versions bring in that would go with them.
fn cost(extra: &[Present<'_>], locks: &[LockFile], prices: &dyn Prices) -> Option<Cost> {
    let mut by_lock: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, places) in extra.iter().flat_map(|one| &one.places) {
        by_lock.entry(*number).or_default().extend(places);
    }
    let mut cost = Cost::default();
    // A package that two locks have is built and shipped once.
    let mut counted = BTreeSet::new();
    for (number, group) in by_lock {
        let file = &locks[number];
        for place in file.only_through(&group)? {
            let package = &file.lock.packages[place];
            if !counted.insert((&package.name, &package.version)) {
                continue;
            }
            cost.packages += 1;
            let price = prices.price(file.ecosystem, &package.name, &package.version);
            let price = price.unwrap_or_default();
            add(&mut cost.bytes, price.bytes);
            cost.unmeasured += usize::from(price.bytes.is_none());
            add(&mut cost.build_millis, price.build_millis);
        }
    }
    Some(cost)
}

fn add(sum: &mut Option<u64>, more: Option<u64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or_default().saturating_add(more));
    }
}
