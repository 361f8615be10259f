//! How clumped bad answers come.

use super::Counts;

/// Where bad answers come in larger clumps than these, it was an outage and no habit.
const MOST: f64 = 10.0;
/// Windows below which nothing is learnt.
const FEWEST: usize = 30;

/// How many times more the bad answers of `windows` vary than if each came by itself: Pearson's statistic over its degrees of freedom, at least 1.
#[must_use]
pub fn dispersion(windows: &[Counts]) -> f64 {
    let all = windows
        .iter()
        .fold(Counts::default(), |all, one| all.plus(*one));
    let share = all.share();
    let with_answers = windows.iter().filter(|one| one.answers > 0);
    let many = with_answers.clone().count();
    if many < FEWEST || share <= 0.0 || share >= 1.0 {
        return 1.0;
    }
    let square = |one: &Counts| {
        let answers = one.answers as f64;
        let off = one.bad as f64 - answers * share;
        off * off / (answers * share * (1.0 - share))
    };
    let statistic: f64 = with_answers.map(square).sum();
    (statistic / (many - 1) as f64).clamp(1.0, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clumps_are_seen() {
        let steady: Vec<_> = (0..100)
            .map(|place| Counts::new(500, u64::from(place % 2 == 0)))
            .collect();
        assert!((dispersion(&steady) - 1.0).abs() < f64::EPSILON);
        let clumped: Vec<_> = (0..100)
            .map(|place| Counts::new(500, if place % 16 == 0 { 8 } else { 0 }))
            .collect();
        let found = dispersion(&clumped);
        assert!((6.0..9.0).contains(&found), "{found}");
    }

    #[test]
    fn of_little_nothing_is_learnt() {
        assert!((dispersion(&[Counts::new(10, 10)]) - 1.0).abs() < f64::EPSILON);
        let none = vec![Counts::new(10, 0); 100];
        assert!((dispersion(&none) - 1.0).abs() < f64::EPSILON);
        let outage: Vec<_> = (0..100)
            .map(|place| Counts::new(500, if place < 5 { 500 } else { 0 }))
            .collect();
        assert!((dispersion(&outage) - MOST).abs() < f64::EPSILON);
    }
}
