//! The messages of OTLP as far as their JSON form needs them: names, numbers and types of fields.
//!
//! Numbers and names are those of opentelemetry-proto 1.x; a test holds them against the generated code by reading messages back.

/// A message and its fields.
#[derive(Debug)]
pub(crate) struct MessageType {
    pub(crate) fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    /// Its name in JSON.
    pub(crate) name: &'static str,
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    pub(crate) repeated: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    String,
    /// Bytes in base64.
    Base64,
    /// Bytes in hex, which OTLP uses for the ids of traces and spans.
    Hex,
    Bool,
    /// A number as varint: int32, int64, uint32, uint64 or an enum.
    Varint,
    /// A number as zigzag varint.
    Zigzag,
    Fixed32,
    /// fixed64 or sfixed64.
    Fixed64,
    Double,
    Message(&'static MessageType),
}

macro_rules! message {
    ($($(#[$doc:meta])* $constant:ident { $($number:literal $name:literal $kind:ident $(($inner:ident))? $(* $repeated:tt)?),* $(,)? })*) => {
        $(
            $(#[$doc])*
            pub(crate) static $constant: MessageType = MessageType {
                fields: &[$(Field {
                    name: $name,
                    number: $number,
                    kind: Kind::$kind $((&$inner))?,
                    repeated: message!(@repeated $($repeated)?),
                }),*],
            };
        )*
    };
    (@repeated) => { false };
    (@repeated many) => { true };
}

message! {
    /// `ExportLogsServiceRequest`.
    LOGS_REQUEST { 1 "resourceLogs" Message(RESOURCE_LOGS) * many }
    /// `ExportMetricsServiceRequest`.
    METRICS_REQUEST { 1 "resourceMetrics" Message(RESOURCE_METRICS) * many }
    /// `ExportTraceServiceRequest`.
    TRACES_REQUEST { 1 "resourceSpans" Message(RESOURCE_SPANS) * many }

    ANY_VALUE {
        1 "stringValue" String, 2 "boolValue" Bool, 3 "intValue" Varint, 4 "doubleValue" Double,
        5 "arrayValue" Message(ARRAY_VALUE), 6 "kvlistValue" Message(KEY_VALUE_LIST), 7 "bytesValue" Base64,
    }
    ARRAY_VALUE { 1 "values" Message(ANY_VALUE) * many }
    KEY_VALUE_LIST { 1 "values" Message(KEY_VALUE) * many }
    KEY_VALUE { 1 "key" String, 2 "value" Message(ANY_VALUE) }
    SCOPE { 1 "name" String, 2 "version" String, 3 "attributes" Message(KEY_VALUE) * many, 4 "droppedAttributesCount" Varint }
    ENTITY_REF { 1 "schemaUrl" String, 2 "type" String, 3 "idKeys" String * many, 4 "descriptionKeys" String * many }
    RESOURCE {
        1 "attributes" Message(KEY_VALUE) * many, 2 "droppedAttributesCount" Varint,
        3 "entityRefs" Message(ENTITY_REF) * many,
    }

    RESOURCE_LOGS { 1 "resource" Message(RESOURCE), 2 "scopeLogs" Message(SCOPE_LOGS) * many, 3 "schemaUrl" String }
    SCOPE_LOGS { 1 "scope" Message(SCOPE), 2 "logRecords" Message(LOG_RECORD) * many, 3 "schemaUrl" String }
    LOG_RECORD {
        1 "timeUnixNano" Fixed64, 11 "observedTimeUnixNano" Fixed64, 2 "severityNumber" Varint, 3 "severityText" String,
        5 "body" Message(ANY_VALUE), 6 "attributes" Message(KEY_VALUE) * many, 7 "droppedAttributesCount" Varint,
        8 "flags" Fixed32, 9 "traceId" Hex, 10 "spanId" Hex, 12 "eventName" String,
    }

    RESOURCE_SPANS { 1 "resource" Message(RESOURCE), 2 "scopeSpans" Message(SCOPE_SPANS) * many, 3 "schemaUrl" String }
    SCOPE_SPANS { 1 "scope" Message(SCOPE), 2 "spans" Message(SPAN) * many, 3 "schemaUrl" String }
    SPAN {
        1 "traceId" Hex, 2 "spanId" Hex, 3 "traceState" String, 4 "parentSpanId" Hex, 16 "flags" Fixed32,
        5 "name" String, 6 "kind" Varint, 7 "startTimeUnixNano" Fixed64, 8 "endTimeUnixNano" Fixed64,
        9 "attributes" Message(KEY_VALUE) * many, 10 "droppedAttributesCount" Varint,
        11 "events" Message(SPAN_EVENT) * many, 12 "droppedEventsCount" Varint,
        13 "links" Message(SPAN_LINK) * many, 14 "droppedLinksCount" Varint, 15 "status" Message(STATUS),
    }
    SPAN_EVENT {
        1 "timeUnixNano" Fixed64, 2 "name" String, 3 "attributes" Message(KEY_VALUE) * many, 4 "droppedAttributesCount" Varint,
    }
    SPAN_LINK {
        1 "traceId" Hex, 2 "spanId" Hex, 3 "traceState" String, 4 "attributes" Message(KEY_VALUE) * many,
        5 "droppedAttributesCount" Varint, 6 "flags" Fixed32,
    }
    STATUS { 2 "message" String, 3 "code" Varint }

    RESOURCE_METRICS { 1 "resource" Message(RESOURCE), 2 "scopeMetrics" Message(SCOPE_METRICS) * many, 3 "schemaUrl" String }
    SCOPE_METRICS { 1 "scope" Message(SCOPE), 2 "metrics" Message(METRIC) * many, 3 "schemaUrl" String }
    METRIC {
        1 "name" String, 2 "description" String, 3 "unit" String, 12 "metadata" Message(KEY_VALUE) * many,
        5 "gauge" Message(GAUGE), 7 "sum" Message(SUM), 9 "histogram" Message(HISTOGRAM),
        10 "exponentialHistogram" Message(EXPONENTIAL_HISTOGRAM), 11 "summary" Message(SUMMARY),
    }
    GAUGE { 1 "dataPoints" Message(NUMBER_POINT) * many }
    SUM { 1 "dataPoints" Message(NUMBER_POINT) * many, 2 "aggregationTemporality" Varint, 3 "isMonotonic" Bool }
    HISTOGRAM { 1 "dataPoints" Message(HISTOGRAM_POINT) * many, 2 "aggregationTemporality" Varint }
    EXPONENTIAL_HISTOGRAM { 1 "dataPoints" Message(EXPONENTIAL_POINT) * many, 2 "aggregationTemporality" Varint }
    SUMMARY { 1 "dataPoints" Message(SUMMARY_POINT) * many }
    NUMBER_POINT {
        7 "attributes" Message(KEY_VALUE) * many, 2 "startTimeUnixNano" Fixed64, 3 "timeUnixNano" Fixed64,
        5 "exemplars" Message(EXEMPLAR) * many, 8 "flags" Varint, 4 "asDouble" Double, 6 "asInt" Fixed64,
    }
    HISTOGRAM_POINT {
        9 "attributes" Message(KEY_VALUE) * many, 2 "startTimeUnixNano" Fixed64, 3 "timeUnixNano" Fixed64,
        4 "count" Fixed64, 5 "sum" Double, 6 "bucketCounts" Fixed64 * many, 7 "explicitBounds" Double * many,
        8 "exemplars" Message(EXEMPLAR) * many, 10 "flags" Varint, 11 "min" Double, 12 "max" Double,
    }
    EXPONENTIAL_POINT {
        1 "attributes" Message(KEY_VALUE) * many, 2 "startTimeUnixNano" Fixed64, 3 "timeUnixNano" Fixed64,
        4 "count" Fixed64, 5 "sum" Double, 6 "scale" Zigzag, 7 "zeroCount" Fixed64, 8 "positive" Message(BUCKETS),
        9 "negative" Message(BUCKETS), 10 "flags" Varint, 11 "exemplars" Message(EXEMPLAR) * many, 12 "min" Double,
        13 "max" Double, 14 "zeroThreshold" Double,
    }
    BUCKETS { 1 "offset" Zigzag, 2 "bucketCounts" Varint * many }
    SUMMARY_POINT {
        7 "attributes" Message(KEY_VALUE) * many, 2 "startTimeUnixNano" Fixed64, 3 "timeUnixNano" Fixed64,
        4 "count" Fixed64, 5 "sum" Double, 6 "quantileValues" Message(QUANTILE) * many, 8 "flags" Varint,
    }
    QUANTILE { 1 "quantile" Double, 2 "value" Double }
    EXEMPLAR {
        7 "filteredAttributes" Message(KEY_VALUE) * many, 2 "timeUnixNano" Fixed64, 3 "asDouble" Double, 6 "asInt" Fixed64,
        4 "spanId" Hex, 5 "traceId" Hex,
    }
}
