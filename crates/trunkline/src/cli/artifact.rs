//! `trunkline artifact`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with images for updates over the air.
#[derive(Debug, Subcommand)]
pub(crate) enum ArtifactCommand {
    /// Upload an image, which the platform signs
    #[command(
        before_help = "Examples:\n  trunkline artifact put pump-firmware@1.4.0 pump.bin\n  trunkline artifact put pump-firmware@1.4.0 pump.bin --dry-run"
    )]
    Put(ArtifactPut),
    /// List the images
    #[command(
        before_help = "Examples:\n  trunkline artifact list\n  trunkline artifact list --output json | jq '.artifacts[].sha256'"
    )]
    List,
    /// Show an image: its size, hash and signature
    #[command(
        before_help = "Examples:\n  trunkline artifact show pump-firmware@1.4.0\n  trunkline artifact show pump-firmware@1.4.0 | jq -r .signature"
    )]
    Show(ArtifactName),
    /// Remove an image; one that a job uses which is not over stays
    #[command(
        before_help = "Examples:\n  trunkline artifact remove pump-firmware@1.4.0\n  trunkline artifact remove pump-firmware@1.4.0 --dry-run"
    )]
    Remove(ArtifactRemove),
}

/// An image that is to be uploaded.
#[derive(Debug, Args)]
pub(crate) struct ArtifactPut {
    /// What it is called
    #[command(flatten)]
    pub(crate) artifact: ArtifactName,
    /// The file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Say what would be uploaded, but upload nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// An image.
#[derive(Debug, Args)]
pub(crate) struct ArtifactName {
    /// Its name and version
    #[arg(value_name = "NAME@VERSION", value_parser = name_and_version)]
    pub(crate) artifact: (String, String),
}

/// An image that is to be removed.
#[derive(Debug, Args)]
pub(crate) struct ArtifactRemove {
    /// What it is called
    #[command(flatten)]
    pub(crate) artifact: ArtifactName,
    /// Say what would be removed, but remove nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

fn name_and_version(text: &str) -> Result<(String, String), String> {
    // The platform would refuse any other, so nothing has to be written in another way in a path.
    let good = |part: &str| {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
        !part.is_empty() && part.bytes().all(letter)
    };
    match text.split_once('@') {
        Some((name, version)) if good(name) && good(version) => {
            Ok((name.to_owned(), version.to_owned()))
        }
        _ => Err("write a name, `@`, and a version, such as pump-firmware@1.4.0".into()),
    }
}
