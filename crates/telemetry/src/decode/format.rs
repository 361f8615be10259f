//! The formats of payloads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Aliases, cbor, json, sparkplug};
use crate::limits::Limits;
use crate::value::Value;

/// How a payload is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Cbor,
    SparkplugB,
    /// UTF-8 text.
    Text,
    /// Bytes, which become base64.
    Raw,
}

impl Format {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Json,
        Self::Cbor,
        Self::SparkplugB,
        Self::Text,
        Self::Raw,
    ];

    /// Its name in rule files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Cbor => "cbor",
            Self::SparkplugB => "sparkplug-b",
            Self::Text => "text",
            Self::Raw => "raw",
        }
    }

    /// The format called `name`.
    pub(crate) fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format of a rule that says none: CBOR where the message says so, else JSON.
    pub(crate) fn of(content_type: Option<&str>) -> Self {
        let essence = content_type.and_then(|kind| kind.split(';').next());
        let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
        if essence == "application/cbor" || essence.ends_with("+cbor") {
            Self::Cbor
        } else {
            Self::Json
        }
    }

    /// Whether the payload is a single text, into which no path leads.
    pub(crate) const fn is_whole(self) -> bool {
        matches!(self, Self::Text | Self::Raw)
    }

    /// Reads the payload of a message on `topic`. Names that it gives metrics of Sparkplug go to `aliases`, from where those of
    /// earlier messages come.
    ///
    /// # Errors
    /// Why it is none of this format.
    pub(crate) fn decode<'a>(
        self,
        topic: &str,
        payload: &'a [u8],
        aliases: &mut Aliases,
        limits: &Limits,
    ) -> Result<Value<'a>, String> {
        let decoded = match self {
            Self::Json => json::decode(payload, limits),
            Self::Cbor => cbor::decode(payload, limits),
            Self::Text => match std::str::from_utf8(payload) {
                Ok(text) => Ok(Value::text(text)),
                Err(error) => Err(format!("the byte {} is no UTF-8", error.valid_up_to())),
            },
            Self::Raw => Ok(Value::Text(STANDARD.encode(payload).into())),
            Self::SparkplugB => sparkplug::decode(topic, payload, aliases, limits),
        };
        decoded.map_err(|why| format!("the payload is no {}: {why}", self.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_type_tells_cbor_from_json() {
        for cbor in [
            "application/cbor",
            "Application/CBOR; x=1",
            "application/senml+cbor",
        ] {
            assert_eq!(Format::of(Some(cbor)), Format::Cbor);
        }
        for json in [None, Some(""), Some("text/plain"), Some("application/json")] {
            assert_eq!(Format::of(json), Format::Json);
        }
    }

    #[test]
    fn texts_and_bytes_are_one_value() {
        let read = |format: Format, payload: &'static [u8]| {
            format.decode("a", payload, &mut Aliases::default(), &Limits::default())
        };
        assert_eq!(read(Format::Text, b"on"), Ok(Value::text("on")));
        assert_eq!(
            read(Format::Text, b"on\xff").unwrap_err(),
            "the payload is no text: the byte 2 is no UTF-8"
        );
        assert_eq!(read(Format::Raw, b"\x00\xff"), Ok(Value::text("AP8=")));
    }
}
