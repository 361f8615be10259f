//! All rows of `residuals`, and the models that they come of.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use trunkline_behaviour::{Models, Residual, Twin, Watch};
use trunkline_fleet::{Removed, TwinRow};
use trunkline_model::Timestamp;
use trunkline_twin::Document;

use crate::columns::{reals, texts, times};
use crate::follower::Keep;
use crate::fresh::BATCH;

/// The things whose kind has a model.
#[derive(Debug)]
pub(crate) struct Watches {
    models: Arc<Models>,
    /// The version of the models that was looked at last.
    version: u64,
    things: HashMap<Box<str>, Watched>,
    /// The rows as batches, unless one changed since.
    made: Option<Vec<RecordBatch>>,
}

#[derive(Debug)]
struct Watched {
    kind: Arc<str>,
    /// The number of the time when the document was written.
    written: i64,
    watch: Watch,
}

/// A thing, its kind, and a residual of it.
type Row<'w> = (&'w str, &'w str, &'w Residual);

impl Watches {
    pub(crate) fn new(models: Arc<Models>) -> Self {
        Self {
            version: models.version(),
            models,
            things: HashMap::new(),
            made: None,
        }
    }

    /// Lets the things go whose model is another one now; whether any model may be, so that all documents have to be looked at again.
    pub(crate) fn renew(&mut self) -> bool {
        let version = self.models.version();
        if self.version == version {
            return false;
        }
        self.version = version;
        let models = &self.models;
        self.things.retain(|_, watched| {
            let model = models.of(&watched.kind);
            model.is_some_and(|model| Arc::ptr_eq(&model, watched.watch.model()))
        });
        self.made = None;
        true
    }

    fn remove(&mut self, thing: &str) {
        if self.things.remove(thing).is_some() {
            self.made = None;
        }
    }

    /// All rows as batches.
    ///
    /// # Errors
    /// Where columns are not of the shape.
    pub(crate) fn batches(&mut self, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
        if let Some(made) = &self.made {
            return Ok(made.clone());
        }
        let rows: Vec<Row<'_>> = self
            .things
            .iter()
            .flat_map(|(thing, watched)| {
                let residuals = watched.watch.residuals();
                residuals.map(move |residual| (&**thing, &*watched.kind, residual))
            })
            .collect();
        let batches: Result<Vec<_>, _> =
            rows.chunks(BATCH).map(|rows| batch(rows, schema)).collect();
        let batches = batches?;
        self.made = Some(batches.clone());
        Ok(batches)
    }
}

impl Keep for Watches {
    fn take(&mut self, row: &TwinRow, kind: Arc<str>) {
        // What a device reports of itself is in the classic shadow.
        if !row.shadow.is_empty() {
            return;
        }
        let Some(model) = self.models.of(&kind) else {
            self.remove(&row.thing);
            return;
        };
        let document: Document = match serde_json::from_str(&row.document) {
            Ok(document) => document,
            Err(error) => {
                tracing::warn!(thing = row.thing, %error, "a twin cannot be read");
                self.remove(&row.thing);
                return;
            }
        };
        if document.deleted {
            self.remove(&row.thing);
            return;
        }
        let twin = Twin {
            desired: &document.desired.state,
            desired_times: document.desired.metadata.seconds(),
            reported: &document.reported.state,
            reported_times: document.reported.metadata.seconds(),
            second: document.timestamp,
        };
        if let Some(watched) = self.things.get_mut(row.thing.as_str())
            && watched.kind == kind
            && Arc::ptr_eq(&model, watched.watch.model())
        {
            watched.written = row.written;
            if watched.watch.see(&twin) {
                self.made = None;
            }
            return;
        }
        let watched = Watched {
            kind,
            written: row.written,
            watch: Watch::begin(model, &row.thing, &twin),
        };
        self.things.insert(row.thing.as_str().into(), watched);
        self.made = None;
    }

    fn forget(&mut self, gone: &[Removed]) {
        for gone in gone {
            let watched = self.things.get(gone.thing.as_str());
            if watched.is_some_and(|watched| watched.written <= gone.written) {
                self.remove(&gone.thing);
            }
        }
    }

    fn rename_kinds(&mut self, kind: impl Fn(&str) -> Arc<str>) {
        let before = self.things.len();
        // A thing of another kind begins anew with its next report.
        self.things
            .retain(|thing, watched| kind(thing) == watched.kind);
        if self.things.len() != before {
            self.made = None;
        }
    }

    fn clear(&mut self) {
        self.things.clear();
        self.made = None;
    }
}

