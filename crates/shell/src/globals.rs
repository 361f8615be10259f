//! Options of every command, and what follows from them.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use trunkline_model::code;
use trunkline_platform::DataDir;

use crate::{Failure, Loaded, Sources};
use trunkline_terminal::{Color, Format, Printer};

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
    /// The folder that holds everything the platform keeps [default: ~/.local/share/trunkline]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "TRUNKLINE_DATA_DIR",
        hide_env_values = true
    )]
    pub data_dir: Option<PathBuf>,
    /// The configuration file [default: trunkline.toml in the data directory]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TRUNKLINE_CONFIG",
        hide_env_values = true
    )]
    pub config: Option<PathBuf>,
    /// The platform to speak to [default: where the configuration lets it listen, http://127.0.0.1:7070]
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "TRUNKLINE_SERVER",
        hide_env_values = true
    )]
    pub server: Option<String>,
    /// A file with an API token; else TRUNKLINE_TOKEN, else the data directory's own
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "TRUNKLINE_TOKEN_FILE",
        hide_env_values = true
    )]
    pub token_file: Option<PathBuf>,
    /// What data is printed as
    #[arg(long, short, global = true, value_enum, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// The same as --output json
    #[arg(long, global = true, conflicts_with = "output")]
    pub json: bool,
    /// Whether to print in colour
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: Color,
    /// Say less; twice, only errors
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub quiet: u8,
    /// Say more
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
}

impl Globals {
    /// The data directory.
    pub fn data_dir(&self) -> Result<DataDir, Failure> {
        match &self.data_dir {
            Some(path) => Ok(DataDir::new(path)),
            None => DataDir::default_place().ok_or_else(|| {
                Failure::new(
                    &code::CLI_DATA_DIR,
                    "neither HOME nor XDG_DATA_HOME says where data may lie",
                )
            }),
        }
    }

    /// The configuration, with these `section.key=value` above all.
    pub fn load(&self, flags: &[String]) -> Result<Loaded, Failure> {
        let beside = || {
            self.data_dir()
                .ok()
                .map(|data| data.config())
                .filter(|path| path.is_file())
        };
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Loaded::of(&Sources {
            file: self.config.clone().or_else(beside),
            environment: environment.collect(),
            flags: flags.to_vec(),
        })
    }

    /// How much to say: 0 is the usual.
    pub fn verbosity(&self) -> i8 {
        let level = i16::from(self.verbose) - i16::from(self.quiet);
        i8::try_from(level).unwrap_or(i8::MAX)
    }

    /// How to print.
    pub fn printer(&self) -> Printer {
        let format = if self.json {
            Format::Json
        } else {
            self.output.unwrap_or_default()
        };
        Printer {
            format,
            verbosity: self.verbosity(),
        }
    }
}
