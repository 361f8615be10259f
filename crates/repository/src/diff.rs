//! What differs between two states of all files.

use std::ops::ControlFlow;

use gix::ObjectId;
use gix::bstr::{BStr, ByteSlice as _};
use gix::diff::blob::{Algorithm, Hunk as Span, InternedInput, diff_with_slider_heuristics};
use gix::object::tree::diff::Change;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Bare, RepositoryError, commit};

/// Lines around a change that are shown.
const AROUND: u32 = 3;
/// Files of one answer.
const FILES: usize = 1_000;
/// Bytes of a file whose lines are compared.
const LARGE: u64 = 1 << 20;
/// Lines of one answer, over all files.
const LINES: usize = 50_000;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another content or mode.
    Changed,
    /// It has another path, and perhaps another content.
    Moved,
}

/// What a line of a diff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// On both sides.
    Same,
    /// Only on the new side.
    Added,
    /// Only on the old side.
    Removed,
}

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DiffLine {
    /// What it is.
    pub kind: LineKind,
    /// Its text, without its end.
    pub text: String,
}

/// Lines of a file that changed, with those around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hunk {
    /// The first of its lines on the old side, counted from 1.
    pub old_line: u32,
    /// The first of its lines on the new side, counted from 1.
    pub new_line: u32,
    /// The lines.
    pub lines: Vec<DiffLine>,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FileDiff {
    /// Its path, or where it was.
    pub path: String,
    /// Where it was, if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_path: Option<String>,
    /// What became of it.
    pub status: FileStatus,
    /// Lines that came.
    pub added: u32,
    /// Lines that went.
    pub removed: u32,
    /// It is no text, or too large to be compared.
    pub opaque: bool,
    /// Where it changed; nothing where it is opaque, or the answer would be too large.
    pub hunks: Vec<Hunk>,
}

/// One file on both sides, as the trees have it.
struct Pair {
    path: String,
    old_path: Option<String>,
    status: FileStatus,
    old: Option<ObjectId>,
    new: Option<ObjectId>,
}

impl Bare {
    /// What differs from `old` to `new`, which are commits; from nothing where `old` is nothing. In the order of paths.
    ///
    /// # Errors
    /// [`RepositoryError`] where a commit is not there, or they differ in more than 1,000 files.
    pub fn diff(
        &self,
        old: Option<ObjectId>,
        new: ObjectId,
    ) -> Result<Vec<FileDiff>, RepositoryError> {
        let repository = self.local();
        let empty = || ObjectId::empty_tree(gix::hash::Kind::Sha1);
        let old = match old {
            Some(old) => commit::read(&repository, old)?.tree,
            None => empty(),
        };
        let new = commit::read(&repository, new)?.tree;
        let mut left = LINES;
        pairs(&repository, old, new)?
            .into_iter()
            .map(|pair| compare(&repository, pair, &mut left))
            .collect()
    }
}

