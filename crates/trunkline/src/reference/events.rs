//! Every event type that the platform itself writes.

use trunkline_model::catalogue;

/// The body of the page.
pub(super) fn body() -> String {
    let mut text = String::from(
        "What the platform does is an event too: it stands in the log and in the table `events`, with a source of `/trunkline/<room>`.\n\n\
         | type | meaning | fields of `data` |\n|---|---|---|\n",
    );
    for entry in catalogue::ALL {
        let fields: Vec<String> = entry
            .fields
            .iter()
            .map(|field| format!("`{field}`"))
            .collect();
        text.push_str(&format!(
            "| `{}` | {} | {} |\n",
            entry.name,
            entry.meaning,
            fields.join(", ")
        ));
    }
    text
}
