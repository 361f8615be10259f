//! The built-in views: named statements over tables, each declared with what it tells.

use crate::schema::{Column, ColumnType};

/// A named statement over tables, which statements read as they read a table.
///
/// It holds no rows of its own: whoever asks it sees of its tables what they may see of them, and nothing where one is hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its name in SQL.
    pub name: String,
    /// What it tells, in a sentence for people.
    pub about: String,
    /// One statement that reads. It names tables and views that are there already.
    pub query: String,
    /// The columns that the statement gives, in its order.
    pub columns: Vec<Column>,
}

/// Declares a view whose statement stands in the file of its name beside this one.
macro_rules! view {
    ($name:ident $about:literal { $($column:literal $kind:ident $comment:literal;)* }) => {
        View {
            name: stringify!($name).into(),
            about: $about.into(),
            query: include_str!(concat!("views/", stringify!($name), ".sql")).trim_end().into(),
            columns: vec![$(Column::new($column, ColumnType::$kind, $comment)),*],
        }
    };
}

/// All built-in views; one that reads another stands behind it.
#[must_use]
pub fn built_in() -> Vec<View> {
    vec![
        lead_time(),
        task_cost(),
        flake_rate(),
        delivery(),
        service_delivery(),
    ]
}

fn lead_time() -> View {
    view!(lead_time "How long each change took from its first push to the trunk: a row for each change that landed." {
        "time" Timestamp "When it landed.";
        "repository" String "The repository.";
        "change" Integer "The number of the change.";
        "title" String "The first line of its message.";
        "author" String "Who wrote it.";
        "mode" String "ship, show or ask.";
        "revisions" Integer "How often it was pushed.";
        "commit" String "The commit of the trunk that it became.";
        "pushed" Timestamp "When it was pushed first.";
        "seconds" Float "Seconds from the first push to the trunk.";
    })
}

fn task_cost() -> View {
    view!(task_cost "What each task costs by day: what ran, what did not have to, and how long it took." {
        "day" Date "The UTC day.";
        "repository" String "The repository.";
        "project" String "The project.";
        "task" String "build, test, lint or another name.";
        "runs" Integer "Runs that did the work.";
        "run_seconds" Float "Seconds that these took together.";
        "cached" Integer "Runs whose result was taken from the cache.";
        "cached_share" Float "The share of the latter, 0 to 1.";
        "saved_seconds" Float "Seconds that the cache saved: what the task's green runs take on average, less what the cache took.";
    })
}

fn flake_rate() -> View {
    view!(flake_rate "How often each task is a flake: red, although the very same inputs were green in another run." {
        "time" Timestamp "The last flake; absent where there was none.";
        "repository" String "The repository.";
        "project" String "The project.";
        "task" String "build, test, lint or another name.";
        "runs" Integer "Runs that did the work and were not stopped.";
        "flakes" Integer "Those that were red for nothing.";
        "share" Float "The share of the latter, 0 to 1.";
    })
}

fn delivery() -> View {
    view!(delivery "What the landing queue did by day: what landed, what was refused, and how long it took." {
        "day" Date "The UTC day.";
        "repository" String "The repository.";
        "landings" Integer "What landed together, each counted once.";
        "landed_changes" Integer "Changes that landed.";
        "refusals" Integer "What was refused together, each counted once.";
        "refused_changes" Integer "Changes that were refused.";
        "lead_seconds_median" Float "Seconds from the first push to the trunk: half of the changes took less.";
        "lead_seconds_p95" Float "The same: 95 of 100 changes took less.";
        "tasks" Integer "Tasks that had to be green for what landed.";
        "ran" Integer "Those that had to run; of the others the result was known.";
    })
}

fn service_delivery() -> View {
    view!(service_delivery "What the releases of each service did by day: how many, how many were taken back, how long they took, and how soon it was well again." {
        "day" Date "The UTC day.";
        "service" String "The service.";
        "deployments" Integer "Releases that got requests.";
        "not_started" Integer "Releases that got none: they did not start, or did not stay up.";
        "taken_back" Integer "Releases that were taken back, by themselves or by somebody.";
        "change_failure_share" Float "The share of the latter, 0 to 1; absent where nothing was deployed.";
        "lead_seconds_median" Float "Seconds from the first push of the change until its release had settled: half took less.";
        "lead_seconds_p95" Float "The same: 95 of 100 took less.";
        "recovery_seconds_median" Float "Seconds from the first request of a release that was taken back until the one before served again: half took less.";
        "recovery_seconds_p95" Float "The same: 95 of 100 took less.";
    })
}
