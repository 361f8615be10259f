//! The sample's files in the workspace.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The files of the sample in the workspace, which are removed when they are dropped.
#[derive(Debug)]
pub struct Files(Vec<PathBuf>);

impl Files {
    /// Writes them; the sample's shop listens at `address`.
    ///
    /// # Errors
    /// The workspace cannot be written.
    pub fn write(workspace: &Path, address: SocketAddr) -> std::io::Result<Self> {
        let routes = include_str!("shop/routes.toml").replace("{address}", &address.to_string());
        let document = include_str!("shop/openapi.yaml").to_owned();
        let readings = include_str!("fleet/readings.toml").to_owned();
        let mut files = Self(Vec::new());
        // The document first, so that the routes find it.
        for (name, text) in [
            ("apis/sample-shop/openapi.yaml", document),
            ("gateway/sample.toml", routes),
            ("telemetry/sample.toml", readings),
        ] {
            let path = workspace.join(name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, text)?;
            files.0.push(path);
        }
        Ok(files)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for path in &self.0 {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(file = %path.display(), %error, "a file of the sample stays in the workspace");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_there_as_long_as_the_sample_runs() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::write(folder.path(), ([127, 0, 0, 1], 7).into()).unwrap();
        let routes = folder.path().join("gateway/sample.toml");
        let text = std::fs::read_to_string(&routes).unwrap();
        assert!(text.contains("http://127.0.0.1:7\""), "{text}");
        drop(files);
        assert!(!routes.exists());
    }
}
