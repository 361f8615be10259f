//! Comparing and reckoning.

use std::cmp::Ordering;

use trunkline_model::Timestamp;

use super::Seen;
use super::node::{Comparison, Operator};

/// How two values stand to one another; nothing where that is unknown.
pub(crate) fn compare(one: Seen<'_>, other: Seen<'_>) -> Option<Ordering> {
    match (one, other) {
        (Seen::Boolean(one), Seen::Boolean(other)) => Some(one.cmp(&other)),
        (Seen::Integer(one), Seen::Integer(other)) => Some(one.cmp(&other)),
        (Seen::Float(one), Seen::Float(other)) => one.partial_cmp(&other),
        (Seen::Integer(one), Seen::Float(other)) => mixed(one, other),
        (Seen::Float(one), Seen::Integer(other)) => mixed(other, one).map(Ordering::reverse),
        (Seen::Text(one), Seen::Text(other)) => Some(one.cmp(other)),
        (Seen::Time(one), Seen::Time(other)) => Some(one.cmp(&other)),
        (Seen::Time(one), Seen::Text(other)) => Some(one.cmp(&moment(other)?)),
        (Seen::Text(one), Seen::Time(other)) => Some(moment(one)?.cmp(&other)),
        _ => None,
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A whole number and a float, exactly: making either the other's kind would lose digits.
fn mixed(whole: i128, float: f64) -> Option<Ordering> {
    const END: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float.is_nan() {
        return None;
    }
    if float >= END {
        return Some(Ordering::Less);
    }
    if float < -END {
        return Some(Ordering::Greater);
    }
    let rest = 0.0.partial_cmp(&float.fract())?;
    Some(whole.cmp(&(float.trunc() as i128)).then(rest))
}

impl Comparison {
    /// Whether it holds; unknown where the order is.
    pub(crate) fn holds(self, order: Option<Ordering>) -> Option<bool> {
        let order = order?;
        Some(match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        })
    }
}

/// The result of an operation; unknown where either side is no number, by zero, and beyond what a float can hold.
pub(crate) fn reckon<'a>(operator: Operator, one: Seen<'a>, other: Seen<'a>) -> Seen<'a> {
    if let (Seen::Integer(one), Seen::Integer(other)) = (one, other)
        && let Some(whole) = whole(operator, one, other)
    {
        return Seen::Integer(whole);
    }
    let (Some(one), Some(other)) = (float(one), float(other)) else {
        return Seen::Null;
    };
    let result = match operator {
        Operator::Add => one + other,
        Operator::Subtract => one - other,
        Operator::Multiply => one * other,
        Operator::Divide => one / other,
        Operator::Remainder => one % other,
    };
    if result.is_finite() {
        Seen::Float(result)
    } else {
        Seen::Null
    }
}

/// The whole result, where there is one that 128 bits can hold.
fn whole(operator: Operator, one: i128, other: i128) -> Option<i128> {
    match operator {
        Operator::Add => one.checked_add(other),
        Operator::Subtract => one.checked_sub(other),
        Operator::Multiply => one.checked_mul(other),
        Operator::Divide if one.checked_rem(other)? == 0 => one.checked_div(other),
        Operator::Divide => None,
        Operator::Remainder => one.checked_rem(other),
    }
}

/// A number of the other sign; unknown for what is no number.
pub(crate) fn negate(value: Seen<'_>) -> Seen<'_> {
    match value {
        Seen::Integer(number) => number.checked_neg().map_or(Seen::Null, Seen::Integer),
        Seen::Float(number) => Seen::Float(-number),
        _ => Seen::Null,
    }
}

fn float(value: Seen<'_>) -> Option<f64> {
    match value {
        Seen::Integer(number) => Some(number as f64),
        Seen::Float(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_floats_compare_exactly() {
        let edge = 9_007_199_254_740_992_i128;
        for (whole, float, wanted) in [
            (edge + 1, 9_007_199_254_740_992.0, Ordering::Greater),
            (edge, 9_007_199_254_740_992.0, Ordering::Equal),
            (-1, -1.5, Ordering::Greater),
            (-2, -1.5, Ordering::Less),
            (1, 1.5, Ordering::Less),
            (0, -0.0, Ordering::Equal),
            (i128::MAX, f64::INFINITY, Ordering::Less),
            (i128::MIN, f64::NEG_INFINITY, Ordering::Greater),
            (
                i128::MIN,
                -170_141_183_460_469_231_731_687_303_715_884_105_728.0,
                Ordering::Equal,
            ),
        ] {
            let (whole, float) = (Seen::Integer(whole), Seen::Float(float));
            assert_eq!(compare(whole, float), Some(wanted), "{whole:?} {float:?}");
            assert_eq!(compare(float, whole), Some(wanted.reverse()));
        }
        assert_eq!(compare(Seen::Integer(1), Seen::Float(f64::NAN)), None);
    }

    #[test]
    fn other_kinds_are_unknown_and_times_may_be_texts() {
        assert_eq!(compare(Seen::Integer(1), Seen::Text("1")), None);
        assert_eq!(compare(Seen::Null, Seen::Null), None);
        let time = Seen::Time(Timestamp::from_millis(1_000));
        let text = Seen::Text("1970-01-01T00:00:01Z");
        assert_eq!(compare(time, text), Some(Ordering::Equal));
        assert_eq!(compare(Seen::Text("soon"), time), None);
    }

    #[test]
    fn divisions_are_whole_where_they_come_out_even() {
        let divide = |one: i128, other: i128| {
            reckon(Operator::Divide, Seen::Integer(one), Seen::Integer(other))
        };
        assert_eq!(divide(6, 3), Seen::Integer(2));
        assert_eq!(divide(7, 2), Seen::Float(3.5));
        assert_eq!(divide(7, 0), Seen::Null);
        let remainder = |one: i128, other: i128| {
            reckon(
                Operator::Remainder,
                Seen::Integer(one),
                Seen::Integer(other),
            )
        };
        assert_eq!(remainder(-7, 2), Seen::Integer(-1));
        assert_eq!(remainder(7, 0), Seen::Null);
    }

    #[test]
    fn what_is_too_large_becomes_a_float_and_then_unknown() {
        let most = Seen::Integer(i128::MAX);
        assert_eq!(
            reckon(Operator::Add, most, Seen::Integer(1)),
            Seen::Float(i128::MAX as f64)
        );
        let large = Seen::Float(1e308);
        assert_eq!(reckon(Operator::Multiply, large, large), Seen::Null);
        assert_eq!(reckon(Operator::Add, most, Seen::Text("1")), Seen::Null);
        assert_eq!(negate(Seen::Integer(i128::MIN)), Seen::Null);
    }
}
