//! The tables that rules write.

/// The type of a column. The names are those of the tables' own types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// UTF-8 text.
    String,
    /// A signed 64-bit number.
    Integer,
    /// A 64-bit floating point number.
    Float,
    /// True or false.
    Boolean,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Timestamp,
    /// JSON, as text.
    Json,
}

impl ColumnKind {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::String,
        Self::Integer,
        Self::Float,
        Self::Boolean,
        Self::Timestamp,
        Self::Json,
    ];

    /// Its name in rule files and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Timestamp => "timestamp",
            Self::Json => "json",
        }
    }

    /// The type called `name`; `text` and `real` are other names of `string` and `float`.
    pub(crate) fn read(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::String),
            "real" => Some(Self::Float),
            _ => Self::ALL.into_iter().find(|kind| kind.name() == name),
        }
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in SQL.
    pub name: String,
    /// Its type.
    pub kind: ColumnKind,
    /// The unit of its numbers, where the rule says one.
    pub unit: Option<String>,
    /// What it holds, for people.
    pub comment: String,
}

impl Column {
    /// What it holds, with the unit, as the table's description has it.
    #[must_use]
    pub fn description(&self) -> String {
        match (&self.unit, self.comment.is_empty()) {
            (Some(unit), true) => format!("In {unit}."),
            (Some(unit), false) => format!("{} In {unit}.", self.comment),
            (None, _) => self.comment.clone(),
        }
    }
}

/// A table that rules write. The row's time is none of its columns: each table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in SQL.
    pub name: String,
    /// Its columns, in the order in which rows have them.
    pub columns: Vec<Column>,
    /// The rules that write it, by name.
    pub rules: Vec<String>,
}

/// The most bytes of a name.
const NAME: usize = 63;

/// Whether `name` can be that of a table or a column: up to 63 lower-case letters, digits and `_`, not beginning with a digit.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=NAME).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_names_of_the_tables_and_two_of_sql() {
        for kind in ColumnKind::ALL {
            assert_eq!(ColumnKind::read(kind.name()), Some(kind));
        }
        assert_eq!(ColumnKind::read("text"), Some(ColumnKind::String));
        assert_eq!(ColumnKind::read("real"), Some(ColumnKind::Float));
        assert_eq!(ColumnKind::read("date"), None);
    }

    #[test]
    fn names_are_short_and_plain() {
        for good in ["a", "_a1", &"a".repeat(63)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "1a", "A", "a-b", "\u{e9}", &"a".repeat(64)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_description_ends_with_the_unit() {
        let column = |unit: Option<&str>, comment: &str| Column {
            name: "a".into(),
            kind: ColumnKind::Float,
            unit: unit.map(Into::into),
            comment: comment.into(),
        };
        assert_eq!(column(None, "").description(), "");
        assert_eq!(column(None, "Heat.").description(), "Heat.");
        assert_eq!(column(Some("bar"), "").description(), "In bar.");
        assert_eq!(column(Some("bar"), "Heat.").description(), "Heat. In bar.");
    }
}
