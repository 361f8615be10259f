//! A small build as `npm run build` leaves one.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use trunkline_console::{Files, router_of};

pub(crate) const INDEX: &str = "<!doctype html><title>the app</title>";
pub(crate) const SCRIPT: &str = "_app/immutable/start.abc123.js";
/// What stands for the brotli form; the console never looks inside.
pub(crate) const BROTLI: &[u8] = b"brotli bytes";

/// Writes the build and gives the router over it.
pub(crate) fn console() -> (TempDir, axum::Router) {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "index.html", INDEX);
    put(folder.path(), SCRIPT, "start()");
    let font = folder.path().join("_app/immutable/inter.woff2");
    std::fs::write(font, b"raw font").unwrap();
    let router = router_of(Files::Folder(folder.path().to_owned()));
    (folder, router)
}

fn put(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(content.as_bytes()).unwrap();
    std::fs::write(folder.join(format!("{name}.gz")), gzip.finish().unwrap()).unwrap();
    std::fs::write(folder.join(format!("{name}.br")), BROTLI).unwrap();
}
