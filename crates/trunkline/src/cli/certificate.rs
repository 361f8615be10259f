//! `trunkline certificate` and `trunkline join`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with the certificates of devices.
#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// Make a certificate for a device and write it, its chain and its key to files
    #[command(
        before_help = "Examples:\n  trunkline certificate create pump-7 --out pump-7\n  trunkline certificate create pump-7 --request pump-7.csr --out pump-7"
    )]
    Create(CertificateCreate),
    /// List certificates
    #[command(
        before_help = "Examples:\n  trunkline certificate list\n  trunkline certificate list --output json"
    )]
    List,
    /// Take a certificate back for good, and end its connections
    #[command(
        before_help = "Examples:\n  trunkline certificate revoke 80f71aa2c9df…\n  trunkline certificate revoke 80f71aa2c9df… --dry-run"
    )]
    Revoke(Named),
}

/// A certificate that is to be made.
#[derive(Debug, Args)]
pub(crate) struct CertificateCreate {
    /// The device
    #[arg(value_name = "THING")]
    pub(crate) thing: String,
    /// A file with a certificate signing request; without it the platform makes the key too
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// The folder for `root.pem`, `device.pem` and `device.key`
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) out: PathBuf,
    /// For how many days
    #[arg(long, default_value_t = 365)]
    pub(crate) days: u32,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// Something with an id.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Say what would change, but change nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What can be done with the tokens by which devices join.
#[derive(Debug, Subcommand)]
pub(crate) enum JoinCommand {
    /// Make a token by which devices join, and print its secret
    #[command(
        before_help = "Examples:\n  trunkline join create pump-7\n  trunkline join create 'pump-*' --kind pump --uses 200 --hours 24"
    )]
    Create(JoinCreate),
    /// List the tokens
    #[command(
        before_help = "Examples:\n  trunkline join list\n  trunkline join list --output json"
    )]
    List,
    /// Remove a token: nobody joins by it any more
    #[command(
        before_help = "Examples:\n  trunkline join remove join_0a1b2c3d4e5f6071\n  trunkline join remove join_0a1b2c3d4e5f6071 --dry-run"
    )]
    Remove(Named),
}

/// A token that is to be made.
#[derive(Debug, Args)]
pub(crate) struct JoinCreate {
    /// The device's name, or the beginning of one and a `*`
    #[arg(value_name = "PATTERN")]
    pub(crate) pattern: String,
    /// What kind of thing joins
    #[arg(long, default_value = "")]
    pub(crate) kind: String,
    /// How many may join
    #[arg(long, default_value_t = 1)]
    pub(crate) uses: u32,
    /// For how long it is good
    #[arg(long, default_value_t = 24)]
    pub(crate) hours: u64,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}
