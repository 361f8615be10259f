//! The first row of each group, such as the latest reading of each device, without sorting all rows.
//!
//! People ask for it by `row_number() over (partition by … order by …) = 1`. As it stands that sorts the whole table to keep one row
//! of thousands. The rule puts an operator below the sort that lets through the first row of each group alone, or a few more; the
//! window and the filter above stay, so the answer is theirs. The scan below is told as well, so that it does not decode what will go.
//! `last_value(… order by …)`, `first_value` and `distinct` gain in the same way.

mod aggregate;
mod groups;
mod late;
mod operator;
mod reduce;
mod rule;

pub(crate) use rule::FIRST_ROW;
