//! A metric and what may lie in it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;

use super::array::array;
use super::datatype::{Datatype, Scalar, moment};
use super::message::{
    DataSet, Metric, MetricValue, PropertyKind, PropertySet, PropertySetList, PropertyValue,
    Template,
};
use crate::decode::aliases::Births;
use crate::limits::Limits;
use crate::message::shown;
use crate::value::Value;

/// Reads metrics of one payload.
pub(super) struct Metrics<'a> {
    /// What earlier messages told of the publisher; nothing where the topic tells none.
    pub(super) births: Option<&'a Births<'a>>,
    /// The payload's time.
    pub(super) time: &'a Value<'static>,
    pub(super) limits: &'a Limits,
}

impl Metrics<'_> {
    /// Reads a metric in which so much more may be nested.
    pub(super) fn metric(&self, metric: Metric, depth: usize) -> Value<'static> {
        let (name, told) = self.name(&metric);
        let number = metric.datatype.filter(|number| *number != 0).or(told);
        let datatype = Datatype::of(number);
        let kind = datatype.as_ref().map_or("Unknown", |known| known.name());
        let value = match (metric.value, datatype) {
            _ if metric.is_null == Some(true) => Value::Null,
            (None, _) => Value::Null,
            (Some(_), Err(why)) => Value::Broken(why),
            (Some(value), Ok(datatype)) => self.value(value, datatype, depth),
        };
        let value = match (value, &name) {
            (Value::Broken(why), Value::Text(name)) => {
                Value::Broken(format!("the metric {}: {why}", shown(name)))
            }
            (value, _) => value,
        };
        let properties = metric.properties.as_deref();
        Value::object([
            ("name", name),
            (
                "alias",
                metric
                    .alias
                    .map_or(Value::Null, |alias| Value::Integer(alias.into())),
            ),
            (
                "timestamp",
                metric.timestamp.map_or_else(|| self.time.clone(), moment),
            ),
            ("datatype", Value::text(kind)),
            ("value", value),
            (
                "is_historical",
                Value::Boolean(metric.is_historical == Some(true)),
            ),
            (
                "is_transient",
                Value::Boolean(metric.is_transient == Some(true)),
            ),
            (
                "properties",
                properties.map_or(Value::Null, |set| properties_of(set, depth)),
            ),
        ])
    }

    /// The name, and the data type that a birth told of it.
    fn name(&self, metric: &Metric) -> (Value<'static>, Option<u32>) {
        if let Some(name) = &metric.name {
            let told = self.births.and_then(|births| births.datatype(name));
            return (Value::Text(name.clone().into()), told);
        }
        let Some(alias) = metric.alias else {
            let why = "a metric has neither a name nor an alias";
            return (Value::Broken(why.into()), None);
        };
        match self.births.map(|births| births.alias(alias)) {
            Some(Some((name, told))) => (Value::Text(name.to_owned().into()), told),
            Some(None) => {
                let why = format!(
                    "the name of the alias {alias} is not known: the birth that tells it was not seen"
                );
                (Value::Broken(why), None)
            }
            None => {
                let why = format!("the alias {alias} has no name: the topic is none of Sparkplug");
                (Value::Broken(why), None)
            }
        }
    }

    fn value(&self, value: MetricValue, datatype: Datatype, depth: usize) -> Value<'static> {
        let scalar = match value {
            MetricValue::Int(number) => Scalar::Int(number),
            MetricValue::Long(number) => Scalar::Long(number),
            MetricValue::Float(number) => Scalar::Float(number),
            MetricValue::Double(number) => Scalar::Double(number),
            MetricValue::Boolean(truth) => Scalar::Boolean(truth),
            MetricValue::Text(text) => Scalar::Text(text),
            MetricValue::Bytes(bytes) => return self.bytes(&bytes, datatype),
            MetricValue::DataSet(bytes) => return data_set(&bytes, self.limits),
            MetricValue::Template(bytes) => return self.template(&bytes, depth),
        };
        scalar.value(datatype)
    }

    fn bytes(&self, bytes: &[u8], datatype: Datatype) -> Value<'static> {
        match datatype {
            Datatype::Bytes | Datatype::File | Datatype::Unknown => {
                Value::Text(STANDARD.encode(bytes).into())
            }
            datatype => array(datatype, bytes, self.limits).unwrap_or_else(|| {
                let kind = datatype.name();
                Value::Broken(format!("the data type is {kind}, and the value is bytes"))
            }),
        }
    }

    fn template(&self, bytes: &[u8], depth: usize) -> Value<'static> {
        let Some(depth) = depth.checked_sub(1) else {
            return Value::Broken("too many templates lie in one another".into());
        };
        let template = match Template::decode(bytes) {
            Ok(template) => template,
            Err(error) => return Value::Broken(format!("a template is malformed: {error}")),
        };
        if template.metrics.len() > self.limits.elements {
            return Value::Broken("a template has too many metrics".into());
        }
        let metrics = template
            .metrics
            .iter()
            .map(|bytes| match Metric::decode(bytes.as_slice()) {
                Ok(metric) => self.metric(metric, depth),
                Err(error) => Value::Broken(format!("a metric is malformed: {error}")),
            });
        let metrics = metrics.collect();
        let parameters = template.parameters.into_iter().map(|parameter| {
            let value = match (parameter.value, Datatype::of(parameter.datatype)) {
                (None, _) => Value::Null,
                (Some(_), Err(why)) => Value::Broken(why),
                (Some(value), Ok(datatype)) => Scalar::from(value).value(datatype),
            };
            (Cow::Owned(parameter.name.unwrap_or_default()), value)
        });
        let text = |text: Option<String>| text.map_or(Value::Null, |text| Value::Text(text.into()));
        Value::object([
            ("reference", text(template.reference)),
            ("version", text(template.version)),
            (
                "is_definition",
                Value::Boolean(template.is_definition == Some(true)),
            ),
            ("parameters", Value::Object(parameters.collect())),
            ("metrics", Value::Array(metrics)),
        ])
    }
}

