//! `trunkline thing` and `trunkline twin`.

use clap::{Args, Subcommand};

use super::Name;

/// What can be done with devices.
#[derive(Debug, Subcommand)]
pub(crate) enum ThingCommand {
    /// Make a device and print the secret by which it connects
    #[command(
        before_help = "Examples:\n  trunkline thing create pump-7 --kind pump\n  trunkline thing create pump-7 --attribute site=north --dry-run"
    )]
    Create(ThingCreate),
    /// List the devices
    #[command(
        before_help = "Examples:\n  trunkline thing list\n  trunkline thing list --output json | jq '.things[].name'"
    )]
    List,
    /// Show a device
    #[command(
        before_help = "Examples:\n  trunkline thing show pump-7\n  trunkline thing show pump-7 | jq .attributes"
    )]
    Show(Name),
    /// Change what kind of thing a device is, or what else is known of it
    #[command(
        before_help = "Examples:\n  trunkline thing set pump-7 --attribute site=hall-2\n  trunkline thing set pump-7 --kind pump --without owner --dry-run"
    )]
    Set(ThingSet),
    /// Remove a device and its twins, and end its connection
    #[command(
        before_help = "Examples:\n  trunkline thing remove pump-7\n  trunkline thing remove pump-7 --dry-run"
    )]
    Remove(ThingName),
    /// Give a device a new secret and end its connection
    #[command(
        before_help = "Examples:\n  trunkline thing renew pump-7\n  trunkline thing renew pump-7 --dry-run"
    )]
    Renew(ThingName),
    /// Make many devices out of a file, and a certificate for each that has none in the folder; a device that is there already stays as it is
    #[command(
        before_help = "Examples:\n  trunkline thing import pumps.jsonl --out certificates\n  trunkline thing import pumps.jsonl --out certificates --dry-run"
    )]
    Import(ThingImport),
}

/// Devices that are to be made.
#[derive(Debug, Args)]
pub(crate) struct ThingImport {
    /// A file with a JSON object on each line: `name`, and maybe `kind`, `attributes` and `request`, the text of a certificate signing request (PEM), without which the platform makes the key too
    #[arg(value_name = "FILE")]
    pub(crate) file: std::path::PathBuf,
    /// The folder in which each device gets a folder with `root.pem`, `device.pem` and `device.key`
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: std::path::PathBuf,
    /// For how many days the certificates are good
    #[arg(long, default_value_t = 365)]
    pub(crate) days: u32,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A device that is to be made.
#[derive(Debug, Args)]
pub(crate) struct ThingCreate {
    /// Its name, which is its client id too
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What kind of thing it is
    #[arg(long, default_value = "")]
    pub(crate) kind: String,
    /// What else is known of it
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    pub(crate) attributes: Vec<(String, String)>,
    /// Say what would be made, but make nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// A device.
#[derive(Debug, Args)]
pub(crate) struct ThingName {
    /// The device
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Say what would change, but change nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What is to change about a device; what is not named stays.
#[derive(Debug, Args)]
pub(crate) struct ThingSet {
    /// The device
    #[arg(value_name = "THING")]
    pub(crate) name: String,
    /// What kind of thing it is
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// What else is known of it
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = attribute)]
    pub(crate) attributes: Vec<(String, String)>,
    /// An attribute that goes
    #[arg(long, value_name = "NAME")]
    pub(crate) without: Vec<String>,
    /// Say what would change, but change nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// What can be done with twins.
#[derive(Debug, Subcommand)]
pub(crate) enum TwinCommand {
    /// Show what is wanted of a device, what is, and the difference
    #[command(
        before_help = "Examples:\n  trunkline twin show pump-7\n  trunkline twin show pump-7 --shadow network"
    )]
    Show(TwinName),
    /// Want something of a device
    #[command(
        before_help = "Examples:\n  trunkline twin want pump-7 '{\"interval\": 10}'\n  trunkline twin want pump-7 '{\"interval\": null}' --version 4"
    )]
    Want(TwinWant),
}

/// A twin.
#[derive(Debug, Args)]
pub(crate) struct TwinName {
    /// The device
    #[arg(value_name = "THING")]
    pub(crate) thing: String,
    /// The shadow's name, where it is not the classic one
    #[arg(long)]
    pub(crate) shadow: Option<String>,
}

/// What is wanted.
#[derive(Debug, Args)]
pub(crate) struct TwinWant {
    /// The twin
    #[command(flatten)]
    pub(crate) twin: TwinName,
    /// A JSON object that is united with what is wanted already; null removes
    #[arg(value_name = "JSON", value_parser = object)]
    pub(crate) desired: serde_json::Value,
    /// Only where the twin still has this version
    #[arg(long)]
    pub(crate) version: Option<u64>,
}

fn attribute(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or("write a name, `=`, and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn object(text: &str) -> Result<serde_json::Value, String> {
    match serde_json::from_str(text) {
        Ok(value @ serde_json::Value::Object(_)) => Ok(value),
        Ok(_) => Err("write a JSON object, such as {\"interval\": 10}".into()),
        Err(error) => Err(format!("this is no JSON: {error}")),
    }
}
