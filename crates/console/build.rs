//! Makes cargo notice a new build of the console. It never builds the console itself: npm is the Makefile's work.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
    let dist = Path::new("../../web/dist");
    let built = ["index.html", "index.html.br", "index.html.gz"]
        .iter()
        .any(|name| dist.join(name).exists());
    if !built {
        println!(
            "cargo::warning=the console is not built, so the binary serves a page that says so: run `make console`"
        );
    }
}
