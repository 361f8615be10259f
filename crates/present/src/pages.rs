//! All rows of `shadows`, in pages of which each is one batch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use trunkline_fleet::{Removed, TwinRow};

use crate::follower::Keep;
use crate::fresh::BATCH;
use crate::shadow::{Shadow, batch};

/// Names a shadow.
type Key = (Box<str>, Box<str>);

/// Some rows, and the batch that was made of them, unless one changed since.
#[derive(Debug, Default)]
struct Page {
    rows: Vec<Shadow>,
    made: Option<RecordBatch>,
}

/// The rows.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    pages: Vec<Page>,
    /// Where each row lies: its page, and its place there.
    places: HashMap<Key, (usize, usize)>,
}

impl Pages {
    /// Puts a row in the place of the one of the same name, or behind all others.
    pub(crate) fn put(&mut self, row: Shadow) {
        let key = (row.thing.clone(), row.shadow.clone());
        if let Some((page, place)) = self.places.get(&key).copied() {
            if let Some(page) = self.pages.get_mut(page)
                && let Some(there) = page.rows.get_mut(place)
            {
                *there = row;
                page.made = None;
            }
            return;
        }
        if self
            .pages
            .last()
            .is_none_or(|page| page.rows.len() >= BATCH)
        {
            self.pages.push(Page::default());
        }
        let number = self.pages.len() - 1;
        if let Some(page) = self.pages.last_mut() {
            self.places.insert(key, (number, page.rows.len()));
            page.rows.push(row);
            page.made = None;
        }
    }

    /// Takes a row away, if it is there. The very last one takes its place, so that pages stay full.
    pub(crate) fn remove(&mut self, thing: &str, shadow: &str) {
        let Some((number, place)) = self.places.remove(&(thing.into(), shadow.into())) else {
            return;
        };
        let last = self.pages.last_mut().and_then(|page| {
            page.made = None;
            page.rows.pop()
        });
        if self.pages.last().is_some_and(|page| page.rows.is_empty()) {
            self.pages.pop();
        }
        let hole = self.pages.get_mut(number);
        // Where the row was the very last one itself, there is no hole.
        if let (Some(last), Some(page)) = (last, hole)
            && let Some(there) = page.rows.get_mut(place)
        {
            let key = (last.thing.clone(), last.shadow.clone());
            *there = last;
            page.made = None;
            self.places.insert(key, (number, place));
        }
    }

    /// All rows as batches; only pages that changed are made anew.
    ///
    /// # Errors
    /// Where columns are not of the shape.
    pub(crate) fn batches(&mut self, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
        let mut batches = Vec::with_capacity(self.pages.len());
        for page in self.pages.iter_mut().filter(|page| !page.rows.is_empty()) {
            let made = match page.made.take() {
                Some(made) => made,
                None => batch(&page.rows, schema)?,
            };
            batches.push(page.made.insert(made).clone());
        }
        Ok(batches)
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}

impl Keep for Pages {
    fn take(&mut self, row: &TwinRow, kind: Arc<str>) {
        match Shadow::of(row, kind) {
            Ok(Some(shadow)) => self.put(shadow),
            Ok(None) => self.remove(&row.thing, &row.shadow),
            // One that cannot be read hides no other; `fleet rebuild` mends it.
            Err(error) => {
                tracing::warn!(thing = row.thing, shadow = row.shadow, %error, "a twin cannot be read");
                self.remove(&row.thing, &row.shadow);
            }
        }
    }

    fn forget(&mut self, gone: &[Removed]) {
        if gone.is_empty() {
            return;
        }
        let gone: HashMap<&str, i64> = gone
            .iter()
            .map(|gone| (gone.thing.as_str(), gone.written))
            .collect();
        let rows = self.pages.iter().flat_map(|page| &page.rows);
        let of_gone = |row: &&Shadow| {
            let until = gone.get(&*row.thing);
            until.is_some_and(|until| row.written <= *until)
        };
        let keys: HashSet<Key> = rows
            .filter(of_gone)
            .map(|row| (row.thing.clone(), row.shadow.clone()))
            .collect();
        for (thing, shadow) in keys {
            self.remove(&thing, &shadow);
        }
    }

    fn rename_kinds(&mut self, kind: impl Fn(&str) -> Arc<str>) {
        for page in &mut self.pages {
            for row in &mut page.rows {
                let kind = kind(&row.thing);
                if kind != row.kind {
                    row.kind = kind;
                    page.made = None;
                }
            }
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shadows::schema;

    fn row(thing: &str, version: u64) -> Shadow {
        let row = TwinRow {
            thing: thing.into(),
            shadow: String::new(),
            document: format!(r#"{{"version":{version},"timestamp":7}}"#),
            written: 1,
        };
        Shadow::of(&row, "pump".into()).unwrap().unwrap()
    }

    fn removed(thing: &str, written: i64) -> Removed {
        Removed {
            thing: thing.into(),
            written,
        }
    }

    fn names(pages: &mut Pages) -> Vec<String> {
        let batches = pages.batches(&schema().arrow()).unwrap();
        let mut names: Vec<_> = batches
            .iter()
            .flat_map(|batch| trunkline_lake::texts(batch.column(0)).unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn rows_are_put_replaced_and_taken_away() {
        let mut pages = Pages::default();
        for n in 0..BATCH + 3 {
            pages.put(row(&format!("t{n:05}"), 1));
        }
        assert_eq!((pages.pages.len(), pages.len()), (2, BATCH + 3));
        pages.put(row("t00001", 2));
        assert_eq!(pages.len(), BATCH + 3);
        pages.remove("t00001", "");
        pages.remove("t00001", "");
        pages.forget(&[removed("t00000", 1), removed("nobody", 1)]);
        pages.forget(&[removed("t00003", 0)]);
        let names = names(&mut pages);
        assert_eq!(names.len(), BATCH + 1);
        assert_eq!(names[0], "t00002");
        // Those that moved are found where they are now, and no page is left half empty.
        pages.remove("t04098", "");
        assert_eq!((pages.pages.len(), pages.len()), (1, BATCH));
        for n in 0..BATCH + 3 {
            pages.remove(&format!("t{n:05}"), "");
        }
        assert_eq!((pages.pages.len(), pages.len()), (0, 0));
    }

    #[test]
    fn only_changed_pages_are_made_anew() {
        let mut pages = Pages::default();
        for n in 0..BATCH + 1 {
            pages.put(row(&format!("t{n:05}"), 1));
        }
        names(&mut pages);
        pages.put(row("t00001", 2));
        let made: Vec<_> = pages.pages.iter().map(|page| page.made.is_some()).collect();
        assert_eq!(made, [false, true]);
        names(&mut pages);
        pages.rename_kinds(|thing| match thing {
            "t04096" => "valve".into(),
            _ => "pump".into(),
        });
        let made: Vec<_> = pages.pages.iter().map(|page| page.made.is_some()).collect();
        assert_eq!(made, [true, false]);
    }
}
