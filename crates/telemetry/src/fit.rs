//! From what an expression gives to the type of a column.

use std::borrow::Cow;

use crate::cell::Cell;
use crate::expression::Seen;
use crate::message::shown;
use crate::table::ColumnKind;
use crate::time_format::TimeFormat;
use crate::value::Value;

/// The value as a cell of a column. Nothing is rounded but whole numbers that a float cannot hold, and nothing is guessed.
///
/// # Errors
/// Why it does not fit, to be read after the name of the column.
pub(crate) fn fit(
    seen: Seen<'_>,
    kind: ColumnKind,
    format: TimeFormat,
) -> Result<Cell<'_>, String> {
    match kind {
        _ if seen == Seen::Null => Ok(Cell::Null),
        ColumnKind::String => text(seen),
        ColumnKind::Integer => integer(seen),
        ColumnKind::Float => float(seen),
        ColumnKind::Boolean => match seen {
            Seen::Boolean(truth) => Ok(Cell::Boolean(truth)),
            other => Err(no(kind, other)),
        },
        ColumnKind::Timestamp => time(seen, format),
        ColumnKind::Json => json(seen).map(|text| Cell::Text(text.into())),
    }
}

/// Devices often write ids as whole numbers, which lose nothing as texts.
fn text(seen: Seen<'_>) -> Result<Cell<'_>, String> {
    match seen {
        Seen::Text(text) => Ok(Cell::Text(Cow::Borrowed(text))),
        Seen::Integer(number) => Ok(Cell::Text(number.to_string().into())),
        Seen::Time(time) => Ok(Cell::Text(time.to_string().into())),
        other => Err(no(ColumnKind::String, other)),
    }
}

/// `5.0` is a whole number too, as long as a float holds it exactly.
fn integer(seen: Seen<'_>) -> Result<Cell<'_>, String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match seen {
        Seen::Integer(number) => i64::try_from(number).map(Cell::Integer).map_err(|_| {
            format!("holds 64 bits with a sign, and the number {number} is too large for it")
        }),
        Seen::Float(number) if number.fract() == 0.0 && number.abs() < EXACT => {
            Ok(Cell::Integer(number as i64))
        }
        Seen::Float(number) if number.abs() >= EXACT && number.is_finite() => Err(format!(
            "holds 64 bits with a sign, and the number {number:e} is too large to be exact"
        )),
        other => Err(no(ColumnKind::Integer, other)),
    }
}

fn float(seen: Seen<'_>) -> Result<Cell<'_>, String> {
    match seen {
        Seen::Integer(number) => Ok(Cell::Float(number as f64)),
        Seen::Float(number) if number.is_finite() => Ok(Cell::Float(number)),
        other => Err(no(ColumnKind::Float, other)),
    }
}

fn time(seen: Seen<'_>, format: TimeFormat) -> Result<Cell<'_>, String> {
    let found = match seen {
        Seen::Time(time) => Some(time),
        Seen::Text(text) if format == TimeFormat::Rfc3339 => text.parse().ok(),
        Seen::Integer(_) | Seen::Float(_) if format == TimeFormat::Rfc3339 => {
            let what = named(seen);
            return Err(format!(
                "takes a time, and {what} is one only with a `format` such as \"milliseconds\""
            ));
        }
        Seen::Integer(number) => format.whole(number),
        Seen::Float(number) => format.fraction(number),
        _ => None,
    };
    found.map(Cell::Time).ok_or_else(|| {
        let (format, what) = (format.name(), named(seen));
        format!("takes a time in the format {format}, and {what} is none")
    })
}

fn json(seen: Seen<'_>) -> Result<String, String> {
    let written = match seen {
        Seen::Tree(tree) => serde_json::to_string(tree),
        Seen::Text(text) => serde_json::to_string(text),
        Seen::Boolean(truth) => Ok(truth.to_string()),
        Seen::Integer(number) => Ok(number.to_string()),
        Seen::Float(number) => serde_json::to_string(&Value::Float(number)),
        Seen::Time(time) => serde_json::to_string(&time),
        Seen::Null => Ok("null".into()),
    };
    written.map_err(|error| format!("cannot be written: {error}"))
}

fn no(kind: ColumnKind, seen: Seen<'_>) -> String {
    let article = if kind == ColumnKind::Integer {
        "an"
    } else {
        "a"
    };
    format!(
        "takes {article} {}, and {} is none",
        kind.name(),
        named(seen)
    )
}

fn named(seen: Seen<'_>) -> String {
    match seen {
        Seen::Null => "null".into(),
        Seen::Boolean(truth) => format!("`{truth}`"),
        Seen::Integer(number) => format!("the number {number}"),
        Seen::Float(number) => format!("the number {number:?}"),
        Seen::Text(text) => format!("the text {}", shown(text)),
        Seen::Time(time) => format!("the time {time}"),
        Seen::Tree(Value::Array(_)) => "an array".into(),
        Seen::Tree(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::Timestamp;

    fn plain(seen: Seen<'_>, kind: ColumnKind) -> Result<Cell<'_>, String> {
        fit(seen, kind, TimeFormat::Rfc3339)
    }

    #[test]
    fn nothing_is_null_in_every_type() {
        for kind in ColumnKind::ALL {
            assert_eq!(plain(Seen::Null, kind), Ok(Cell::Null));
        }
    }

    #[test]
    fn whole_numbers_are_exact_or_refused() {
        let integer = |seen| plain(seen, ColumnKind::Integer);
        for number in [i64::MIN, -1, 0, i64::MAX] {
            assert_eq!(
                integer(Seen::Integer(number.into())),
                Ok(Cell::Integer(number))
            );
        }
        assert_eq!(integer(Seen::Float(-5.0)), Ok(Cell::Integer(-5)));
        for (seen, why) in [
            (Seen::Integer(i128::from(i64::MAX) + 1), "too large"),
            (Seen::Float(1e17), "too large to be exact"),
            (Seen::Float(5.5), "the number 5.5 is none"),
            (Seen::Float(f64::INFINITY), "is none"),
            (Seen::Text("5"), "the text `5` is none"),
        ] {
            let reason = integer(seen).unwrap_err();
            assert!(reason.contains(why), "{reason}");
        }
    }

    #[test]
    fn texts_take_ids_that_are_numbers() {
        let text = |seen| plain(seen, ColumnKind::String);
        assert_eq!(text(Seen::Text("a")), Ok(Cell::Text("a".into())));
        assert_eq!(text(Seen::Integer(42)), Ok(Cell::Text("42".into())));
        for seen in [Seen::Float(1.5), Seen::Boolean(true)] {
            assert!(text(seen).is_err());
        }
    }

    #[test]
    fn floats_are_finite() {
        let float = |seen| plain(seen, ColumnKind::Float);
        assert_eq!(float(Seen::Integer(3)), Ok(Cell::Float(3.0)));
        assert_eq!(float(Seen::Float(0.1)), Ok(Cell::Float(0.1)));
        for seen in [Seen::Float(f64::NAN), Seen::Text("1"), Seen::Boolean(true)] {
            assert!(float(seen).is_err());
        }
    }

    #[test]
    fn a_number_is_a_time_only_where_the_rule_says_how() {
        let time = Timestamp::from_millis(1_500);
        let text = Seen::Text("1970-01-01T00:00:01.5Z");
        assert_eq!(plain(text, ColumnKind::Timestamp), Ok(Cell::Time(time)));
        let number = Seen::Integer(1_500);
        let reason = plain(number, ColumnKind::Timestamp).unwrap_err();
        assert!(reason.contains("only with a `format`"), "{reason}");
        let milliseconds = |seen| fit(seen, ColumnKind::Timestamp, TimeFormat::Milliseconds);
        assert_eq!(milliseconds(number), Ok(Cell::Time(time)));
        assert_eq!(milliseconds(Seen::Time(time)), Ok(Cell::Time(time)));
        for seen in [text, Seen::Integer(i128::MAX), Seen::Boolean(true)] {
            assert!(milliseconds(seen).is_err());
        }
    }

    #[test]
    fn json_takes_everything_that_can_be_written() {
        let tree = Value::Array(vec![Value::Integer(1), Value::text("a")]);
        let json = |seen| plain(seen, ColumnKind::Json);
        for (seen, wanted) in [
            (Seen::Tree(&tree), r#"[1,"a"]"#),
            (Seen::Text("a\"b"), r#""a\"b""#),
            (Seen::Integer(u64::MAX.into()), "18446744073709551615"),
            (Seen::Float(0.5), "0.5"),
            (Seen::Boolean(true), "true"),
        ] {
            assert_eq!(json(seen), Ok(Cell::Text(wanted.into())));
        }
        let broken = Value::Array(vec![Value::Broken("why".into())]);
        let reason = json(Seen::Tree(&broken)).unwrap_err();
        assert_eq!(reason, "cannot be written: why");
    }
}
