//! Programs that run beside a test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::platform::{done, free_port, python, script};

/// A program that ends with the test.
pub(crate) struct Program(Child);

impl Program {
    /// Starts one whose words nobody wants to hear.
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        drop(self.0.wait());
    }
}

/// A service of `services/`, which says that it is ready.
pub(crate) struct Service {
    _program: Program,
    pub(crate) address: String,
}

impl Service {
    pub(crate) fn start(program: &str, file: &str) -> Self {
        let port = free_port();
        let mut child = Command::new(program)
            .arg(script(&format!("services/{file}")))
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let program = Program(child);
        assert_eq!(line.trim(), "ready", "{file}");
        Self {
            _program: program,
            address: format!("127.0.0.1:{port}"),
        }
    }
}

/// A certificate for `name`, at `folder`/`file`.pem with its key at `file`.key; signed by itself, unless `more` says otherwise.
pub(crate) fn certify(folder: &Path, file: &str, name: &str, more: &[&str]) {
    let mut command = Command::new("openssl");
    command
        .current_dir(folder)
        .args(["req", "-x509", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-nodes", "-days", "2", "-subj", &format!("/CN={name}")])
        .args(["-keyout", &format!("{file}.key")])
        .args(["-out", &format!("{file}.pem")])
        .args(more);
    done(&command.output().unwrap());
}

/// Asks an API in every way that its document allows, and in some that it does not; every answer has to be a documented one.
pub(crate) fn schemathesis(document: &str, token: &str, more: &[&str]) {
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
    let output = python()
        .args(["-m", "schemathesis.cli", "run", document])
        // It leaves a folder where it runs.
        .current_dir(std::env::temp_dir())
        .args(["-H", &format!("authorization: Bearer {token}")])
        .args(["--checks", checks, "--seed", "7", "--no-color"])
        .args(more)
        .output()
        .unwrap();
    done(&output);
}
