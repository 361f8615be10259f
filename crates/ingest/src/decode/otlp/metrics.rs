//! Measured points of all five kinds.
//!
//! A point that says it has no recorded value becomes a row without a value, with `"no_recorded_value":true` in its distribution.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint,
    SummaryDataPoint, exemplar, number_data_point,
};
use trunkline_lake::{RowSink, TableBuilder, tables};
use trunkline_log::{Offset, Record};
use trunkline_model::Timestamp;

use super::value::{
    ResourceColumns, Scope, requests, write_attributes, write_id, write_members, write_time,
};
use crate::json::{ObjectWriter, write_array, write_float, write_whole};

/// The flag of a point without a value.
const NO_RECORDED_VALUE: u32 = 1;

/// Writes the rows of a [`crate::kind::OTLP_METRICS`] record.
pub(crate) fn decode_metrics(record: &Record, sink: &mut RowSink) {
    requests(
        record,
        sink,
        |request: ExportMetricsServiceRequest, offset, sink| {
            let Some(table) = sink.table(tables::metrics::NAME) else {
                return;
            };
            for resource in &request.resource_metrics {
                let columns = ResourceColumns::of(resource.resource.as_ref());
                for scope in &resource.scope_metrics {
                    let mut writer = Writer {
                        table,
                        offset,
                        taken_at: record.appended_at,
                        resource: &columns,
                        scope: Scope::of(scope.scope.as_ref()),
                        text: String::new(),
                    };
                    for metric in &scope.metrics {
                        writer.metric(metric);
                    }
                }
            }
        },
    );
}

#[derive(Debug)]
struct Writer<'t> {
    table: &'t mut TableBuilder,
    offset: Offset,
    taken_at: Timestamp,
    resource: &'t ResourceColumns,
    scope: Scope<'t>,
    text: String,
}

/// What all kinds of points have.
#[derive(Clone, Copy, Debug)]
struct Point<'p> {
    kind: &'static str,
    temporality: i32,
    start: u64,
    time: u64,
    attributes: &'p [KeyValue],
}

