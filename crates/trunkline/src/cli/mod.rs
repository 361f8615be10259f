//! What can be typed.

mod arguments;
mod artifact;
mod certificate;
mod complete;
mod config;
mod fleet;
mod forge;
mod gateway;
mod ingest;
mod people;
mod platform;
mod project;
mod query;
mod registry;
mod simulate;
mod task;
mod token;
mod work;

pub use arguments::Cli;
pub(crate) use arguments::Command;
pub(crate) use artifact::{ArtifactCommand, ArtifactName, ArtifactPut};
pub(crate) use certificate::{CertificateCommand, CertificateCreate, JoinCommand, Named};
pub(crate) use config::{ConfigCommand, Settings, ShowConfig};
pub(crate) use fleet::{
    ThingCommand, ThingCreate, ThingImport, ThingName, ThingSet, TwinCommand, TwinName, TwinWant,
};
pub(crate) use forge::{
    ChangeAct, ChangeCommand, ChangeList, ChangeStateName, MirrorCommand, MirrorSet, QueueCommand,
    QueuePause, RepositoryCommand, RepositoryCreate, RepositoryRemove,
};
pub(crate) use gateway::{ApiCommand, ApiDiff, ApiLearn, GatewayCommand, GatewayWeights};
pub(crate) use ingest::{IngestCommand, IngestEvents, IngestGit};
pub(crate) use people::{AccessCheck, AccessCommand, PersonCommand, PersonInvite};
pub(crate) use platform::{Doctor, SampleCommand, SampleRemove, Up};
pub(crate) use project::{AtCommit, ProjectCommand, ProjectGraph, Range, Why};
pub(crate) use query::{Sql, Tail};
pub(crate) use registry::{
    AuthorityAdd, AuthorityCommand, Claim, FromFile, Name, Reach, Related, RelationCommand,
    Removal, TemplateCommand, TypeCommand,
};
pub(crate) use simulate::{FleetCommand, Rebuild, Simulate, WhatIf};
pub(crate) use task::{
    DepsCommand, DepsFix, Results, TaskCommand, TaskList, TaskLog, TaskRun, TaskWhy,
};
pub(crate) use token::{LinkCommand, TokenCommand, TokenCreate, TokenRevoke};
pub(crate) use trunkline_shell::Globals;
pub(crate) use work::{
    CommandList, CommandSend, DeviceCommand, GroupCommand, GroupCreate, JobCancel, JobCommand,
    JobCreate, JobRemove, JobRollback, Member,
};
