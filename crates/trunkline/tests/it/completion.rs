//! Completions, static and dynamic.

use crate::program::Program;

#[test]
fn a_script_is_printed_for_each_shell() {
    let program = Program::new();
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef trunkline"),
        ("fish", "complete -c trunkline"),
    ] {
        let script = program.run(&["completions", shell]).good();
        assert!(script.contains(mark), "{shell}");
    }
}

/// What bash gets for a line whose last word is being typed.
fn offered(words: &[&str]) -> Vec<String> {
    let program = Program::new()
        .with("COMPLETE", "bash")
        .with("_CLAP_COMPLETE_INDEX", &(words.len() - 1).to_string())
        .with("_CLAP_COMPLETE_COMP_TYPE", "9")
        .with("_CLAP_IFS", "\n");
    let text = program.run(&[&["--"], words].concat()).good();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn commands_options_and_codes_are_offered() {
    assert!(offered(&["trunkline", "st"]).contains(&"status".to_owned()));
    assert!(offered(&["trunkline", "tail", "--cont"]).contains(&"--contains".to_owned()));
    assert_eq!(offered(&["trunkline", "explain", "TL-CLI-00"]).len(), 9);
    // Nothing answers here, so no table can be offered, and that is no error.
    assert_eq!(offered(&["trunkline", "tail", "--table", "x"]), [""; 0]);
}
