//! Every error code.

use trunkline_model::code;

use super::page::cell;

/// The body of the page.
pub(super) fn body() -> String {
    let mut text = String::from(
        "`trunkline explain CODE` prints a code's page, and so does the console under `/errors/CODE`.\n\n\
         | code | HTTP status | what is wrong | what to do |\n|---|---|---|---|\n",
    );
    for entry in code::all() {
        let (title, hint) = (cell(entry.title), cell(entry.hint));
        text.push_str(&format!(
            "| [{0}](../errors/{0}.md) | {1} | {title} | {hint} |\n",
            entry.code, entry.status
        ));
    }
    text
}
