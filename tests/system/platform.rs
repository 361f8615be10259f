//! A platform of the real binary, on free ports and in a temporary folder.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A running platform. Dropping it kills it.
pub(crate) struct Platform {
    child: Child,
    folder: TempDir,
    settings: Vec<(String, String)>,
    pub(crate) api: String,
    pub(crate) pgwire: String,
    pub(crate) gateway: String,
    pub(crate) mqtt: String,
    pub(crate) mqtt_tls: String,
    pub(crate) otlp: String,
    pub(crate) grpc: String,
    pub(crate) token: String,
}

impl Platform {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts one with further settings, as `TRUNKLINE__…` variables.
    pub(crate) fn with(settings: &[(&str, &str)]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), owned(settings))
    }

    /// Starts one with a `trunkline.toml`.
    pub(crate) fn configured(text: &str) -> Self {
        Self::configured_with(text, &[])
    }

    /// Starts one with a `trunkline.toml` and settings that go before it.
    pub(crate) fn configured_with(text: &str, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/trunkline.toml"), text).unwrap();
        Self::start_in(folder, owned(settings))
    }

    /// Starts one whose data directory is a file system of its own, of so many MiB, that ends with it.
    pub(crate) fn on_small_disk(mebibytes: u32, settings: &[(&str, &str)]) -> Self {
        let settings = owned(settings);
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let mut command = in_folder(Command::new("unshare"), folder.path(), &settings);
        let script =
            format!("mount -t tmpfs -o size={mebibytes}m,mode=700 none data && exec \"$0\" up");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .arg(env!("CARGO_BIN_EXE_trunkline"));
        Self::started(command, folder, settings)
    }

    fn start_in(folder: TempDir, settings: Vec<(String, String)>) -> Self {
        let mut command = command(folder.path(), &settings);
        command.arg("up");
        Self::started(command, folder, settings)
    }

    fn started(mut command: Command, folder: TempDir, settings: Vec<(String, String)>) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let mut said = Vec::new();
        let address = |said: &[String], name: &str| {
            said.iter()
                .filter_map(|line| line.trim().strip_prefix(name))
                .map(|rest| rest.trim().to_owned())
                .next()
        };
        // The last line of the greeting says how to stop it.
        while !said
            .last()
            .is_some_and(|line: &String| line.contains("Ctrl-C"))
        {
            said.push(
                lines
                    .next()
                    .unwrap_or_else(|| panic!("the platform did not start: {said:#?}")),
            );
        }
        let log = folder.path().join("said.log");
        std::thread::spawn(move || {
            // Keep the pipe open and empty, so that the platform never waits for its own words.
            let mut file = File::create(log).ok();
            for line in lines {
                if let Some(file) = &mut file {
                    std::io::Write::write_all(file, format!("{line}\n").as_bytes())
                        .unwrap_or_default();
                }
            }
        });
        let token = std::fs::read_to_string(inside(&child, &folder).join("local.token")).unwrap();
        Self {
            api: format!("http://{}", address(&said, "api ").unwrap()),
            pgwire: address(&said, "pgwire ").unwrap(),
            gateway: format!("http://{}", address(&said, "gateway ").unwrap()),
            mqtt: address(&said, "mqtt ").unwrap(),
            mqtt_tls: address(&said, "mqtt_tls ").unwrap(),
            otlp: format!("http://{}", address(&said, "otlp_http ").unwrap()),
            grpc: format!("http://{}", address(&said, "otlp_grpc ").unwrap()),
            token: token.trim().to_owned(),
            child,
            folder,
            settings,
        }
    }

    /// The data directory, as the platform sees it.
    pub(crate) fn data_dir(&self) -> PathBuf {
        inside(&self.child, &self.folder)
    }

    /// What it said since it started.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("said.log")).unwrap_or_default()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Kills it as a power cut would, and starts it again on the same data.
    pub(crate) fn kill_and_restart(self) -> Self {
        let (folder, settings) = self.kill();
        Self::start_in(folder, settings)
    }

    /// Kills it; what is left is its folder.
    pub(crate) fn kill(mut self) -> (TempDir, Vec<(String, String)>) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let empty = tempfile::tempdir().unwrap();
        let folder = std::mem::replace(&mut self.folder, empty);
        (folder, std::mem::take(&mut self.settings))
    }

    /// Stops it with the signal that a service manager sends, and gives its folder.
    pub(crate) fn stop(mut self) -> TempDir {
        let killed = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        assert!(
            self.child.wait().unwrap().success(),
            "a stop that was asked for is no failure"
        );
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Runs a command of the binary against this platform.
    pub(crate) fn trunkline(&self, arguments: &[&str]) -> Output {
        command(self.folder.path(), &self.settings)
            .args(arguments)
            .env("TRUNKLINE_SERVER", &self.api)
            .output()
            .unwrap()
    }

    /// The rows of a statement.
    pub(crate) fn sql(&self, query: &str) -> Vec<Vec<Value>> {
        let answer = self.post("/v1/sql", &json!({ "query": query, "limit": 10_000 }));
        let rows = answer["rows"]
            .as_array()
            .unwrap_or_else(|| panic!("{query}: {answer}"));
        rows.iter()
            .map(|row| row.as_array().unwrap().clone())
            .collect()
    }

    /// The one number that a statement gives.
    pub(crate) fn number(&self, query: &str) -> i64 {
        self.sql(query)[0][0].as_i64().unwrap()
    }

    /// Runs `query` until `done` is true of its number; the clients deliver in their own time.
    pub(crate) fn wait_for(&self, query: &str, done: impl Fn(i64) -> bool) -> i64 {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let number = self.number(query);
            if done(number) {
                return number;
            }
            assert!(
                std::time::Instant::now() < deadline,
                "{query} stays at {number}"
            );
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let (_, text) = self.curl(
            &[
                "-X",
                "POST",
                "-H",
                "content-type: application/json",
                "-d",
                &body.to_string(),
            ],
            path,
        );
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"))
    }

    /// Runs curl with the platform's token; gives the status and the body.
    pub(crate) fn curl(&self, arguments: &[&str], path: &str) -> (u16, String) {
        let output = Command::new("curl")
            .args(["-sS", "-m", "60", "-w", "\n%{http_code}"])
            .args(["-H", &format!("authorization: Bearer {}", self.token)])
            .args(arguments)
            .arg(format!("{}{path}", self.api))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), body.to_owned())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

