//! The things of the forge.

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RepositoryInfo {
    /// Its name, which is a part of its address.
    pub name: String,
    /// The branch that everything lands on.
    pub trunk: String,
    /// What it is for.
    pub description: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// The landing queue takes changes and lands none.
    pub paused: bool,
    /// Why, as whoever paused it said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pause_reason: String,
    /// The repository elsewhere that its trunk follows. It takes no changes of its own then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
}

impl RepositoryInfo {
    /// What tells it from one of the same name that is made later: that one has nothing of what belongs to this.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{}-{}", self.name, self.created.as_micros())
    }
}

/// A repository that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRepository {
    /// Small letters, digits and `-`, at most 63, beginning with a letter.
    pub name: String,
    /// The branch that everything lands on.
    #[serde(default = "trunk")]
    pub trunk: String,
    /// What it is for, in at most 500 bytes.
    #[serde(default)]
    pub description: String,
}

fn trunk() -> String {
    "trunk".to_owned()
}

/// How a change is to land.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As soon as its tasks are green.
    Ship,
    /// The same, and others are asked to look at it afterwards.
    Show,
    /// Once somebody else approved it.
    Ask,
}

impl Mode {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::Show => "show",
            Self::Ask => "ask",
        }
    }
}

/// Where a change is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// It waits for a review.
    Open,
    /// It is in the landing queue.
    Queued,
    /// It is in the trunk.
    Landed,
    /// It did not land; pushed again it is queued again.
    Refused,
    /// It was given up.
    Abandoned,
}

impl ChangeState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Queued => "queued",
            Self::Landed => "landed",
            Self::Refused => "refused",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether nothing becomes of it any more: pushed again it is a new change.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Landed | Self::Abandoned)
    }
}

/// A change: one commit on its way to the trunk, which stays the same change when the commit is amended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// Its number, which no other change has.
    pub number: i64,
    /// The repository.
    pub repository: String,
    /// What stays the same of its commits; see `docs/guide/changes.md`.
    pub identity: String,
    /// How it is to land.
    pub mode: Mode,
    /// Where it is.
    pub state: ChangeState,
    /// How often it was pushed, with different commits.
    pub revision: u32,
    /// The commit that was pushed last.
    pub commit: String,
    /// The first line of its message.
    pub title: String,
    /// Who wrote it, as the commit has it.
    pub author: String,
    /// Who pushed it.
    pub owner: String,
    /// The change that it stands on and that did not land yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<i64>,
    /// What it belongs to, as it was pushed with `-o topic=`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// The commit of the trunk that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landed: Option<String>,
    /// Why it did not land.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it is in the queue with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing: Option<String>,
    /// When it was pushed first.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When something became of it.
    #[schema(value_type = String, format = DateTime)]
    pub updated: Timestamp,
}

/// One state of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Revision {
    /// Which one, counted from 1.
    pub revision: u32,
    /// Its commit.
    pub commit: String,
    /// When it was pushed.
    #[schema(value_type = String, format = DateTime)]
    pub pushed: Timestamp,
    /// Who pushed it.
    pub by: String,
}

/// What a reviewer says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewVerdict {
    /// It may land.
    Approved,
    /// It should not land like that.
    ChangesWanted,
}

/// What somebody said of one revision of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Review {
    /// Who.
    pub reviewer: String,
    /// Of which revision.
    pub revision: u32,
    /// What.
    pub verdict: ReviewVerdict,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
}

/// Which side of a diff a comment is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What was there before.
    Old,
    /// What is there with the change.
    #[default]
    New,
}

/// A comment on a change, or on a line of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comment {
    /// Its id.
    pub id: String,
    /// The revision that it is about.
    pub revision: u32,
    /// The file, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line, counted from 1, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Which side of the diff the line is on.
    pub side: Side,
    /// The comment that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// What it says, as Markdown.
    pub text: String,
    /// Nothing has to be done about it any more.
    pub resolved: bool,
    /// Who wrote it.
    pub author: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub time: Timestamp,
}

/// A comment that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// What it says, as Markdown, in at most 16 KiB.
    pub text: String,
    /// The revision that it is about; the newest where it is left out.
    #[serde(default)]
    pub revision: Option<u32>,
    /// The file.
    #[serde(default)]
    pub path: Option<String>,
    /// The line, counted from 1.
    #[serde(default)]
    pub line: Option<u32>,
    /// Which side of the diff the line is on.
    #[serde(default)]
    pub side: Side,
    /// The comment that it answers.
    #[serde(default)]
    pub reply_to: Option<String>,
}

/// A change with all that belongs to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeDetails {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// The rest of its message.
    pub body: String,
    /// The changes that it stands on and that stand on it, the lowest first, itself among them; only those that are not over.
    pub stack: Vec<i64>,
    /// Its states, the oldest first.
    pub revisions: Vec<Revision>,
    /// What was said of it as a whole.
    pub reviews: Vec<Review>,
    /// What was said of it and its lines.
    pub comments: Vec<Comment>,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It runs.
    Running,
    /// It ended well.
    Green,
    /// It failed.
    Red,
    /// It took too long.
    TimedOut,
    /// Nobody wanted it any more, or the platform stopped.
    Cancelled,
}

impl RunState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Green => "green",
            Self::Red => "red",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A run of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The repository.
    pub repository: String,
    /// What it was run for.
    pub landing: String,
    /// The change that it was run for.
    pub change: i64,
    /// The project, such as `cargo:billing`.
    pub project: String,
    /// Its name, such as `test`.
    pub task: String,
    /// What its outcome depends on.
    pub key: String,
    /// The commit that it ran for.
    pub commit: String,
    /// What became of it.
    pub state: RunState,
    /// The result was known and nothing ran.
    pub cached: bool,
    /// It was red and green for the same key.
    pub flaky: bool,
    /// What its command ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started: Timestamp,
    /// Milliseconds that it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<i64>,
}