fn pairs(
    repository: &gix::Repository,
    old: ObjectId,
    new: ObjectId,
) -> Result<Vec<Pair>, RepositoryError> {
    let tree = |id: ObjectId| repository.find_tree(id).map_err(RepositoryError::io);
    let (old, new) = (
        if old == ObjectId::empty_tree(gix::hash::Kind::Sha1) {
            repository.empty_tree()
        } else {
            tree(old)?
        },
        tree(new)?,
    );
    let mut pairs = Vec::new();
    let mut platform = old.changes().map_err(RepositoryError::io)?;
    platform.options(|options| {
        options
            .track_path()
            .track_rewrites(Some(gix::diff::Rewrites::default()));
    });
    let walked = platform.for_each_to_obtain_tree(&new, |change| {
        pairs.extend(pair(&change));
        Ok(if pairs.len() > FILES {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    });
    if pairs.len() > FILES {
        return Err(RepositoryError::Limit(format!(
            "more than {FILES} files differ"
        )));
    }
    walked.map_err(RepositoryError::io)?;
    pairs.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(pairs)
}

/// The file that `change` is about; nothing where it is about a folder.
fn pair(change: &Change<'_, '_, '_>) -> Option<Pair> {
    let text = |path: &BStr| path.to_str_lossy().into_owned();
    if change.entry_mode().is_tree() {
        return None;
    }
    let plain = |status, old, new| Pair {
        path: text(change.location()),
        old_path: None,
        status,
        old,
        new,
    };
    Some(match change {
        Change::Addition { id, .. } => plain(FileStatus::Added, None, Some(id.detach())),
        Change::Deletion { id, .. } => plain(FileStatus::Removed, Some(id.detach()), None),
        Change::Modification {
            previous_id, id, ..
        } => plain(
            FileStatus::Changed,
            Some(previous_id.detach()),
            Some(id.detach()),
        ),
        Change::Rewrite {
            source_location,
            source_id,
            id,
            copy,
            ..
        } => Pair {
            old_path: Some(text(source_location)),
            ..plain(
                if *copy {
                    FileStatus::Added
                } else {
                    FileStatus::Moved
                },
                Some(source_id.detach()),
                Some(id.detach()),
            )
        },
    })
}

fn compare(
    repository: &gix::Repository,
    pair: Pair,
    left: &mut usize,
) -> Result<FileDiff, RepositoryError> {
    let (old, new) = (
        content(repository, pair.old)?,
        content(repository, pair.new)?,
    );
    let mut file = FileDiff {
        path: pair.path,
        old_path: pair.old_path,
        status: pair.status,
        added: 0,
        removed: 0,
        opaque: true,
        hunks: Vec::new(),
    };
    let (Some(old), Some(new)) = (old, new) else {
        return Ok(file);
    };
    file.opaque = false;
    let input = InternedInput::new(old.as_slice(), new.as_slice());
    let diff = diff_with_slider_heuristics(Algorithm::Histogram, &input);
    (file.added, file.removed) = (diff.count_additions(), diff.count_removals());
    let hunks = together(diff.hunks(), &input);
    let lines: usize = hunks.iter().map(|hunk| hunk.lines.len()).sum();
    if lines <= *left {
        *left -= lines;
        file.hunks = hunks;
    }
    Ok(file)
}

/// The lines of a file; nothing where it is no text or too large, empty where there is no file.
fn content(
    repository: &gix::Repository,
    id: Option<ObjectId>,
) -> Result<Option<Vec<u8>>, RepositoryError> {
    let Some(id) = id else {
        return Ok(Some(Vec::new()));
    };
    // A commit of another repository is not here.
    let Ok(header) = repository.find_header(id) else {
        return Ok(None);
    };
    if header.size() > LARGE {
        return Ok(None);
    }
    let mut object = repository.find_object(id).map_err(RepositoryError::io)?;
    let data = std::mem::take(&mut object.data);
    // As git does it: a zero byte near the beginning makes it no text.
    let text = !data[..data.len().min(8_000)].contains(&0);
    Ok(text.then_some(data))
}

/// Spans of changed lines with those around them, joined where they touch.
fn together(spans: impl Iterator<Item = Span>, input: &InternedInput<&[u8]>) -> Vec<Hunk> {
    let end = input.after.len() as u32;
    let mut groups: Vec<Vec<Span>> = Vec::new();
    for span in spans {
        match groups.last_mut() {
            Some(group)
                if group
                    .last()
                    .is_some_and(|last| span.after.start <= last.after.end + 2 * AROUND) =>
            {
                group.push(span);
            }
            _ => groups.push(vec![span]),
        }
    }
    groups
        .iter()
        .filter_map(|group| hunk(group, input, end))
        .collect()
}

fn hunk(group: &[Span], input: &InternedInput<&[u8]>, end: u32) -> Option<Hunk> {
    let (first, last) = (group.first()?, group.last()?);
    let before = first.after.start.min(first.before.start).min(AROUND);
    let (old_line, new_line) = (first.before.start - before, first.after.start - before);
    let mut lines = Vec::new();
    let mut place = new_line;
    let mut add = |kind, range: std::ops::Range<u32>, side: &[gix::diff::blob::Token]| {
        for token in &side[range.start as usize..range.end as usize] {
            let text = input.interner[*token].to_str_lossy();
            lines.push(DiffLine {
                kind,
                text: text.trim_end_matches(['\n', '\r']).to_owned(),
            });
        }
    };
    for span in group {
        add(LineKind::Same, place..span.after.start, &input.after);
        add(LineKind::Removed, span.before.clone(), &input.before);
        add(LineKind::Added, span.after.clone(), &input.after);
        place = span.after.end;
    }
    add(
        LineKind::Same,
        place..end.min(last.after.end + AROUND),
        &input.after,
    );
    Some(Hunk {
        old_line: old_line + 1,
        new_line: new_line + 1,
        lines,
    })
}