fn owned(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The data directory through the process, which may have mounted something there.
fn inside(child: &Child, folder: &TempDir) -> PathBuf {
    let data = folder.path().join("data");
    let process = Path::new("/proc").join(child.id().to_string());
    process.join("root").join(data.strip_prefix("/").unwrap())
}

fn command(folder: &Path, settings: &[(String, String)]) -> Command {
    let command = Command::new(env!("CARGO_BIN_EXE_trunkline"));
    in_folder(command, folder, settings)
}

fn in_folder(mut command: Command, folder: &Path, settings: &[(String, String)]) -> Command {
    command
        .current_dir(folder)
        .env("TRUNKLINE_DATA_DIR", folder.join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    for section in [
        "API__LISTEN",
        "GATEWAY__LISTEN",
        "MQTT__LISTEN",
        "MQTT__TLS_LISTEN",
        "PGWIRE__LISTEN",
        "OTLP__LISTEN",
        "OTLP__GRPC_LISTEN",
    ] {
        command.env(format!("TRUNKLINE__{section}"), "127.0.0.1:0");
    }
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

/// The interpreter that has the real Python clients; made by `scripts/python-clients.sh`.
pub(crate) fn python() -> Command {
    let interpreter = std::env::var("TRUNKLINE_PYTHON")
        .expect("TRUNKLINE_PYTHON names an interpreter with tests/system/requirements.txt; `make test` sets it");
    Command::new(interpreter)
}

/// A port that nobody listens at now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A script beside this file.
pub(crate) fn script(name: &str) -> String {
    format!("{}/../../tests/system/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Asserts that a command did what it was asked for; gives what it printed.
pub(crate) fn done(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{error}");
    text
}
