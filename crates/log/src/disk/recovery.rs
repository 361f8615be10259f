//! Opens the directory: verifies the last segment, cuts its torn end, and loads what is known of the others.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::codec;
use super::files::{
    create_segment, failed, index_name, replace, segment_base, segment_name, sync_directory,
};
use super::format::{HEADER_LENGTH, HeaderDefect, SegmentHeader};
use super::index::Index;
use super::port::Disk;
use super::report::{Cut, CutReason, Damage, Recovery};
use super::scan::{Found, Scanner};
use super::state::Segment;
use super::survey::{Survey, Tail};
use super::window::DedupeWindow;
use crate::LogError;

const VERIFY_CHUNK: usize = 1024 * 1024;
/// Small, so that payloads between the keys are passed over rather than read.
const KEYS_CHUNK: usize = 16 * 1024;

/// The segments as they were found and mended.
#[derive(Debug)]
pub(super) struct Opened {
    /// In the order of their offsets; the last one takes new records.
    pub(super) segments: Vec<Segment>,
    /// The last one's file.
    pub(super) file: File,
}

/// Opens every segment in `directory`. `passed` is the furthest cursor: an offset before it is never given again.
pub(super) fn open_segments(
    directory: &Path,
    disk: &dyn Disk,
    passed: u64,
    report: &mut Recovery,
) -> Result<Opened, LogError> {
    let bases = list(directory).map_err(failed(format!("list {}", directory.display())))?;
    let mut segments = Vec::with_capacity(bases.len() + 1);
    let mut last = None;
    for (at, &base) in bases.iter().enumerate() {
        let name = segment_name(base);
        let opened = match bases.get(at + 1) {
            Some(&end) => open_sealed(directory, base, end, report).map(|segment| (segment, None)),
            None => open_last(directory, disk, base, report)
                .map(|(segment, file)| (segment, Some(file))),
        };
        let (segment, file) = opened.map_err(failed(format!("open {name}")))?;
        segments.push(segment);
        last = file;
    }
    let end = segments.last().map_or(0, |segment| segment.index.next);
    let file = match last {
        Some(file) if end >= passed => file,
        _ => {
            note_gap(&segments, end, passed, report);
            let base = end.max(passed);
            let (file, header) = create_segment(directory, base)
                .map_err(failed(format!("create {}", segment_name(base))))?;
            segments.push(Segment::new(header));
            file
        }
    };
    report.segments = segments.len() as u64;
    Ok(Opened { segments, file })
}

/// Reads the newest keys back, as many as `limit`, without reading payloads.
pub(super) fn read_keys(
    directory: &Path,
    segments: &[Segment],
    limit: u64,
) -> Result<DedupeWindow, LogError> {
    let mut window = DedupeWindow::new(limit);
    let mut first = segments.len();
    let mut wanted = limit;
    let mut from_first = 0;
    while wanted > 0 && first > 0 {
        first -= 1;
        from_first = wanted;
        wanted = wanted.saturating_sub(segments[first].index.keys);
    }
    for (at, segment) in segments.iter().enumerate().skip(first) {
        let keys = if at == first { from_first } else { limit };
        if segment.index.keys > 0 {
            let name = segment_name(segment.base);
            read_segment_keys(directory, segment, keys, &mut window)
                .map_err(failed(format!("read keys of {name}")))?;
        }
    }
    Ok(window)
}

fn read_segment_keys(
    directory: &Path,
    segment: &Segment,
    keys: u64,
    window: &mut DedupeWindow,
) -> io::Result<()> {
    let file = File::open(directory.join(segment_name(segment.base)))?;
    let mut scanner = Scanner::new(&file, segment.salt, segment.index.length, KEYS_CHUNK);
    let mut position = segment.index.seek_keys(segment.base, keys).position;
    loop {
        match scanner.head(position)? {
            Found::Record(head) => {
                if head.keys > 0
                    && let Some(prefix) = scanner.prefix(position, &head)?
                {
                    for key in codec::keys(&head, prefix) {
                        window.insert(key);
                    }
                    window.commit();
                }
                position += head.length();
            }
            Found::End => return Ok(()),
            Found::Incomplete | Found::Damaged => match scanner.resync(position + 1, 0)? {
                Some((next, _)) => position = next,
                None => return Ok(()),
            },
        }
    }
}

/// Whether all durable records of `segment` match their checksums on the disk, as far as the system lets the disk be asked.
pub(super) fn verify(directory: &Path, segment: &Segment) -> io::Result<bool> {
    let file = File::open(directory.join(segment_name(segment.base)))?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    let index = &segment.index;
    let mut scanner = Scanner::new(&file, segment.salt, index.length, VERIFY_CHUNK);
    let survey = Survey::of_sealed(&mut scanner, segment.base, index.next)?;
    Ok(survey.damage.is_empty() && survey.index.next == index.next)
}

/// The bases of all segments; drafts and indexes without a segment are removed on the way.
fn list(directory: &Path) -> io::Result<Vec<u64>> {
    let mut bases = Vec::new();
    let mut indexes = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name else { continue };
        if let Some(base) = segment_base(name) {
            bases.push(base);
        } else if name.ends_with(".index") {
            indexes.push(path.clone());
        } else if name.ends_with(".draft") {
            std::fs::remove_file(&path)?;
        }
    }
    for index in indexes {
        if !index.with_extension("log").exists() {
            std::fs::remove_file(&index)?;
        }
    }
    bases.sort_unstable();
    Ok(bases)
}

