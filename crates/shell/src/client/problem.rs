//! Problem documents that a platform sent, as failures.

use serde_json::Value;

use crate::{Exit, Failure};

/// The failure that an answer with `status` and `body` tells of.
pub fn of_body(status: u16, body: &[u8]) -> Failure {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| problem[name].as_str().map(ToOwned::to_owned);
    let what = text("detail").or_else(|| text("title")).unwrap_or_else(|| {
        let start: String = String::from_utf8_lossy(body).chars().take(200).collect();
        format!("the answer was {status}: {start}")
            .trim_end_matches([':', ' '])
            .to_owned()
    });
    let exit = Exit::of_status(status);
    let failure = Failure::told(text("code"), what, text("hint"), exit);
    match text("request_id").filter(|_| status >= 500) {
        Some(id) => failure.because(&format!(
            "of something in the platform; its log has it under request {id}"
        )),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_keeps_its_words() {
        let body =
            br#"{"code":"TL-LAKE-001","detail":"no table x","hint":"list them","status":400}"#;
        let failure = of_body(400, body);
        let text = anstream::adapter::strip_str(&failure.render()).to_string();
        assert_eq!(text, "error[TL-LAKE-001]: no table x\n\nhint: list them\n");
        assert_eq!(failure.exit_code(), Exit::Failed);
    }

    #[test]
    fn another_answer_is_shown_as_it_is() {
        let failure = of_body(502, b"<html>bad gateway");
        assert_eq!(failure.to_string(), "the answer was 502: <html>bad gateway");
        assert_eq!(of_body(404, b"").exit_code(), Exit::NotFound);
    }
}
