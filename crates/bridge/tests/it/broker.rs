//! A Mosquitto of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A broker on a free port, with what it keeps in a folder.
pub(crate) struct Mosquitto {
    pub(crate) port: u16,
    config: PathBuf,
    process: Option<Child>,
    folder: tempfile::TempDir,
}

impl Mosquitto {
    /// A broker that keeps sessions and messages when it is stopped.
    pub(crate) fn start() -> Self {
        let mut broker = Self::with("");
        broker.begin();
        broker
    }

    /// One with more lines in its configuration, not started yet; `{folder}` stands for its folder.
    pub(crate) fn with(lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let config = folder.path().join("mosquitto.conf");
        let own = folder.path().display().to_string();
        let lines = lines.replace("{folder}", &own);
        let text = format!(
            "user root\nper_listener_settings false\nallow_anonymous true\npersistence true\npersistence_location {own}/\n\
             max_queued_messages 0\nlog_dest file {own}/log\nlistener {port} 127.0.0.1\n{lines}\n"
        );
        std::fs::write(&config, text).unwrap();
        Self {
            port,
            config,
            process: None,
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether it ever let this client in with a clean start, which forgets its session.
    pub(crate) fn forgot(&self, client: &str) -> bool {
        let log = std::fs::read_to_string(self.folder().join("log")).unwrap_or_default();
        log.lines()
            .any(|line| line.contains(&format!(" as {client} (")) && line.contains(", c1, "))
    }

    /// Starts it; it listens afterwards.
    pub(crate) fn begin(&mut self) {
        let process = Command::new("/usr/sbin/mosquitto")
            .arg("-c")
            .arg(&self.config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto is installed");
        self.process = Some(process);
        for _ in 0..600 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("mosquitto does not listen");
    }

    /// Stops it: it writes down what it keeps, and all connections break.
    pub(crate) fn end(&mut self) {
        let mut process = self.process.take().unwrap();
        Command::new("kill")
            .arg(process.id().to_string())
            .status()
            .unwrap();
        process.wait().unwrap();
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().ok();
            process.wait().ok();
        }
    }
}
