//! Prometheus remote write requests, walked once.

use bytes::Bytes;
use trunkline_log::{Batch, RecordKind};
use trunkline_model::{Timestamp, code};

use super::Rejections;
use super::otlp::content_key;
use crate::error::Refusal;
use crate::histogram::NativeHistogram;
use crate::kind;
use crate::limits::{Limits, TimeWindow};
use crate::series::{Exemplar, Part, Parts, Series, Symbols, Version, symbols};
use crate::wire::WireError;

impl From<WireError> for Refusal {
    fn from(error: WireError) -> Self {
        Self::new(&code::INGEST_MALFORMED, error.to_string())
    }
}

/// How much of a request was taken, as version 2 tells its sender.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) samples: u64,
    pub(crate) histograms: u64,
    pub(crate) exemplars: u64,
}

impl Written {
    pub(crate) const fn total(self) -> u64 {
        self.samples + self.histograms + self.exemplars
    }
}

/// A request that was read.
#[derive(Debug)]
pub(crate) struct RemoteWrite {
    /// What goes to the log; none where there is nothing to keep, such as a request of metadata alone.
    pub(crate) batch: Option<Batch>,
    /// What is in it.
    pub(crate) written: Written,
    /// Series that were not taken.
    pub(crate) rejections: Rejections,
}

/// The kind of record that a version's requests are.
pub(crate) const fn kind_of(version: Version) -> RecordKind {
    match version {
        Version::One => kind::REMOTE_WRITE_1,
        Version::Two => kind::REMOTE_WRITE_2,
    }
}

/// Undoes snappy's block format.
///
/// # Errors
/// A refusal where it is not that, or would become larger than a request may be.
pub(crate) fn unpack(packed: &[u8], limits: Limits) -> Result<Bytes, Refusal> {
    let malformed =
        |error: snap::Error| Refusal::new(&code::INGEST_MALFORMED, format!("snappy: {error}"));
    let length = snap::raw::decompress_len(packed).map_err(malformed)?;
    if length > limits.request_bytes {
        let detail = format!(
            "the request unpacks to {length} bytes, {} are allowed",
            limits.request_bytes
        );
        return Err(Refusal::new(&code::INGEST_TOO_LARGE, detail));
    }
    snap::raw::Decoder::new()
        .decompress_vec(packed)
        .map(Bytes::from)
        .map_err(malformed)
}

/// Reads a request that is not packed any more.
///
/// # Errors
/// A refusal of the whole request where it does not follow its protobuf.
pub(crate) fn read(
    message: &Bytes,
    version: Version,
    limits: Limits,
    window: TimeWindow,
) -> Result<RemoteWrite, Refusal> {
    let symbols = symbols(message, version)?;
    let mut walk = Walk {
        version,
        limits,
        window,
        series: Series::default(),
        written: Written::default(),
    };
    let mut rejections = Rejections::default();
    // What was taken so far, from the first refusal on; until then it is the request itself.
    let mut kept: Option<Vec<u8>> = None;
    let mut parts = Parts::new(message, version);
    let mut position = 0;
    let mut index = 0;
    while let Some((part, bytes)) = parts.next()? {
        let verdict = match part {
            Part::Series(series) => walk.series(series, &symbols)?,
            Part::Foreign => return Err(foreign()),
            Part::Other => Ok(()),
        };
        match (verdict, &mut kept) {
            (Ok(()), None) => {}
            (Ok(()), Some(kept)) => kept.extend_from_slice(bytes),
            (Err(refusal), kept) => {
                rejections.push(index, refusal.at("series", index), message.slice_ref(bytes));
                kept.get_or_insert_with(|| message.get(..position).unwrap_or_default().to_vec());
            }
        }
        position += bytes.len();
        index += usize::from(matches!(part, Part::Series(_)));
    }
    let written = walk.written;
    let body = kept.map_or_else(|| message.clone(), Bytes::from);
    let batch = (written.total() > 0).then(|| {
        let kind = kind_of(version);
        let key = content_key(kind, &body);
        Batch {
            keys: vec![key],
            ..Batch::single(kind, body)
        }
    });
    Ok(RemoteWrite {
        batch,
        written,
        rejections,
    })
}

fn foreign() -> Refusal {
    let detail = "the message is of another version of remote write than the content type says";
    Refusal::new(&code::INGEST_UNSUPPORTED, detail)
}

#[derive(Debug)]
struct Walk<'a> {
    version: Version,
    limits: Limits,
    window: TimeWindow,
    series: Series<'a>,
    written: Written,
}

impl<'a> Walk<'a> {
    /// Checks a series: the outer result is about the request, the inner one about the series alone.
    fn series(
        &mut self,
        message: &'a [u8],
        symbols: &Symbols<'a>,
    ) -> Result<Result<(), Refusal>, Refusal> {
        if message.len() > self.limits.event_bytes {
            return Ok(Err(super::events::too_large(
                message.len(),
                self.limits.event_bytes,
            )));
        }
        self.series.read(message, self.version, symbols)?;
        for sample in &self.series.samples {
            let time = Timestamp::from_millis(sample.time);
            if !self.window.holds(time) {
                return Ok(Err(self.window.refuse(time)));
            }
        }
        for histogram in &self.series.histograms {
            let time = Timestamp::from_millis(NativeHistogram::read(histogram)?.time);
            if !self.window.holds(time) {
                return Ok(Err(self.window.refuse(time)));
            }
        }
        for exemplar in &self.series.exemplars {
            Exemplar::read(exemplar, self.version, symbols)?;
        }
        self.written.samples += self.series.samples.len() as u64;
        self.written.histograms += self.series.histograms.len() as u64;
        self.written.exemplars += self.series.exemplars.len() as u64;
        self.limits
            .check_events(usize::try_from(self.written.total()).unwrap_or(usize::MAX))?;
        Ok(Ok(()))
    }
}
