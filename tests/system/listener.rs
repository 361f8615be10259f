//! A client of mosquitto that listens.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// How long a line may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads what a client of mosquitto prints, line by line.
pub(crate) struct Listener {
    child: Child,
    lines: Receiver<String>,
    /// What it printed so far, for who wonders why nothing comes.
    printed: RefCell<Vec<String>>,
}

impl Listener {
    /// Starts it, and waits until its subscriptions hold. It must print line by line, which `stdbuf -oL` makes it do.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .arg("-d")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let printed = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in printed.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let listener = Self {
            child,
            lines,
            printed: RefCell::default(),
        };
        while !listener.line().starts_with("Subscribed") {}
        listener
    }

    pub(crate) fn line(&self) -> String {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.printed.borrow_mut().push(line.clone());
                line
            }
            Err(error) => panic!(
                "the listener hears nothing, or ended: {error}; it printed {:#?}",
                self.printed.borrow()
            ),
        }
    }

    /// The next message, as `topic payload`.
    pub(crate) fn message(&self) -> (String, Value) {
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
