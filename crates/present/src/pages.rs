//! All rows of `shadows`, in pages of which each is one batch.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;

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

    /// Takes a row away, if it is there. The last one of its page takes its place.
    pub(crate) fn remove(&mut self, thing: &str, shadow: &str) {
        let Some((number, place)) = self.places.remove(&(thing.into(), shadow.into())) else {
            return;
        };
        let Some(page) = self.pages.get_mut(number) else {
            return;
        };
        page.rows.swap_remove(place);
        page.made = None;
        if let Some(moved) = page.rows.get(place) {
            let key = (moved.thing.clone(), moved.shadow.clone());
            self.places.insert(key, (number, place));
        }
    }

    /// Takes all rows away of the things that `gone` names.
    pub(crate) fn forget(&mut self, gone: &[String]) {
        for thing in gone {
            let shadows: Vec<_> = self
                .places
                .keys()
                .filter(|(name, _)| **name == **thing)
                .map(|(_, shadow)| shadow.clone())
                .collect();
            for shadow in shadows {
                self.remove(thing, &shadow);
            }
        }
    }

    /// Looks the kinds of all things up again.
    pub(crate) fn rename_kinds(&mut self, kind: impl Fn(&str) -> Option<Arc<str>>) {
        for page in &mut self.pages {
            for row in &mut page.rows {
                if let Some(kind) = kind(&row.thing).filter(|kind| *kind != row.kind) {
                    row.kind = kind;
                    page.made = None;
                }
            }
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

    #[cfg(test)]
    fn len(&self) -> usize {
        self.places.len()
    }
}

#[cfg(test)]
mod tests {
    use trunkline_fleet::TwinRow;

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
        pages.forget(&["t00000".into(), "nobody".into()]);
        let names = names(&mut pages);
        assert_eq!(names.len(), BATCH + 1);
        assert_eq!(names[0], "t00002");
        // Those that moved are found where they are now.
        pages.remove("t04095", "");
        assert_eq!(pages.len(), BATCH);
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
        pages.rename_kinds(|thing| (thing == "t04096").then(|| "valve".into()));
        let made: Vec<_> = pages.pages.iter().map(|page| page.made.is_some()).collect();
        assert_eq!(made, [true, false]);
    }
}
