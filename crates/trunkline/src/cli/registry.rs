//! `trunkline type`, `trunkline relation`, `trunkline template` and `trunkline authority`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with types of devices.
#[derive(Debug, Subcommand)]
pub(crate) enum TypeCommand {
    /// Write a type out of a file: a `description`, and JSON Schemas as `attributes`, which devices must fit, and `reported`, which they should
    #[command(
        before_help = "Examples:\n  trunkline type put pump pump.json\n  trunkline type put pump pump.json --dry-run"
    )]
    Put(FromFile),
    /// List the types
    #[command(
        before_help = "Examples:\n  trunkline type list\n  trunkline type list --output json"
    )]
    List,
    /// Show a type with its schemas
    #[command(
        before_help = "Examples:\n  trunkline type show pump\n  trunkline type show pump | jq .reported"
    )]
    Show(Name),
    /// Remove a type; its devices stay
    #[command(
        before_help = "Examples:\n  trunkline type remove pump\n  trunkline type remove pump --dry-run"
    )]
    Remove(Removal),
}

/// What can be done with what hangs off what.
#[derive(Debug, Subcommand)]
pub(crate) enum RelationCommand {
    /// Say that one end is related to another
    #[command(
        before_help = "Examples:\n  trunkline relation put thing:pump-7 talks-through thing:gateway-1\n  trunkline relation put thing:pump-7 stands-in place:cellar --dry-run"
    )]
    Put(Related),
    /// List the relations of a device
    #[command(
        before_help = "Examples:\n  trunkline relation list gateway-1\n  trunkline relation list gateway-1 --output json"
    )]
    List(Name),
    /// List all that hangs off a device, which is what its failure affects
    #[command(
        before_help = "Examples:\n  trunkline relation reach gateway-1\n  trunkline relation reach gateway-1 --depth 1 --kind talks-through"
    )]
    Reach(Reach),
    /// Say that one end is not related to another any more
    #[command(
        before_help = "Examples:\n  trunkline relation remove thing:pump-7 talks-through thing:gateway-1\n  trunkline relation remove thing:pump-7 stands-in place:cellar --dry-run"
    )]
    Remove(Related),
}

/// What can be done with the templates by which devices provision themselves.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Write a template out of a file: `body`, a template of AWS IoT fleet provisioning, and maybe `allowed`, values that parameters may have
    #[command(
        before_help = "Examples:\n  trunkline template put pumps pumps.json\n  trunkline template put pumps pumps.json --dry-run"
    )]
    Put(FromFile),
    /// List the templates
    #[command(
        before_help = "Examples:\n  trunkline template list\n  trunkline template list --output json"
    )]
    List,
    /// Make a claim certificate: who shows it may provision devices by the template, and nothing else
    #[command(
        before_help = "Examples:\n  trunkline template claim pumps --out claim\n  trunkline template claim pumps --dry-run"
    )]
    Claim(Claim),
    /// Remove a template: nobody is provisioned by it any more
    #[command(
        before_help = "Examples:\n  trunkline template remove pumps\n  trunkline template remove pumps --dry-run"
    )]
    Remove(Removal),
}

/// What can be done with authorities whose certificates devices may show.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthorityCommand {
    /// Show the platform's authority, and those that were registered
    #[command(
        before_help = "Examples:\n  trunkline authority show\n  trunkline authority show | jq -r .registration_code"
    )]
    Show,
    /// Register another authority: devices with its certificates join by connecting
    #[command(
        before_help = "Examples:\n  trunkline authority add factory.pem --verification proof.pem\n  trunkline authority add factory.pem --verification proof.pem --dry-run"
    )]
    Add(AuthorityAdd),
    /// Remove an authority; devices that joined by it stay
    #[command(
        before_help = "Examples:\n  trunkline authority remove 80f71aa2c9df…\n  trunkline authority remove 80f71aa2c9df… --dry-run"
    )]
    Remove(Removal),
}

/// Something that stands in a file.
#[derive(Debug, Args)]
pub(crate) struct FromFile {
    /// What it is called
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The file, a JSON object
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Say what would be written, but write nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// Something with a name.
#[derive(Debug, Args)]
pub(crate) struct Name {
    /// What it is called
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// Something that is to be removed.
#[derive(Debug, Args)]
pub(crate) struct Removal {
    /// What it is called
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Say what would be removed, but remove nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A relation.
#[derive(Debug, Args)]
pub(crate) struct Related {
    /// Where it begins, such as `thing:pump-7`
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// What kind of relation it is, such as `talks-through`
    #[arg(value_name = "KIND")]
    pub(crate) kind: String,
    /// Where it leads, such as `place:cellar`
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// Say what would change, but change nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// How far to look.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// The device
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Relations that one has to follow at the most
    #[arg(long, default_value_t = 3)]
    pub(crate) depth: u32,
    /// Follow relations of this kind alone
    #[arg(long)]
    pub(crate) kind: Option<String>,
}

/// A claim certificate that is to be made.
#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// The template
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The folder for `root.pem`, `device.pem` and `device.key`
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) out: PathBuf,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// An authority that is to be registered.
#[derive(Debug, Args)]
pub(crate) struct AuthorityAdd {
    /// The file with its certificate (PEM)
    #[arg(value_name = "FILE")]
    pub(crate) certificate: PathBuf,
    /// A file with a certificate that it signed for the registration code as common name (PEM), which proves that its key is yours
    #[arg(long, value_name = "FILE")]
    pub(crate) verification: PathBuf,
    /// Say what would be registered, but register nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}
