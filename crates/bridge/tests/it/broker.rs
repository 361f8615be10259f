//! A Mosquitto of its own.

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A port of TCP that no other test takes, in this process or in another, as long as this is kept: its twin of UDP stands for it.
struct Port {
    number: u16,
    _twin: UdpSocket,
}

impl Port {
    /// One below those that the system gives to connections, which might come between two starts of a broker.
    fn reserve() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        const FIRST: u32 = 20_000;
        const MANY: u32 = 12_000;
        for _ in 0..MANY {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let offset = std::process::id().wrapping_mul(31).wrapping_add(next) % MANY;
            let number = u16::try_from(FIRST + offset).unwrap();
            let twin = UdpSocket::bind(("127.0.0.1", number));
            if let (Ok(twin), Ok(_)) = (twin, TcpListener::bind(("127.0.0.1", number))) {
                return Self {
                    number,
                    _twin: twin,
                };
            }
        }
        panic!("no port is free");
    }
}

/// A broker on a free port, with what it keeps in a folder.
pub(crate) struct Mosquitto {
    pub(crate) port: u16,
    /// Another port of its own, for lines of the configuration that want one.
    pub(crate) second_port: u16,
    config: PathBuf,
    process: Option<Child>,
    folder: tempfile::TempDir,
    _ports: [Port; 2],
}

impl Mosquitto {
    /// A broker that keeps sessions and messages when it is stopped.
    pub(crate) fn start() -> Self {
        let mut broker = Self::with("");
        broker.begin();
        broker
    }

    /// One with more lines in its configuration, not started yet; `{folder}` stands for its folder, `{second_port}` for that.
    pub(crate) fn with(lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ports = [Port::reserve(), Port::reserve()];
        let [port, second_port] = [ports[0].number, ports[1].number];
        let config = folder.path().join("mosquitto.conf");
        let own = folder.path().display().to_string();
        let lines = lines
            .replace("{folder}", &own)
            .replace("{second_port}", &second_port.to_string());
        let text = format!(
            "user root\nper_listener_settings false\nallow_anonymous true\npersistence true\npersistence_location {own}/\n\
             max_queued_messages 0\nlog_dest file {own}/log\nlistener {port} 127.0.0.1\n{lines}\n"
        );
        std::fs::write(&config, text).unwrap();
        Self {
            port,
            second_port,
            config,
            process: None,
            folder,
            _ports: ports,
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
        let mut process = Command::new("/usr/sbin/mosquitto")
            .arg("-c")
            .arg(&self.config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto is installed");
        for _ in 0..600 {
            if let Some(status) = process.try_wait().unwrap() {
                let log = std::fs::read_to_string(self.folder().join("log"));
                panic!("mosquitto ended with {status}: {log:?}");
            }
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                self.process = Some(process);
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        process.kill().unwrap();
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
