//! The messages on the wire, as far as they are used; what is left out is skipped.
//!
//! Messages that lie in others are read as bytes, which look the same: so one that is malformed does not spoil its neighbours, and a
//! small payload cannot unfold into much memory at once.

use prost::{Message, Oneof};

/// A whole payload.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Payload {
    #[prost(uint64, optional, tag = "1")]
    pub(super) timestamp: Option<u64>,
    /// Each a [`Metric`].
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) metrics: Vec<Vec<u8>>,
    #[prost(uint64, optional, tag = "3")]
    pub(super) seq: Option<u64>,
    #[prost(string, optional, tag = "4")]
    pub(super) uuid: Option<String>,
    #[prost(bytes = "vec", optional, tag = "5")]
    pub(super) body: Option<Vec<u8>>,
}

/// A metric.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Metric {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(uint64, optional, tag = "2")]
    pub(super) alias: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub(super) timestamp: Option<u64>,
    #[prost(uint32, optional, tag = "4")]
    pub(super) datatype: Option<u32>,
    #[prost(bool, optional, tag = "5")]
    pub(super) is_historical: Option<bool>,
    #[prost(bool, optional, tag = "6")]
    pub(super) is_transient: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub(super) is_null: Option<bool>,
    /// A [`PropertySet`].
    #[prost(bytes = "vec", optional, tag = "9")]
    pub(super) properties: Option<Vec<u8>>,
    #[prost(oneof = "MetricValue", tags = "10, 11, 12, 13, 14, 15, 16, 17, 18")]
    pub(super) value: Option<MetricValue>,
}

/// The value of a metric.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum MetricValue {
    #[prost(uint32, tag = "10")]
    Int(u32),
    #[prost(uint64, tag = "11")]
    Long(u64),
    #[prost(float, tag = "12")]
    Float(f32),
    #[prost(double, tag = "13")]
    Double(f64),
    #[prost(bool, tag = "14")]
    Boolean(bool),
    #[prost(string, tag = "15")]
    Text(String),
    #[prost(bytes = "vec", tag = "16")]
    Bytes(Vec<u8>),
    /// A [`DataSet`].
    #[prost(bytes = "vec", tag = "17")]
    DataSet(Vec<u8>),
    /// A [`Template`].
    #[prost(bytes = "vec", tag = "18")]
    Template(Vec<u8>),
}

/// Names and values of the same number.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PropertySet {
    #[prost(string, repeated, tag = "1")]
    pub(super) keys: Vec<String>,
    #[prost(message, repeated, tag = "2")]
    pub(super) values: Vec<PropertyValue>,
}

/// Several of them.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PropertySetList {
    /// Each a [`PropertySet`].
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) sets: Vec<Vec<u8>>,
}

/// The value of a property.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PropertyValue {
    #[prost(uint32, optional, tag = "1")]
    pub(super) datatype: Option<u32>,
    #[prost(bool, optional, tag = "2")]
    pub(super) is_null: Option<bool>,
    #[prost(oneof = "PropertyKind", tags = "3, 4, 5, 6, 7, 8, 9, 10")]
    pub(super) value: Option<PropertyKind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum PropertyKind {
    #[prost(uint32, tag = "3")]
    Int(u32),
    #[prost(uint64, tag = "4")]
    Long(u64),
    #[prost(float, tag = "5")]
    Float(f32),
    #[prost(double, tag = "6")]
    Double(f64),
    #[prost(bool, tag = "7")]
    Boolean(bool),
    #[prost(string, tag = "8")]
    Text(String),
    /// A [`PropertySet`].
    #[prost(bytes = "vec", tag = "9")]
    Set(Vec<u8>),
    /// A [`PropertySetList`].
    #[prost(bytes = "vec", tag = "10")]
    Sets(Vec<u8>),
}

/// A table within a metric.
#[derive(Clone, PartialEq, Message)]
pub(super) struct DataSet {
    #[prost(string, repeated, tag = "2")]
    pub(super) columns: Vec<String>,
    #[prost(uint32, repeated, packed = "false", tag = "3")]
    pub(super) types: Vec<u32>,
    #[prost(message, repeated, tag = "4")]
    pub(super) rows: Vec<DataRow>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct DataRow {
    #[prost(message, repeated, tag = "1")]
    pub(super) elements: Vec<DataValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct DataValue {
    #[prost(oneof = "DataKind", tags = "1, 2, 3, 4, 5, 6")]
    pub(super) value: Option<DataKind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum DataKind {
    #[prost(uint32, tag = "1")]
    Int(u32),
    #[prost(uint64, tag = "2")]
    Long(u64),
    #[prost(float, tag = "3")]
    Float(f32),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(bool, tag = "5")]
    Boolean(bool),
    #[prost(string, tag = "6")]
    Text(String),
}

/// A type of the team's own, or a value of one.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Template {
    #[prost(string, optional, tag = "1")]
    pub(super) version: Option<String>,
    /// Each a [`Metric`].
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(super) metrics: Vec<Vec<u8>>,
    #[prost(message, repeated, tag = "3")]
    pub(super) parameters: Vec<Parameter>,
    #[prost(string, optional, tag = "4")]
    pub(super) reference: Option<String>,
    #[prost(bool, optional, tag = "5")]
    pub(super) is_definition: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Parameter {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(uint32, optional, tag = "2")]
    pub(super) datatype: Option<u32>,
    #[prost(oneof = "ParameterKind", tags = "3, 4, 5, 6, 7, 8")]
    pub(super) value: Option<ParameterKind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum ParameterKind {
    #[prost(uint32, tag = "3")]
    Int(u32),
    #[prost(uint64, tag = "4")]
    Long(u64),
    #[prost(float, tag = "5")]
    Float(f32),
    #[prost(double, tag = "6")]
    Double(f64),
    #[prost(bool, tag = "7")]
    Boolean(bool),
    #[prost(string, tag = "8")]
    Text(String),
}
