//! Prometheus remote write, either version, read in place series by series.

use crate::wire::{Fields, Wire, WireError, each_varint};

/// A version of the protocol; the messages differ, what they say does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// `prometheus.WriteRequest`.
    One,
    /// `io.prometheus.write.v2.Request`, with the start of a series where 2.0-rc.3 has it and where Prometheus 3.8 has it.
    Two,
}

/// A measured value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    pub(crate) value: f64,
    /// Milliseconds since the epoch.
    pub(crate) time: i64,
    /// When the series began, in milliseconds; 0 where it does not say.
    pub(crate) start: i64,
}

/// The parts of one series. Kept between series, so that its vectors are made once.
#[derive(Debug, Default)]
pub(crate) struct Series<'a> {
    pub(crate) labels: Vec<(&'a str, &'a str)>,
    pub(crate) samples: Vec<Sample>,
    /// Native histograms, each a message.
    pub(crate) histograms: Vec<&'a [u8]>,
    /// Exemplars, each a message.
    pub(crate) exemplars: Vec<&'a [u8]>,
    /// The number of the metric's type; 0 where it does not say.
    pub(crate) kind: u64,
    pub(crate) unit: &'a str,
    references: Vec<u64>,
}

/// The strings of a version 2 request.
pub(crate) type Symbols<'a> = Vec<&'a str>;

/// One field of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// A series.
    Series(&'a [u8]),
    /// A field that only the other version has.
    Foreign,
    /// Anything else.
    Other,
}

/// The fields of a request, each with all of its bytes.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    message: &'a [u8],
    fields: Fields<'a>,
    version: Version,
}

impl<'a> Parts<'a> {
    pub(crate) const fn new(message: &'a [u8], version: Version) -> Self {
        Self {
            message,
            fields: Fields::new(message),
            version,
        }
    }

    /// The next field, and its bytes with the number and the length.
    pub(crate) fn next(&mut self) -> Result<Option<(Part<'a>, &'a [u8])>, WireError> {
        let from = self.message.len() - self.fields.left();
        let Some((number, value)) = self.fields.next()? else {
            return Ok(None);
        };
        let to = self.message.len() - self.fields.left();
        let part = match (self.version, number, value) {
            (Version::One, 1, Wire::Bytes(series)) | (Version::Two, 5, Wire::Bytes(series)) => {
                Part::Series(series)
            }
            // The two versions keep clear of each other's numbers so that a mistaken content type shows.
            (Version::One, 4 | 5, _) | (Version::Two, 1..=3, _) => Part::Foreign,
            _ => Part::Other,
        };
        Ok(Some((part, self.message.get(from..to).unwrap_or_default())))
    }
}

/// The strings of a request; version 1 has none.
pub(crate) fn symbols(message: &[u8], version: Version) -> Result<Symbols<'_>, WireError> {
    let mut symbols = Vec::new();
    if version == Version::One {
        return Ok(symbols);
    }
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        if number == 4 {
            symbols.push(value.text()?);
        }
    }
    Ok(symbols)
}

impl<'a> Series<'a> {
    /// Reads the series that `message` is.
    pub(crate) fn read(
        &mut self,
        message: &'a [u8],
        version: Version,
        symbols: &Symbols<'a>,
    ) -> Result<(), WireError> {
        self.labels.clear();
        self.samples.clear();
        self.histograms.clear();
        self.exemplars.clear();
        self.references.clear();
        self.kind = 0;
        self.unit = "";
        match version {
            Version::One => self.read_one(message),
            Version::Two => self.read_two(message, symbols),
        }
    }

    fn read_one(&mut self, message: &'a [u8]) -> Result<(), WireError> {
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => self.labels.push(label(value.bytes())?),
                2 => self.samples.push(sample(value.bytes())?),
                3 => self.exemplars.push(value.bytes()),
                4 => self.histograms.push(value.bytes()),
                _ => {}
            }
        }
        Ok(())
    }

    fn read_two(&mut self, message: &'a [u8], symbols: &Symbols<'a>) -> Result<(), WireError> {
        let mut fields = Fields::new(message);
        let mut created = 0;
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => each_varint(value, |reference| self.references.push(reference))?,
                2 => self.samples.push(sample(value.bytes())?),
                3 => self.histograms.push(value.bytes()),
                4 => self.exemplars.push(value.bytes()),
                5 => self.read_metadata(value.bytes(), symbols)?,
                6 => created = value.integer(),
                _ => {}
            }
        }
        resolve(&self.references, symbols, &mut self.labels)?;
        for sample in &mut self.samples {
            if sample.start == 0 {
                sample.start = created;
            }
        }
        Ok(())
    }

    fn read_metadata(&mut self, message: &'a [u8], symbols: &Symbols<'a>) -> Result<(), WireError> {
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => self.kind = value.integer().cast_unsigned(),
                4 => self.unit = symbol(symbols, value.integer().cast_unsigned())?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The value of the label called `name`; empty where there is none.
    pub(crate) fn label(&self, name: &str) -> &'a str {
        self.labels
            .iter()
            .find(|(label, _)| *label == name)
            .map_or("", |(_, value)| value)
    }
}

fn label(message: &[u8]) -> Result<(&str, &str), WireError> {
    let (mut name, mut label) = ("", "");
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => name = value.text()?,
            2 => label = value.text()?,
            _ => {}
        }
    }
    Ok((name, label))
}

fn sample(message: &[u8]) -> Result<Sample, WireError> {
    let mut sample = Sample::default();
    let mut fields = Fields::new(message);
    while let Some((number, value)) = fields.next()? {
        match number {
            1 => sample.value = value.double(),
            2 => sample.time = value.integer(),
            3 => sample.start = value.integer(),
            _ => {}
        }
    }
    Ok(sample)
}

fn symbol<'a>(symbols: &Symbols<'a>, reference: u64) -> Result<&'a str, WireError> {
    let place = usize::try_from(reference).unwrap_or(usize::MAX);
    symbols
        .get(place)
        .copied()
        .ok_or(WireError::new("a reference points outside of the symbols"))
}

fn resolve<'a>(
    references: &[u64],
    symbols: &Symbols<'a>,
    labels: &mut Vec<(&'a str, &'a str)>,
) -> Result<(), WireError> {
    let (pairs, rest) = references.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(WireError::new("a label has a name and no value"));
    }
    for [name, value] in pairs {
        labels.push((symbol(symbols, *name)?, symbol(symbols, *value)?));
    }
    Ok(())
}

/// An example of what a value stands for.
#[derive(Debug, Default)]
pub(crate) struct Exemplar<'a> {
    pub(crate) labels: Vec<(&'a str, &'a str)>,
    pub(crate) value: f64,
    /// Milliseconds since the epoch; 0 where it does not say.
    pub(crate) time: i64,
}

impl<'a> Exemplar<'a> {
    /// Reads the exemplar that `message` is.
    pub(crate) fn read(
        message: &'a [u8],
        version: Version,
        symbols: &Symbols<'a>,
    ) -> Result<Self, WireError> {
        let mut exemplar = Self::default();
        let mut references = Vec::new();
        let mut fields = Fields::new(message);
        while let Some((number, value)) = fields.next()? {
            match number {
                1 if version == Version::One => exemplar.labels.push(label(value.bytes())?),
                1 => each_varint(value, |reference| references.push(reference))?,
                2 => exemplar.value = value.double(),
                3 => exemplar.time = value.integer(),
                _ => {}
            }
        }
        resolve(&references, symbols, &mut exemplar.labels)?;
        Ok(exemplar)
    }
}