/// `rows` as columns.
fn batch(rows: &[Row<'_>], schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let second = |second: i64| Timestamp::from_micros(second.saturating_mul(1_000_000));
    let residuals = || rows.iter().map(|(_, _, residual)| *residual);
    let columns = vec![
        texts(rows.iter().map(|(thing, ..)| Some(*thing))),
        texts(rows.iter().map(|(_, kind, _)| Some(*kind))),
        texts(residuals().map(|residual| Some(&*residual.field))),
        reals(residuals().map(|residual| residual.reported)),
        reals(residuals().map(|residual| residual.expected)),
        reals(residuals().map(|residual| residual.reported - residual.expected)),
        times(residuals().map(|residual| second(residual.since))),
        times(residuals().map(|residual| second(residual.changed))),
    ];
    RecordBatch::try_new(Arc::clone(schema), columns)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::residuals::schema;

    /// The document of a thing whose temperature was reported in this second.
    fn row(thing: &str, second: i64, temperature: &Value) -> TwinRow {
        let reported = json!({
            "state": {"temperature": temperature},
            "metadata": {"temperature": {"timestamp": second}},
        });
        let document = json!({"reported": reported, "version": second, "timestamp": second});
        TwinRow {
            thing: thing.into(),
            shadow: String::new(),
            document: document.to_string(),
            written: second,
        }
    }

    /// Pumps that were read twice.
    fn pumps(models: Arc<Models>, things: &[&str]) -> Watches {
        let mut watches = Watches::new(models);
        for second in [1, 2] {
            for thing in things {
                watches.take(&row(thing, second, &json!(20 + second)), "pump".into());
            }
        }
        watches
    }

    fn names(watches: &mut Watches) -> Vec<String> {
        let batches = watches.batches(&schema().arrow()).unwrap();
        let mut names: Vec<_> = batches
            .iter()
            .flat_map(|batch| trunkline_lake::texts(batch.column(0)).unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_second_report_of_a_thing_with_a_model_makes_a_row() {
        let mut watches = Watches::new(Arc::default());
        watches.take(&row("a", 1, &json!(20)), "pump".into());
        assert!(names(&mut watches).is_empty());
        for second in [1, 2] {
            watches.take(&row("b", second, &json!(second)), "unknown".into());
        }
        let mut named = row("c", 1, &json!(1));
        named.shadow = "other".into();
        watches.take(&named, "pump".into());
        assert_eq!(watches.things.len(), 1);
        watches.take(&row("a", 2, &json!(21)), "pump".into());
        assert_eq!(names(&mut watches), ["a"]);
        watches.take(&row("a", 2, &json!(21)), "pump".into());
        assert!(watches.made.is_some(), "the same is no change");
    }

    #[test]
    fn what_is_gone_deleted_unreadable_or_of_another_kind_has_no_rows() {
        let mut watches = pumps(Arc::default(), &["a", "b", "c", "d", "e"]);
        assert_eq!(names(&mut watches), ["a", "b", "c", "d", "e"]);
        let removed = |thing: &str, written| Removed {
            thing: thing.into(),
            written,
        };
        watches.forget(&[removed("a", 2), removed("b", 1), removed("nobody", 9)]);
        assert_eq!(names(&mut watches), ["b", "c", "d", "e"]);
        let mut deleted = row("b", 3, &json!(1));
        deleted.document = json!({"version": 3, "timestamp": 3, "deleted": true}).to_string();
        watches.take(&deleted, "pump".into());
        let mut unreadable = row("c", 3, &json!(1));
        unreadable.document = "{".into();
        watches.take(&unreadable, "pump".into());
        assert_eq!(names(&mut watches), ["d", "e"]);
        watches.rename_kinds(|thing| match thing {
            "d" => "meter".into(),
            _ => "pump".into(),
        });
        assert_eq!(names(&mut watches), ["e"]);
        watches.clear();
        assert!(names(&mut watches).is_empty());
    }

    #[test]
    fn only_things_whose_model_changed_begin_anew() {
        let models = Arc::new(Models::new());
        let mut watches = pumps(Arc::clone(&models), &["a"]);
        for second in [1, 2] {
            let document = json!({
                "reported": {"state": {"energy": second}, "metadata": {"energy": {"timestamp": second}}},
                "version": second, "timestamp": second,
            });
            let mut row = row("m", second, &json!(1));
            row.document = document.to_string();
            watches.take(&row, "meter".into());
        }
        assert_eq!(names(&mut watches), ["a", "m"]);
        assert!(!watches.renew());
        let text = "kind = \"pump\"\nevery = \"1s\"\n[variables]\ntemperature = { start = 1 }\n\
            [report]\ntemperature = \"temperature\"\n";
        let file = ("behaviour/pump.toml".to_owned(), text.to_owned());
        assert_eq!(models.apply(&[file]), []);
        assert!(watches.renew());
        assert_eq!(names(&mut watches), ["m"]);
    }
}
