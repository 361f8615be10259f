//! Prometheus' native histograms, which both versions of remote write share.

use crate::wire::{Fields, Wire, WireError, each_double, each_varint};

/// A native histogram with the counts of its buckets, not their differences.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NativeHistogram {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) schema: i64,
    pub(crate) zero_threshold: f64,
    pub(crate) zero_count: f64,
    pub(crate) positive: Side,
    pub(crate) negative: Side,
    pub(crate) custom_values: Vec<f64>,
    /// 1 yes, 2 no, 3 a gauge; 0 where it does not say.
    pub(crate) reset_hint: i64,
    /// Milliseconds since the epoch.
    pub(crate) time: i64,
    /// When the series began, in milliseconds; 0 where it does not say.
    pub(crate) start: i64,
}

/// The buckets on one side of zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Side {
    /// The gap before and the length of each run of buckets.
    pub(crate) spans: Vec<(i64, i64)>,
    pub(crate) counts: Vec<f64>,
    running: i64,
}

impl Side {
    fn span(&mut self, message: &[u8]) -> Result<(), WireError> {
        let (mut offset, mut length) = (0, 0);
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => offset = value.zigzag(),
                2 => length = value.integer(),
                _ => {}
            }
        }
        self.spans.push((offset, length));
        Ok(())
    }

    fn deltas(&mut self, value: Wire<'_>) -> Result<(), WireError> {
        each_varint(value, |raw| {
            self.running = self.running.wrapping_add(Wire::Varint(raw).zigzag());
            self.counts.push(self.running as f64);
        })
    }

    fn counts(&mut self, value: Wire<'_>) -> Result<(), WireError> {
        each_double(value, |count| self.counts.push(count))
    }
}

impl NativeHistogram {
    /// Reads the histogram that `message` is.
    pub(crate) fn read(message: &[u8]) -> Result<Self, WireError> {
        let mut histogram = Self::default();
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => histogram.count = value.integer().cast_unsigned() as f64,
                2 => histogram.count = value.double(),
                3 => histogram.sum = value.double(),
                4 => histogram.schema = value.zigzag(),
                5 => histogram.zero_threshold = value.double(),
                6 => histogram.zero_count = value.integer().cast_unsigned() as f64,
                7 => histogram.zero_count = value.double(),
                8 => histogram.negative.span(value.bytes())?,
                9 => histogram.negative.deltas(value)?,
                10 => histogram.negative.counts(value)?,
                11 => histogram.positive.span(value.bytes())?,
                12 => histogram.positive.deltas(value)?,
                13 => histogram.positive.counts(value)?,
                14 => histogram.reset_hint = value.integer(),
                15 => histogram.time = value.integer(),
                16 => each_double(value, |bound| histogram.custom_values.push(bound))?,
                17 => histogram.start = value.integer(),
                _ => {}
            }
        }
        Ok(histogram)
    }
}
