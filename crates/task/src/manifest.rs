//! Tasks that manifests speak of by themselves.

use serde_json::Value;

/// The scripts of a `package.json` that are tasks.
pub(crate) fn scripts(manifest: &[u8]) -> Vec<String> {
    let manifest: Value = serde_json::from_slice(manifest).unwrap_or_default();
    let has = |name: &&str| {
        let script = manifest["scripts"][*name].as_str().unwrap_or_default();
        // What `npm init` writes is no test.
        !script.trim().is_empty() && !script.contains("no test specified")
    };
    let known = ["build", "test", "lint"];
    known
        .into_iter()
        .filter(|name| has(name))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_tasks_where_they_do_something() {
        let text = br#"{"scripts": {"build": "tsc", "test": "echo \"Error: no test specified\" && exit 1", "lint": " ", "dev": "x"}}"#;
        assert_eq!(scripts(text), ["build"]);
        assert!(scripts(b"{").is_empty());
    }
}
