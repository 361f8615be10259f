//! The formats of an answer, and how rows are written in each.

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use datafusion::arrow::csv::WriterBuilder;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::record_batch::RecordBatch;

use super::row_object;
use crate::ApiError;

/// A format that answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON document.
    Json,
    /// A JSON object a line.
    JsonLines,
    /// Comma-separated values under a line of names.
    Csv,
    /// The Arrow IPC stream format.
    Arrow,
}

const NAMES: [(&str, Format); 7] = [
    ("application/json", Format::Json),
    ("application/x-ndjson", Format::JsonLines),
    ("application/jsonl", Format::JsonLines),
    ("text/csv", Format::Csv),
    ("application/vnd.apache.arrow.stream", Format::Arrow),
    ("application/*", Format::Json),
    ("*/*", Format::Json),
];

impl Format {
    /// The first format that `Accept` names and that can be written; JSON without one.
    pub(super) fn wanted(headers: &HeaderMap) -> Result<Self, ApiError> {
        let Some(accept) = headers.get(header::ACCEPT) else {
            return Ok(Self::Json);
        };
        let accept = accept.to_str().unwrap_or_default();
        accept
            .split(',')
            .map(|range| {
                range
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_ascii_lowercase()
            })
            .find_map(|range| NAMES.iter().find(|(name, _)| *name == range))
            .map(|(_, format)| *format)
            .ok_or_else(|| ApiError::Format(accept.chars().take(200).collect()))
    }

    /// The media type.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::JsonLines => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }
}

/// Writes batches one after another, as a stream of bytes.
pub(super) enum Encoder {
    JsonLines,
    Csv { schema: SchemaRef, begun: bool },
    Arrow(Box<StreamWriter<Vec<u8>>>),
}

impl Encoder {
    pub(super) fn new(format: Format, schema: &SchemaRef) -> Result<Self, ArrowError> {
        Ok(match format {
            Format::Csv => Self::Csv {
                schema: schema.clone(),
                begun: false,
            },
            Format::Arrow => Self::Arrow(Box::new(StreamWriter::try_new(Vec::new(), schema)?)),
            Format::Json | Format::JsonLines => Self::JsonLines,
        })
    }

    /// The bytes of `batch`, those of the beginning included the first time.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<Bytes, ArrowError> {
        match self {
            Self::JsonLines => {
                let mut bytes = Vec::new();
                for row in 0..batch.num_rows() {
                    serde_json::to_writer(&mut bytes, &row_object(batch, row))
                        .map_err(|error| ArrowError::JsonError(error.to_string()))?;
                    bytes.push(b'\n');
                }
                Ok(bytes.into())
            }
            Self::Csv { begun, .. } => {
                let header = !std::mem::replace(begun, true);
                csv(batch, header)
            }
            Self::Arrow(writer) => {
                writer.write(batch)?;
                Ok(std::mem::take(writer.get_mut()).into())
            }
        }
    }

    /// The bytes that end the stream; those of the beginning too where no batch came.
    pub(super) fn finish(&mut self) -> Result<Bytes, ArrowError> {
        match self {
            Self::JsonLines | Self::Csv { begun: true, .. } => Ok(Bytes::new()),
            Self::Csv { schema, .. } => csv(&RecordBatch::new_empty(schema.clone()), true),
            Self::Arrow(writer) => {
                writer.finish()?;
                Ok(std::mem::take(writer.get_mut()).into())
            }
        }
    }
}

fn csv(batch: &RecordBatch, header: bool) -> Result<Bytes, ArrowError> {
    let mut writer = WriterBuilder::new().with_header(header).build(Vec::new());
    writer.write(batch)?;
    Ok(writer.into_inner().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &'static str) -> Result<Format, ApiError> {
        let headers = HeaderMap::from_iter([(header::ACCEPT, accept.parse().unwrap())]);
        Format::wanted(&headers)
    }

    #[test]
    fn the_first_known_format_wins() {
        assert_eq!(Format::wanted(&HeaderMap::new()).unwrap(), Format::Json);
        assert_eq!(wanted("text/csv").unwrap(), Format::Csv);
        assert_eq!(
            wanted("text/html, text/csv;q=0.9, */*").unwrap(),
            Format::Csv
        );
        assert_eq!(wanted("*/*").unwrap(), Format::Json);
        assert!(wanted("image/png").is_err());
    }
}
