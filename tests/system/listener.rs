//! A client of mosquitto that listens.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Reads what a client of mosquitto prints, line by line.
pub(crate) struct Listener {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Listener {
    /// Starts it, and waits until its subscriptions hold. It must print line by line, which `stdbuf -oL` makes it do.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .arg("-d")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut listener = Self {
            lines: BufReader::new(child.stdout.take().unwrap()),
            child,
        };
        while !listener.line().starts_with("Subscribed") {}
        listener
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(
            self.lines.read_line(&mut line).unwrap() > 0,
            "the listener ended"
        );
        line.trim_end().to_owned()
    }

    /// The next message, as `topic payload`.
    pub(crate) fn message(&mut self) -> (String, Value) {
        loop {
            let line = self.line();
            if let Some((topic, payload)) = line.split_once(' ')
                && topic.contains('/')
                && let Ok(payload) = serde_json::from_str(payload)
            {
                return (topic.to_owned(), payload);
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}
