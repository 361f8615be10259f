//! The program and its commands.

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use clap_complete::engine::ArgValueCandidates;

use super::{
    AccessCommand, ApiCommand, ArtifactCommand, AuthorityCommand, CertificateCommand,
    ChangeCommand, ConfigCommand, DepsCommand, DeviceCommand, Doctor, FleetCommand, GatewayCommand,
    Globals, GroupCommand, IngestCommand, JobCommand, JoinCommand, LinkCommand, PersonCommand,
    ProjectCommand, QueueCommand, RelationCommand, RepositoryCommand, SampleCommand, Sql, Tail,
    TaskCommand, TemplateCommand, ThingCommand, TokenCommand, TwinCommand, TypeCommand, Up,
    complete,
};
use trunkline_steer::{Rollback, ServiceCommand};
use trunkline_terminal::style;

const EXITS: &str = "Exit codes:
  0 done · 1 it failed · 2 wrong command line or configuration · 3 not there · 4 no or wrong credential
  5 conflict · 6 too slow · 69 no platform answers · 70 fault of the program · 130 Ctrl-C";

/// Events in, one durable log, tables, SQL out: a data-driven DevOps platform in one binary.
#[derive(Debug, Parser)]
#[command(
    name = "trunkline",
    version = concat!(env!("CARGO_PKG_VERSION"), " (", env!("TRUNKLINE_COMMIT"), " ", env!("TRUNKLINE_BUILT"), ")"),
    styles = style::HELP,
    before_help = "Examples:\n  trunkline up --data-dir ./data --sample\n  trunkline sql \"select count(*) from events\"",
    after_help = EXITS,
    arg_required_else_help = true,
    propagate_version = false,
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the platform and run it until Ctrl-C
    #[command(
        before_help = "Examples:\n  trunkline up\n  trunkline up --data-dir ./data --sample --set api.listen=127.0.0.1:8080"
    )]
    Up(Up),
    /// Show how the platform is
    #[command(
        before_help = "Examples:\n  trunkline status\n  trunkline status --output json | jq .log.next_offset"
    )]
    Status,
    /// Run an SQL statement that reads
    #[command(
        before_help = "Examples:\n  trunkline sql \"select type, count(*) from events group by type\"\n  trunkline sql --output csv -f report.sql > report.csv"
    )]
    Sql(Sql),
    /// Show rows as they come in, without a gap even when the connection breaks
    #[command(
        before_help = "Examples:\n  trunkline tail --table logs --contains timeout\n  trunkline tail --from earliest --output jsonl"
    )]
    Tail(Tail),
    /// Send events from a file or from git history
    #[command(
        before_help = "Examples:\n  trunkline ingest events readings.jsonl --type trunkline.telemetry.v1 --source /hall-3\n  trunkline ingest git . --repository shop"
    )]
    Ingest {
        /// What to send.
        #[command(subcommand)]
        command: IngestCommand,
    },
    /// Ask a git repository for its projects, what needs what, and what a change touches; no platform is needed
    #[command(
        before_help = "Examples:\n  trunkline project list\n  trunkline project affected --from origin/trunk"
    )]
    Project {
        /// What to ask.
        #[command(subcommand)]
        command: ProjectCommand,
    },
    /// Make, list and revoke API tokens
    #[command(
        before_help = "Examples:\n  trunkline token create --name ci --scope write\n  trunkline token list"
    )]
    Token {
        /// What to do with tokens.
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// List and invite people
    #[command(
        before_help = "Examples:\n  trunkline person list\n  trunkline person invite --email ben@example.com --role developer"
    )]
    Person {
        /// What to do with people.
        #[command(subcommand)]
        command: PersonCommand,
    },
    /// Ask who may do what, and why
    #[command(
        before_help = "Examples:\n  trunkline access check --as ann@example.com table.read commits\n  trunkline access policies"
    )]
    Access {
        /// What to ask.
        #[command(subcommand)]
        command: AccessCommand,
    },
    /// Look at the gateway's routes and change their weights
    #[command(
        before_help = "Examples:\n  trunkline gateway status\n  trunkline gateway weights orders http://127.0.0.1:9001=90 http://127.0.0.1:9002=10"
    )]
    Gateway {
        /// What to do with the gateway.
        #[command(subcommand)]
        command: GatewayCommand,
    },
    /// Compare, list and learn API documents
    #[command(
        before_help = "Examples:\n  trunkline api diff old.yaml new.yaml\n  trunkline api learn orders > openapi.json"
    )]
    Api {
        /// What to do with API documents.
        #[command(subcommand)]
        command: ApiCommand,
    },
    /// Make, list and remove devices
    #[command(
        before_help = "Examples:\n  trunkline thing create pump-7 --kind pump\n  trunkline thing list"
    )]
    Thing {
        /// What to do with devices.
        #[command(subcommand)]
        command: ThingCommand,
    },
    /// Write and list types of devices: their attributes and what they report
    #[command(
        before_help = "Examples:\n  trunkline type put pump pump.json\n  trunkline type list"
    )]
    Type {
        /// What to do with types.
        #[command(subcommand)]
        command: TypeCommand,
    },
    /// Say what hangs off what, and see what a failure affects
    #[command(
        before_help = "Examples:\n  trunkline relation put thing:pump-7 talks-through thing:gateway-1\n  trunkline relation reach gateway-1"
    )]
    Relation {
        /// What to do with relations.
        #[command(subcommand)]
        command: RelationCommand,
    },
    /// Write templates by which devices provision themselves, and make claim certificates
    #[command(
        before_help = "Examples:\n  trunkline template put pumps pumps.json\n  trunkline template claim pumps --out claim"
    )]
    Template {
        /// What to do with templates.
        #[command(subcommand)]
        command: TemplateCommand,
    },
    /// Show the authority of the platform, and register your own
    #[command(
        before_help = "Examples:\n  trunkline authority show\n  trunkline authority add factory.pem --verification proof.pem"
    )]
    Authority {
        /// What to do with authorities.
        #[command(subcommand)]
        command: AuthorityCommand,
    },
    /// Make, list and take back the certificates of devices
    #[command(
        before_help = "Examples:\n  trunkline certificate create pump-7 --out pump-7\n  trunkline certificate list"
    )]
    Certificate {
        /// What to do with certificates.
        #[command(subcommand)]
        command: CertificateCommand,
    },
    /// Make, list and remove tokens by which devices join
    #[command(
        before_help = "Examples:\n  trunkline join create pump-7\n  trunkline join create 'pump-*' --uses 200"
    )]
    Join {
        /// What to do with tokens.
        #[command(subcommand)]
        command: JoinCommand,
    },
    /// Show a device's twin, and want something of it
    #[command(
        before_help = "Examples:\n  trunkline twin show pump-7\n  trunkline twin want pump-7 '{\"interval\": 10}'"
    )]
    Twin {
        /// What to do with twins.
        #[command(subcommand)]
        command: TwinCommand,
    },
    /// Send commands to devices and see what they answer
    #[command(
        name = "command",
        before_help = "Examples:\n  trunkline command send pump-7 reboot\n  trunkline command list pump-7"
    )]
    Order {
        /// What to do with commands.
        #[command(subcommand)]
        command: DeviceCommand,
    },
    /// Make, follow and call off jobs for many devices
    #[command(
        before_help = "Examples:\n  trunkline job create ota-7 --document ota-7.json --target group:cellar\n  trunkline job show ota-7"
    )]
    Job {
        /// What to do with jobs.
        #[command(subcommand)]
        command: JobCommand,
    },
    /// Upload, list and remove images for updates over the air
    #[command(
        before_help = "Examples:\n  trunkline artifact put pump-firmware@1.4.0 pump.bin\n  trunkline artifact list"
    )]
    Artifact {
        /// What to do with images.
        #[command(subcommand)]
        command: ArtifactCommand,
    },
    /// Make, list and remove git repositories
    #[command(
        before_help = "Examples:\n  trunkline repository create shop\n  trunkline repository list"
    )]
    Repository {
        /// What to do with repositories.
        #[command(subcommand)]
        command: RepositoryCommand,
    },
    /// List, show, approve and land changes
    #[command(
        before_help = "Examples:\n  trunkline change list --state open\n  trunkline change approve 12"
    )]
    Change {
        /// What to do with changes.
        #[command(subcommand)]
        command: ChangeCommand,
    },
    /// Show, pause and resume the landing queue
    #[command(
        before_help = "Examples:\n  trunkline queue show shop\n  trunkline queue pause shop --reason 'the site is down'"
    )]
    Queue {
        /// What to do with the queue.
        #[command(subcommand)]
        command: QueueCommand,
    },
    /// Show services, and hold, skip, pin and promote their deployments
    #[command(
        before_help = "Examples:\n  trunkline service show billing\n  trunkline service log billing"
    )]
    Service {
        /// What to do with services.
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Go back to the release before, at once
    #[command(
        before_help = "Examples:\n  trunkline rollback billing\n  trunkline rollback billing --explain"
    )]
    Rollback(Rollback),
    /// List, run and explain the tasks of a checkout
    #[command(
        before_help = "Examples:\n  trunkline task run build test\n  trunkline task why billing#test"
    )]
    Task {
        /// What to do with tasks.
        #[command(subcommand)]
        command: TaskCommand,
    },
    /// Check and mend what projects need: one version, nothing unused, no known vulnerability
    #[command(before_help = "Examples:\n  trunkline deps check\n  trunkline deps fix --dry-run")]
    Deps {
        /// What to do with what projects need.
        #[command(subcommand)]
        command: DepsCommand,
    },
    /// Make, fill and remove groups of devices
    #[command(
        before_help = "Examples:\n  trunkline group create cellar\n  trunkline group add cellar pump-7"
    )]
    Group {
        /// What to do with groups.
        #[command(subcommand)]
        command: GroupCommand,
    },
    /// Simulate devices, run a copy of the fleet ahead, and make its documents again
    #[command(
        before_help = "Examples:\n  trunkline fleet simulate --kind pump --count 200\n  trunkline fleet what-if --kind pump --set desired.speed=2500 --for 2h"
    )]
    Fleet {
        /// What to do with the fleet.
        #[command(subcommand)]
        command: FleetCommand,
    },
    /// Make links with which a person signs in
    #[command(
        before_help = "Examples:\n  trunkline link create\n  trunkline link create --data-dir ./data"
    )]
    Link {
        /// What to do with links.
        #[command(subcommand)]
        command: LinkCommand,
    },
    /// Show and check the configuration
    #[command(
        before_help = "Examples:\n  trunkline config show --origin\n  trunkline config check --config trunkline.toml"
    )]
    Config {
        /// What to do with the configuration.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Explain an error code
    #[command(
        before_help = "Examples:\n  trunkline explain TL-LOG-001\n  trunkline explain tl-lake-003 --output json"
    )]
    Explain {
        /// The code, as an error names it.
        #[arg(value_name = "CODE", add = ArgValueCandidates::new(complete::codes))]
        code: String,
    },
    /// Look for what keeps the platform from running well
    #[command(
        before_help = "Examples:\n  trunkline doctor\n  trunkline doctor --data-dir ./data --output json"
    )]
    Doctor(Doctor),
    /// Remove the sample that `up --sample` loads
    #[command(
        before_help = "Examples:\n  trunkline sample remove --dry-run\n  trunkline sample remove --yes"
    )]
    Sample {
        /// What to do with the sample.
        #[command(subcommand)]
        command: SampleCommand,
    },
    /// Show the version, the commit and what is built in
    #[command(before_help = "Examples:\n  trunkline version\n  trunkline version --output json")]
    Version,
    /// Print a completion script for a shell
    #[command(
        before_help = "Examples:\n  trunkline completions bash > /etc/bash_completion.d/trunkline\n  source <(COMPLETE=bash trunkline)   # completes tables and tokens too"
    )]
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print a page of docs/reference
    #[command(
        hide = true,
        before_help = "Examples:\n  trunkline reference cli\n  trunkline reference config"
    )]
    Reference {
        /// The page.
        #[arg(value_name = "PAGE")]
        page: crate::reference::Page,
    },
}
