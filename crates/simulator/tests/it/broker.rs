//! A broker of its own: mosquitto, on a free port and in a temporary folder.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const MOSQUITTO: &str = "/usr/sbin/mosquitto";

/// A running mosquitto. Dropping it kills it.
pub(crate) struct Mosquitto {
    child: Option<Child>,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Mosquitto {
    /// One that lets everybody in.
    pub(crate) fn open() -> Self {
        Self::with("allow_anonymous true\n", &[])
    }

    /// One with these further lines in its configuration, and these files in its folder, which `{folder}` stands for.
    pub(crate) fn with(configuration: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let place = folder.path().to_str().unwrap();
        let text = format!(
            "listener {port} 127.0.0.1\npersistence false\nlog_dest stderr\nuser root\n{}",
            configuration.replace("{folder}", place)
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text).unwrap();
        let mut broker = Self {
            child: None,
            folder,
            port,
        };
        broker.start();
        broker
    }

    pub(crate) fn start(&mut self) {
        assert!(
            std::path::Path::new(MOSQUITTO).exists(),
            "these tests need a real broker: install mosquitto, which is looked for at {MOSQUITTO}"
        );
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let child = Command::new(MOSQUITTO)
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"))
            .stderr(Stdio::from(log))
            .spawn()
            .unwrap();
        self.child = Some(child);
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("mosquitto does not answer:\n{log}");
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}
