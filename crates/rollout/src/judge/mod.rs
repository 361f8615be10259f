//! Whether a release does worse than the one before it: a test that may be looked at any time.
//!
//! Time is cut into windows. In each the bad answers of both sides are counted, and given how many there are in all, a release that is as good as
//! the other gets its share of them. How much better the counts fit a release that is some times as bad is its evidence. Evidence is multiplied from
//! window to window, and is a fair game for a release that is as good: that it ever comes to `1 / alpha` has a probability of at most `alpha`,
//! however often somebody looks. Since only the split of the bad answers counts, trouble that both sides share is evidence for neither.
//!
//! Bad answers that come in clumps, such as retries of one request, say less than they seem to. How clumped they are is learnt from the
//! service's own history ([`dispersion`]), and evidence is divided by it.

mod counts;
mod dispersion;
mod evidence;
mod judgement;

pub use counts::{Counts, History, Window};
pub use dispersion::dispersion;
pub use evidence::Evidence;
pub use judgement::{Judgement, judge};