impl Writer<'_> {
    fn metric(&mut self, metric: &Metric) {
        match &metric.data {
            Some(Data::Gauge(gauge)) => {
                for point in &gauge.data_points {
                    self.number(metric, point, ("gauge", 0, None));
                }
            }
            Some(Data::Sum(sum)) => {
                for point in &sum.data_points {
                    self.number(
                        metric,
                        point,
                        ("sum", sum.aggregation_temporality, Some(sum.is_monotonic)),
                    );
                }
            }
            Some(Data::Histogram(histogram)) => {
                for point in &histogram.data_points {
                    self.histogram(metric, point, histogram.aggregation_temporality);
                }
            }
            Some(Data::ExponentialHistogram(histogram)) => {
                for point in &histogram.data_points {
                    self.exponential(metric, point, histogram.aggregation_temporality);
                }
            }
            Some(Data::Summary(summary)) => {
                for point in &summary.data_points {
                    self.summary(metric, point);
                }
            }
            None => {}
        }
    }

    fn begin(&mut self, metric: &Metric, point: Point<'_>) {
        use tables::metrics as columns;
        let table = &mut *self.table;
        table.begin(self.offset, self.taken_at);
        if point.time != 0 {
            table.timestamp(columns::TIME_INDEX, Timestamp::from_nanos(point.time));
        }
        table.text(columns::NAME_, &metric.name);
        table.text_unless_empty(columns::SERVICE, &self.resource.service);
        table.text(columns::KIND, point.kind);
        table.text_unless_empty(columns::UNIT, &metric.unit);
        if point.start != 0 {
            table.timestamp(columns::START, Timestamp::from_nanos(point.start));
        }
        let temporality = match point.temporality {
            1 => "delta",
            2 => "cumulative",
            _ => "",
        };
        table.text_unless_empty(columns::TEMPORALITY, temporality);
        self.text.clear();
        if write_attributes(point.attributes, &self.scope, 0, &mut self.text) {
            table.text(columns::LABELS, &self.text);
        }
        table.text_unless_empty(columns::RESOURCE, &self.resource.json);
    }

    /// Writes the distribution, if there is anything in it, and ends the row.
    fn end(
        &mut self,
        flags: u32,
        exemplars: &[Exemplar],
        write: impl FnOnce(&mut ObjectWriter<'_>),
    ) {
        self.text.clear();
        let mut object = ObjectWriter::open(&mut self.text);
        if flags & NO_RECORDED_VALUE != 0 {
            object.name("no_recorded_value").push_str("true");
        } else {
            write(&mut object);
        }
        if !exemplars.is_empty() {
            write_array(exemplars, object.name("exemplars"), write_exemplar);
        }
        let any = !object.is_empty();
        object.close();
        if any {
            self.table.text(tables::metrics::DISTRIBUTION, &self.text);
        }
        self.table.end();
    }

    fn number(
        &mut self,
        metric: &Metric,
        point: &NumberDataPoint,
        sum: (&'static str, i32, Option<bool>),
    ) {
        let (kind, temporality, monotonic) = sum;
        let start = point.start_time_unix_nano;
        self.begin(
            metric,
            Point {
                kind,
                temporality,
                start,
                time: point.time_unix_nano,
                attributes: &point.attributes,
            },
        );
        if let Some(monotonic) = monotonic {
            self.table.boolean(tables::metrics::MONOTONIC, monotonic);
        }
        if point.flags & NO_RECORDED_VALUE == 0 {
            match point.value {
                Some(number_data_point::Value::AsDouble(value)) => {
                    self.table.float(tables::metrics::VALUE, value);
                }
                Some(number_data_point::Value::AsInt(value)) => {
                    self.table.float(tables::metrics::VALUE, value as f64);
                }
                None => {}
            }
        }
        self.end(point.flags, &point.exemplars, |_| {});
    }

    fn observed(&mut self, flags: u32, count: u64, sum: Option<f64>) {
        if flags & NO_RECORDED_VALUE == 0 {
            self.table.integer(
                tables::metrics::COUNT,
                i64::try_from(count).unwrap_or(i64::MAX),
            );
            if let Some(sum) = sum {
                self.table.float(tables::metrics::VALUE, sum);
            }
        }
    }

    fn histogram(&mut self, metric: &Metric, point: &HistogramDataPoint, temporality: i32) {
        let start = point.start_time_unix_nano;
        let time = point.time_unix_nano;
        self.begin(
            metric,
            Point {
                kind: "histogram",
                temporality,
                start,
                time,
                attributes: &point.attributes,
            },
        );
        self.observed(point.flags, point.count, point.sum);
        self.end(point.flags, &point.exemplars, |object| {
            write_array(
                &point.explicit_bounds,
                object.name("bounds"),
                |bound, out| write_float(*bound, out),
            );
            write_array(&point.bucket_counts, object.name("counts"), write_whole);
            write_ends(point.min, point.max, object);
        });
    }

    fn exponential(
        &mut self,
        metric: &Metric,
        point: &ExponentialHistogramDataPoint,
        temporality: i32,
    ) {
        let start = point.start_time_unix_nano;
        let time = point.time_unix_nano;
        let kind = "exponential_histogram";
        self.begin(
            metric,
            Point {
                kind,
                temporality,
                start,
                time,
                attributes: &point.attributes,
            },
        );
        self.observed(point.flags, point.count, point.sum);
        self.end(point.flags, &point.exemplars, |object| {
            write_whole(point.scale, object.name("scale"));
            write_whole(point.zero_count, object.name("zero_count"));
            write_float(point.zero_threshold, object.name("zero_threshold"));
            for (name, buckets) in [("positive", &point.positive), ("negative", &point.negative)] {
                if let Some(buckets) = buckets {
                    write_buckets(buckets, object.name(name));
                }
            }
            write_ends(point.min, point.max, object);
        });
    }

    fn summary(&mut self, metric: &Metric, point: &SummaryDataPoint) {
        let start = point.start_time_unix_nano;
        let time = point.time_unix_nano;
        self.begin(
            metric,
            Point {
                kind: "summary",
                temporality: 0,
                start,
                time,
                attributes: &point.attributes,
            },
        );
        self.observed(point.flags, point.count, Some(point.sum));
        self.end(point.flags, &[], |object| {
            write_array(
                &point.quantile_values,
                object.name("quantiles"),
                |quantile, out| {
                    let mut object = ObjectWriter::open(out);
                    write_float(quantile.quantile, object.name("quantile"));
                    write_float(quantile.value, object.name("value"));
                    object.close();
                },
            );
        });
    }
}

fn write_ends(min: Option<f64>, max: Option<f64>, object: &mut ObjectWriter<'_>) {
    for (name, end) in [("min", min), ("max", max)] {
        if let Some(end) = end {
            write_float(end, object.name(name));
        }
    }
}

fn write_buckets(buckets: &Buckets, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    write_whole(buckets.offset, object.name("offset"));
    write_array(&buckets.bucket_counts, object.name("counts"), write_whole);
    object.close();
}

fn write_exemplar(exemplar: &Exemplar, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    match exemplar.value {
        Some(exemplar::Value::AsDouble(value)) => write_float(value, object.name("value")),
        Some(exemplar::Value::AsInt(value)) => write_whole(value, object.name("value")),
        None => {}
    }
    if exemplar.time_unix_nano != 0 {
        write_time(exemplar.time_unix_nano, object.name("time"));
    }
    for (name, id) in [
        ("trace_id", &exemplar.trace_id),
        ("span_id", &exemplar.span_id),
    ] {
        if !id.is_empty() {
            write_id(id, object.name(name));
        }
    }
    if !exemplar.filtered_attributes.is_empty() {
        let mut attributes = ObjectWriter::open(object.name("attributes"));
        write_members(&exemplar.filtered_attributes, &mut attributes);
        attributes.close();
    }
    object.close();
}
