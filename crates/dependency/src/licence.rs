//! Licences, as SPDX expressions.

/// Bytes of an expression above which it is not read.
const LARGE: usize = 4_096;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}` is no licence: {problem}")]
pub struct LicenceError {
    /// The expression.
    pub expression: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// An SPDX expression such as `MIT OR (Apache-2.0 WITH LLVM-exception AND BSD-3-Clause)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// In the order of a stack: operands first.
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A licence, with its exception where it has one.
    Licence(String),
    Both,
    Either,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Open,
    Either,
    Both,
}

impl Expression {
    /// Reads an expression. The `/` that Cargo once had between licences means `OR`.
    ///
    /// # Errors
    /// [`LicenceError`] where it is none.
    pub fn parse(text: &str) -> Result<Self, LicenceError> {
        let wrong = |problem| LicenceError {
            expression: text.chars().take(80).collect(),
            problem,
        };
        if text.len() > LARGE {
            return Err(wrong("it is too long"));
        }
        let spaced = text
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        let mut words = spaced.split_whitespace().peekable();
        let mut steps = Vec::new();
        let mut operators = Vec::new();
        // Whether a licence has to come next.
        let mut open = true;
        while let Some(word) = words.next() {
            match (word.to_ascii_uppercase().as_str(), open) {
                ("(", true) => operators.push(Operator::Open),
                (")", false) => close(&mut operators, &mut steps).map_err(wrong)?,
                ("AND", false) => {
                    reduce(&mut operators, &mut steps, Operator::Both);
                    open = true;
                }
                ("OR", false) => {
                    reduce(&mut operators, &mut steps, Operator::Either);
                    open = true;
                }
                ("AND" | "OR" | "WITH" | ")", true) => return Err(wrong("a licence is missing")),
                (_, false) => return Err(wrong("`AND` or `OR` is missing")),
                (_, true) if !is_name(word) => {
                    return Err(wrong("a name has letters that none has"));
                }
                (_, true) => {
                    let mut licence = word.to_owned();
                    if words
                        .next_if(|word| word.eq_ignore_ascii_case("with"))
                        .is_some()
                    {
                        let exception = words.next().filter(|word| is_name(word));
                        let exception =
                            exception.ok_or_else(|| wrong("an exception is missing"))?;
                        licence = format!("{licence} WITH {exception}");
                    }
                    steps.push(Step::Licence(licence));
                    open = false;
                }
            }
        }
        if open {
            return Err(wrong("a licence is missing"));
        }
        while let Some(operator) = operators.pop() {
            steps.push(step(operator).ok_or_else(|| wrong("a bracket is not closed"))?);
        }
        Ok(Self { steps })
    }

    /// Whether whoever may use what is in `allowed` may use this. An `allowed` that names a licence alone does not allow it with an
    /// exception, and the other way round.
    #[must_use]
    pub fn is_allowed(&self, allowed: &[String]) -> bool {
        let mut stack: Vec<bool> = Vec::new();
        for step in &self.steps {
            let result = match step {
                Step::Licence(licence) => {
                    allowed.iter().any(|one| one.eq_ignore_ascii_case(licence))
                }
                Step::Both | Step::Either => {
                    let (other, one) = (stack.pop(), stack.pop());
                    let (one, other) = (one == Some(true), other == Some(true));
                    if *step == Step::Both {
                        one && other
                    } else {
                        one || other
                    }
                }
            };
            stack.push(result);
        }
        stack.pop() == Some(true)
    }
}

fn is_name(word: &str) -> bool {
    word.chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "-.+:".contains(letter))
}

const fn step(operator: Operator) -> Option<Step> {
    match operator {
        Operator::Both => Some(Step::Both),
        Operator::Either => Some(Step::Either),
        Operator::Open => None,
    }
}

/// Takes from the stack what binds as tightly as `next`, and puts that on it.
fn reduce(operators: &mut Vec<Operator>, steps: &mut Vec<Step>, next: Operator) {
    while let Some(operator) = operators.last().copied() {
        let binds = operator == Operator::Both || operator == next;
        let Some(step) = step(operator).filter(|_| binds) else {
            break;
        };
        steps.push(step);
        operators.pop();
    }
    operators.push(next);
}

fn close(operators: &mut Vec<Operator>, steps: &mut Vec<Step>) -> Result<(), &'static str> {
    while let Some(operator) = operators.pop() {
        match step(operator) {
            Some(step) => steps.push(step),
            None => return Ok(()),
        }
    }
    Err("a bracket was not opened")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(text: &str, allowed: &[&str]) -> bool {
        let allowed: Vec<String> = allowed.iter().map(|one| (*one).to_owned()).collect();
        Expression::parse(text).unwrap().is_allowed(&allowed)
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(is_allowed("MIT OR Apache-2.0 AND GPL-3.0", &["MIT"]));
        assert!(!is_allowed(
            "MIT OR Apache-2.0 AND GPL-3.0",
            &["Apache-2.0"]
        ));
        assert!(!is_allowed("(MIT OR Apache-2.0) AND GPL-3.0", &["MIT"]));
        assert!(is_allowed("MIT and Zlib or GPL-3.0", &["zlib", "MIT"]));
        assert!(is_allowed("MIT/Apache-2.0", &["Apache-2.0"]));
    }

    #[test]
    fn an_exception_is_a_part_of_a_licence() {
        let text = "Apache-2.0 WITH LLVM-exception";
        assert!(is_allowed(text, &["Apache-2.0 WITH LLVM-exception"]));
        assert!(!is_allowed(text, &["Apache-2.0"]));
        assert!(!is_allowed("GPL-2.0+", &["GPL-2.0"]));
    }

    #[test]
    fn what_is_no_expression_says_why() {
        for text in [
            "",
            "MIT OR",
            "OR MIT",
            "MIT MIT",
            "(MIT",
            "MIT)",
            "()",
            "MIT WITH",
            "M$T",
            "MIT AND OR MIT",
            "SEE LICENSE IN x",
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
        let deep = format!("{}MIT{}", "(".repeat(2_000), ")".repeat(2_000));
        assert!(is_allowed(&deep, &["MIT"]));
    }
}
