//! A mirror.

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

/// Which side has the trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The other: the trunk here follows it, and takes no changes.
    From,
    /// This: the other side follows the trunk here, and gets its tags.
    To,
}

impl Direction {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::To => "to",
        }
    }
}

/// How a mirror is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MirrorState {
    /// It was not looked after yet.
    New,
    /// Both sides are the same.
    Same,
    /// The last time something went wrong; it is tried again.
    Failing,
}

impl MirrorState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
            Self::Failing => "failing",
        }
    }
}

/// A mirror of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mirror {
    /// The repository here.
    pub repository: String,
    /// What tells it from one of the same name that is made later.
    #[serde(skip)]
    pub(crate) identity: String,
    /// Which side has the trunk.
    pub direction: Direction,
    /// The address of the other.
    pub url: String,
    /// Its branch.
    pub branch: String,
    /// The name that is shown to the other side.
    pub user: String,
    /// The name of the secret that is shown to it; none where it asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How it is.
    pub state: MirrorState,
    /// What went wrong the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The commit that both sides had the last time that all was well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When it was looked after the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked: Option<Timestamp>,
}

/// A mirror that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMirror {
    /// Which side has the trunk.
    pub direction: Direction,
    /// The address of the other, such as `https://github.com/acme/shop.git`, without a name or password in it.
    pub url: String,
    /// Its branch.
    #[serde(default = "main")]
    pub branch: String,
    /// The name that is shown to the other side; most take any beside a token.
    #[serde(default = "git")]
    pub user: String,
    /// The name of the secret that is shown to it, as tasks name secrets: `TRUNKLINE_SECRET_` and the name in the platform's environment.
    #[serde(default)]
    pub secret: Option<String>,
}

fn main() -> String {
    "main".to_owned()
}

fn git() -> String {
    "git".to_owned()
}

/// What the other side's webhook is to be set to. It is shown once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookInfo {
    /// Where it sends pushes to, as JSON.
    pub address: String,
    /// Its secret: GitHub and Gitea sign with it, GitLab shows it.
    pub secret: String,
}
