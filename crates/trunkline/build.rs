//! Collects the pages of error codes, and what git says about the commit that is built. Nothing here needs a network.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    pages(&root.join("docs/errors"))?;
    commit(&root);
    // See docs/decisions/0014.
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
    Ok(())
}

/// Writes a sorted table of all pages to `OUT_DIR/pages.rs`.
fn pages(folder: &Path) -> Outcome {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut names: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    names.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    names.sort();
    let mut table = String::from(
        "/// Codes and their pages, sorted by code.\nconst PAGES: &[(&str, &str)] = &[\n",
    );
    for path in &names {
        let code = path.file_stem().unwrap_or_default().to_string_lossy();
        writeln!(
            table,
            "    ({:?}, include_str!({:?})),",
            code,
            path.display().to_string()
        )?;
    }
    table.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("pages.rs"), table)?;
    Ok(())
}

/// Tells the compiler the commit and its date; "unknown" outside a git repository.
fn commit(root: &Path) {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(root)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let unknown = || Some("unknown".to_owned());
    let hash = git(&["rev-parse", "--short=12", "HEAD"]).or_else(unknown);
    let date = git(&["show", "--no-patch", "--format=%cs", "HEAD"]).or_else(unknown);
    println!(
        "cargo::rustc-env=TRUNKLINE_COMMIT={}",
        hash.unwrap_or_default()
    );
    println!(
        "cargo::rustc-env=TRUNKLINE_BUILT={}",
        date.unwrap_or_default()
    );
    // These change with each commit and each switch of branches, and a file that is missing would mean a build each time.
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name]).map(|path| root.join(path));
        if let Some(path) = path.filter(|path| path.exists()) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}
