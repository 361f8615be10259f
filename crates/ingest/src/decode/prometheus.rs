//! Prometheus remote write requests.
//!
//! A sample whose value is the stale marker becomes a row without a value, with `{"stale":true}` as its distribution: the series
//! ended there, and a query that reads values must not see a number. Any other NaN was measured and stays.

use trunkline_lake::{RowSink, TableBuilder, tables};
use trunkline_log::{Offset, Record};
use trunkline_model::Timestamp;

use super::decoder::unreadable;
use crate::histogram::{NativeHistogram, Side};
use crate::json::{ObjectWriter, write_array, write_float, write_string, write_whole};
use crate::series::{Exemplar, Part, Parts, Series, Symbols, symbols};
use crate::wire::WireError;

pub(super) use crate::series::Version;

/// The bits of the NaN by which Prometheus says that a series ended.
const STALE: u64 = 0x7ff0_0000_0000_0002;

/// The number that stands for a counter in the metadata of version 2.
const COUNTER: u64 = 1;

/// Writes the rows of a remote write record.
pub(super) fn decode(record: &Record, sink: &mut RowSink, version: Version) {
    let mut failures = Vec::new();
    if let Some(table) = sink.table(tables::metrics::NAME) {
        for (offset, message) in record.messages() {
            let mut writer = Writer {
                table,
                offset,
                taken_at: record.appended_at,
                labels: String::new(),
                text: String::new(),
            };
            if let Err(error) = writer.request(message, version) {
                failures.push((offset, message, error));
            }
        }
    }
    for (offset, message, error) in failures {
        unreadable(sink, record, offset, message, &error.to_string());
    }
}

#[derive(Debug)]
struct Writer<'t> {
    table: &'t mut TableBuilder,
    offset: Offset,
    taken_at: Timestamp,
    /// The labels of the series at hand, as JSON.
    labels: String,
    text: String,
}

/// What all rows of a series share.
#[derive(Clone, Copy, Debug)]
struct Shared<'a> {
    name: &'a str,
    service: &'a str,
    unit: &'a str,
    counter: bool,
}