fn open_sealed(
    directory: &Path,
    base: u64,
    end: u64,
    report: &mut Recovery,
) -> io::Result<Segment> {
    let name = segment_name(base);
    let file = File::open(directory.join(&name))?;
    let length = file.metadata()?.len();
    let Some(header) = read_header(&file, base)? else {
        report.damage.push(Damage {
            file: name,
            position: 0,
            first: base,
            next: end,
        });
        return Ok(Segment::unreadable(base));
    };
    let index_path = directory.join(index_name(base));
    let index = std::fs::read(&index_path)
        .ok()
        .and_then(|bytes| Index::decode(&bytes, header.salt))
        .filter(|index| index.length <= length && index.next <= end);
    let index = if let Some(index) = index {
        index
    } else {
        let mut scanner = Scanner::new(&file, header.salt, length, VERIFY_CHUNK);
        let survey = Survey::of_sealed(&mut scanner, base, end)?;
        count(&survey, &name, report);
        report.rebuilt.push(name.clone());
        if let Err(error) = replace(&index_path, &survey.index.encode(header.salt)) {
            tracing::warn!(%error, segment = name, "cannot write an index; the next start is slow too");
        }
        survey.index
    };
    if index.next < end {
        report.damage.push(Damage {
            file: name,
            position: index.length,
            first: index.next,
            next: end,
        });
    }
    Ok(Segment {
        base,
        salt: header.salt,
        index,
    })
}

fn open_last(
    directory: &Path,
    disk: &dyn Disk,
    base: u64,
    report: &mut Recovery,
) -> io::Result<(Segment, File)> {
    let name = segment_name(base);
    let path = directory.join(&name);
    let file = OpenOptions::new().read(true).write(true).open(&path)?;
    let length = file.metadata()?.len();
    let Some(header) = read_header(&file, base)? else {
        let set_aside = set_aside(directory, &name, &file, 0, length)?;
        report.cuts.push(Cut {
            file: name,
            position: 0,
            bytes: length,
            reason: CutReason::TornHeader,
            set_aside: (length > HEADER_LENGTH).then_some(set_aside).flatten(),
        });
        let (file, header) = create_segment(directory, base)?;
        return Ok((Segment::new(header), file));
    };
    let mut scanner = Scanner::new(&file, header.salt, length, VERIFY_CHUNK);
    let survey = Survey::of_last(&mut scanner, base)?;
    count(&survey, &name, report);
    let end = survey.index.length;
    if let Some(tail) = survey.tail {
        let (reason, set_aside) = match tail {
            Tail::Incomplete => (CutReason::TornRecord, None),
            Tail::Damaged => (
                CutReason::TornGroup,
                set_aside(directory, &name, &file, end, length)?,
            ),
        };
        file.set_len(end)?;
        report.cuts.push(Cut {
            file: name,
            position: end,
            bytes: length - end,
            reason,
            set_aside,
        });
    }
    // A process that was killed may have written records without syncing them. Readers are about to see them.
    disk.sync(&file)?;
    let segment = Segment {
        base,
        salt: header.salt,
        index: survey.index,
    };
    Ok((segment, file))
}

/// The header of a segment; none when it is damaged or not all there.
fn read_header(file: &File, base: u64) -> io::Result<Option<SegmentHeader>> {
    let mut bytes = [0; HEADER_LENGTH as usize];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], filled as u64)? {
            0 => break,
            count => filled += count,
        }
    }
    if filled < bytes.len() {
        return Ok(None);
    }
    match SegmentHeader::decode(&bytes) {
        Ok(header) if header.base.0 == base => Ok(Some(header)),
        Ok(_) | Err(HeaderDefect::Damaged) => Ok(None),
        Err(HeaderDefect::Version(version)) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("it has format version {version}, which a newer Trunkline wrote"),
        )),
    }
}

/// Copies the bytes of `file` from `position` to `length` to a file beside it and tells its name.
fn set_aside(
    directory: &Path,
    name: &str,
    file: &File,
    position: u64,
    length: u64,
) -> io::Result<Option<String>> {
    if length <= position {
        return Ok(None);
    }
    let aside = format!("{name}.{position}.damaged");
    let mut source = file.try_clone()?;
    source.seek(SeekFrom::Start(position))?;
    let mut copy = File::create(directory.join(&aside))?;
    io::copy(&mut source.take(length - position), &mut copy)?;
    copy.sync_all()?;
    sync_directory(directory)?;
    Ok(Some(aside))
}

fn count(survey: &Survey, name: &str, report: &mut Recovery) {
    report.records += survey.records;
    report.messages += survey.messages;
    let damage = survey.damage.iter().map(|&(position, first, next)| Damage {
        file: name.to_owned(),
        position,
        first,
        next,
    });
    report.damage.extend(damage);
}

fn note_gap(segments: &[Segment], end: u64, passed: u64, report: &mut Recovery) {
    if let Some(last) = segments.last()
        && end < passed
    {
        report.damage.push(Damage {
            file: segment_name(last.base),
            position: last.index.length,
            first: end,
            next: passed,
        });
    }
}