fn properties_of(bytes: &[u8], depth: usize) -> Value<'static> {
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Broken("too many properties lie in one another".into());
    };
    let set = match PropertySet::decode(bytes) {
        Ok(set) if set.keys.len() == set.values.len() => set,
        Ok(_) => return Value::Broken("there are not as many properties as names of them".into()),
        Err(error) => return Value::Broken(format!("the properties are malformed: {error}")),
    };
    let members = set.keys.into_iter().zip(set.values);
    let members = members.map(|(key, value)| (Cow::Owned(key), property(value, depth)));
    Value::Object(members.collect())
}

fn property(property: PropertyValue, depth: usize) -> Value<'static> {
    let Some(value) = property.value.filter(|_| property.is_null != Some(true)) else {
        return Value::Null;
    };
    let scalar = match value {
        PropertyKind::Int(number) => Scalar::Int(number),
        PropertyKind::Long(number) => Scalar::Long(number),
        PropertyKind::Float(number) => Scalar::Float(number),
        PropertyKind::Double(number) => Scalar::Double(number),
        PropertyKind::Boolean(truth) => Scalar::Boolean(truth),
        PropertyKind::Text(text) => Scalar::Text(text),
        PropertyKind::Set(bytes) => return properties_of(&bytes, depth),
        PropertyKind::Sets(bytes) => {
            return match PropertySetList::decode(bytes.as_slice()) {
                Ok(list) => {
                    let sets = list.sets.iter().map(|set| properties_of(set, depth));
                    Value::Array(sets.collect())
                }
                Err(error) => Value::Broken(format!("the properties are malformed: {error}")),
            };
        }
    };
    match Datatype::of(property.datatype) {
        Ok(datatype) => scalar.value(datatype),
        Err(why) => Value::Broken(why),
    }
}

fn data_set(bytes: &[u8], limits: &Limits) -> Value<'static> {
    let set = match DataSet::decode(bytes) {
        Ok(set) if set.columns.len() == set.types.len() => set,
        Ok(_) => return Value::Broken("a data set has not as many types as columns".into()),
        Err(error) => return Value::Broken(format!("a data set is malformed: {error}")),
    };
    let types: Result<Vec<Datatype>, String> = set
        .types
        .iter()
        .map(|number| Datatype::of(Some(*number)))
        .collect();
    let types = match types {
        Ok(types) => types,
        Err(why) => return Value::Broken(why),
    };
    // Each row has the names of its columns.
    let names: usize = set.columns.iter().map(String::len).sum();
    if set.rows.len() > limits.elements || set.rows.len() * names > limits.text_bytes {
        return Value::Broken("a data set has too many rows".into());
    }
    let mut rows = Vec::new();
    for row in set.rows {
        if row.elements.len() != set.columns.len() {
            return Value::Broken("a row of a data set has not as many values as columns".into());
        }
        let columns = set.columns.iter().zip(&types);
        let members = columns
            .zip(row.elements)
            .map(|((name, datatype), element)| {
                let value = element
                    .value
                    .map(|value| Scalar::from(value).value(*datatype));
                (Cow::Owned(name.clone()), value.unwrap_or(Value::Null))
            });
        rows.push(Value::Object(members.collect()));
    }
    let columns = set.columns.into_iter().map(|name| Value::Text(name.into()));
    let types = types.iter().map(|datatype| Value::text(datatype.name()));
    Value::object([
        ("columns", Value::Array(columns.collect())),
        ("types", Value::Array(types.collect())),
        ("rows", Value::Array(rows)),
    ])
}