impl Writer<'_> {
    fn request(&mut self, message: &[u8], version: Version) -> Result<(), WireError> {
        let symbols = symbols(message, version)?;
        let mut series = Series::default();
        let mut parts = Parts::new(message, version);
        while let Some((part, _)) = parts.next()? {
            if let Part::Series(bytes) = part {
                series.read(bytes, version, &symbols)?;
                self.series(&series, version, &symbols)?;
            }
        }
        Ok(())
    }

    fn series<'a>(
        &mut self,
        series: &Series<'a>,
        version: Version,
        symbols: &Symbols<'a>,
    ) -> Result<(), WireError> {
        self.labels.clear();
        write_labels(&series.labels, &mut self.labels);
        let shared = Shared {
            name: series.label("__name__"),
            service: series.label("job"),
            unit: series.unit,
            counter: series.kind == COUNTER,
        };
        for sample in &series.samples {
            self.begin(shared, sample.time, sample.start);
            if sample.value.to_bits() == STALE {
                self.table
                    .text(tables::metrics::DISTRIBUTION, "{\"stale\":true}");
            } else {
                self.table.float(tables::metrics::VALUE, sample.value);
            }
            self.table.end();
        }
        for histogram in &series.histograms {
            self.histogram(shared, &NativeHistogram::read(histogram)?);
        }
        if !series.exemplars.is_empty() {
            self.exemplars(shared, &series.exemplars, version, symbols)?;
        }
        Ok(())
    }

    fn begin(&mut self, shared: Shared<'_>, time: i64, start: i64) {
        use tables::metrics as columns;
        let table = &mut *self.table;
        table.begin(self.offset, self.taken_at);
        table.timestamp(columns::TIME_INDEX, Timestamp::from_millis(time));
        table.text_unless_empty(columns::NAME_, shared.name);
        table.text_unless_empty(columns::SERVICE, shared.service);
        table.text(columns::KIND, "prometheus");
        table.text_unless_empty(columns::UNIT, shared.unit);
        if start != 0 {
            table.timestamp(columns::START, Timestamp::from_millis(start));
        }
        if shared.counter {
            table.boolean(columns::MONOTONIC, true);
            table.text(columns::TEMPORALITY, "cumulative");
        }
        table.text(columns::LABELS, &self.labels);
    }

    fn histogram(&mut self, shared: Shared<'_>, histogram: &NativeHistogram) {
        use tables::metrics as columns;
        self.begin(shared, histogram.time, histogram.start);
        self.text.clear();
        if histogram.sum.to_bits() == STALE {
            self.text.push_str("{\"stale\":true}");
        } else {
            self.table.float(columns::VALUE, histogram.sum);
            self.table.integer(columns::COUNT, histogram.count as i64);
            write_distribution(histogram, &mut self.text);
        }
        self.table.text(columns::DISTRIBUTION, &self.text);
        self.table.end();
    }

    /// Prometheus sends exemplars apart from the samples they belong to, so that they get a row of their own, without a value.
    fn exemplars<'a>(
        &mut self,
        shared: Shared<'_>,
        exemplars: &[&'a [u8]],
        version: Version,
        symbols: &Symbols<'a>,
    ) -> Result<(), WireError> {
        let exemplars = exemplars
            .iter()
            .map(|message| Exemplar::read(message, version, symbols));
        let exemplars = exemplars.collect::<Result<Vec<_>, _>>()?;
        let time = exemplars
            .iter()
            .map(|exemplar| exemplar.time)
            .max()
            .unwrap_or_default();
        let taken_at = self.taken_at.as_micros() / 1_000;
        self.begin(shared, if time == 0 { taken_at } else { time }, 0);
        self.text.clear();
        let mut object = ObjectWriter::open(&mut self.text);
        write_array(&exemplars, object.name("exemplars"), write_exemplar);
        object.close();
        self.table.text(tables::metrics::DISTRIBUTION, &self.text);
        self.table.end();
        Ok(())
    }
}

fn write_exemplar(exemplar: &Exemplar<'_>, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    write_float(exemplar.value, object.name("value"));
    if exemplar.time != 0 {
        let time = Timestamp::from_millis(exemplar.time).to_string();
        write_string(&time, object.name("time"));
    }
    write_labels(&exemplar.labels, object.name("labels"));
    object.close();
}

/// Writes labels as an object; the metric's name has its own column.
fn write_labels(labels: &[(&str, &str)], out: &mut String) {
    let mut object = ObjectWriter::open(out);
    for (name, value) in labels {
        if *name != "__name__" {
            write_string(value, object.name(name));
        }
    }
    object.close();
}

fn write_distribution(histogram: &NativeHistogram, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    write_whole(histogram.schema, object.name("schema"));
    if histogram.count.fract() != 0.0 {
        write_float(histogram.count, object.name("count"));
    }
    write_float(histogram.zero_threshold, object.name("zero_threshold"));
    write_float(histogram.zero_count, object.name("zero_count"));
    for (name, side) in [
        ("positive", &histogram.positive),
        ("negative", &histogram.negative),
    ] {
        if !side.spans.is_empty() {
            write_side(side, object.name(name));
        }
    }
    if !histogram.custom_values.is_empty() {
        write_array(
            &histogram.custom_values,
            object.name("custom_values"),
            |bound, out| write_float(*bound, out),
        );
    }
    let hint = match histogram.reset_hint {
        1 => "yes",
        2 => "no",
        3 => "gauge",
        _ => "",
    };
    if !hint.is_empty() {
        write_string(hint, object.name("reset_hint"));
    }
    object.close();
}

fn write_side(side: &Side, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    write_array(
        &side.spans,
        object.name("spans"),
        |(offset, length), out| {
            write_array([offset, length], out, write_whole);
        },
    );
    write_array(&side.counts, object.name("counts"), |count, out| {
        write_float(*count, out);
    });
    object.close();
}
