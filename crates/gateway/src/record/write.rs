//! JSON by hand: the shape is known, so that nothing has to be looked up.

use std::io::Write;

/// Writes the members of one object.
#[derive(Debug)]
pub(super) struct Object<'a>(&'a mut Vec<u8>, bool);

impl<'a> Object<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self(out, true)
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.1) {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push(b'"');
        escape(self.0, value.as_bytes());
        self.0.push(b'"');
    }

    pub(super) fn text_if(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(super) fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        // Writing into memory does not fail.
        drop(write!(self.0, "{value}"));
    }

    pub(super) fn display(&mut self, name: &str, value: impl std::fmt::Display) {
        self.name(name);
        drop(write!(self.0, "\"{value}\""));
    }

    pub(super) fn end(self) {
        self.0.extend_from_slice(b"}\n");
    }
}

fn escape(out: &mut Vec<u8>, text: &[u8]) {
    if !text
        .iter()
        .any(|&byte| byte < b' ' || byte == b'"' || byte == b'\\')
    {
        out.extend_from_slice(text);
        return;
    }
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..=0x1f => drop(write!(out, "\\u{byte:04x}")),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let mut out = Vec::new();
        let mut object = Object::new(&mut out);
        object.text("a", "x\"\\\n\u{e9}");
        object.number("b", 7);
        object.text_if("c", None);
        object.display("d", std::net::Ipv4Addr::LOCALHOST);
        object.end();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"a": "x\"\\\n\u{e9}", "b": 7, "d": "127.0.0.1"})
        );
    }
}
