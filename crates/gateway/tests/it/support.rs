//! Upstreams, gateways and clients of the tests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use trunkline_gateway::{Gateway, GatewayConfig, Ports, RequestSink, RouteFile, Running};
use trunkline_model::{RandomIds, SystemClock};

/// What an upstream does with a connection after it read a head: the bytes to write; then it closes, unless they say otherwise.
pub(crate) type Behave = fn(&str) -> Reply;

pub(crate) enum Reply {
    /// Answers and keeps the connection.
    Keep(Vec<u8>),
    /// Answers and closes.
    Close(Vec<u8>),
    /// Says nothing and keeps the connection.
    Hang,
}

pub(crate) fn ok(body: &str) -> Reply {
    Reply::Keep(
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

/// An upstream that keeps every head that reached it.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    pub(crate) async fn start(behave: Behave) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream = Self {
            address: listener.local_addr().unwrap(),
            heads: Arc::default(),
        };
        let heads = Arc::clone(&upstream.heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&heads), behave));
            }
        });
        upstream
    }

    pub(crate) fn count(&self) -> usize {
        self.heads.lock().unwrap().len()
    }

    pub(crate) fn last(&self) -> String {
        self.heads
            .lock()
            .unwrap()
            .last()
            .cloned()
            .unwrap_or_default()
    }
}

async fn serve(mut stream: TcpStream, heads: Arc<Mutex<Vec<String>>>, behave: Behave) {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        bytes.drain(..end);
        let length = head
            .to_ascii_lowercase()
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        while bytes.len() < length.unwrap_or(0) {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
        bytes.drain(..length.unwrap_or(0));
        let reply = behave(&head);
        heads.lock().unwrap().push(head);
        match reply {
            Reply::Keep(answer) => stream.write_all(&answer).await.unwrap_or(()),
            Reply::Close(answer) => {
                stream.write_all(&answer).await.unwrap_or(());
                return;
            }
            Reply::Hang => std::future::pending().await,
        }
    }
}

/// Keeps the lines of request events.
#[derive(Debug, Default)]
pub(crate) struct Lines(pub(crate) Mutex<Vec<serde_json::Value>>);

impl RequestSink for Lines {
    fn take(&self, kind: &'static str, lines: Bytes) {
        for line in lines
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            let mut value: serde_json::Value = serde_json::from_slice(line).unwrap();
            value["kind"] = kind.into();
            self.0.lock().unwrap().push(value);
        }
    }
}

pub(crate) struct Node {
    pub(crate) gateway: Gateway,
    pub(crate) running: Running,
    pub(crate) lines: Arc<Lines>,
}

impl Node {
    pub(crate) fn start(text: &str) -> Self {
        Self::with(text, Ports::default(), |_| {})
    }

    pub(crate) fn with(
        text: &str,
        mut ports: Ports,
        change: impl FnOnce(&mut GatewayConfig),
    ) -> Self {
        let mut config = GatewayConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            workers: 2,
            ..GatewayConfig::default()
        };
        change(&mut config);
        let lines = Arc::new(Lines::default());
        ports.sink = Arc::clone(&lines) as _;
        let gateway =
            Gateway::new(config, ports, Arc::new(SystemClock), Arc::new(RandomIds)).unwrap();
        let problems = gateway.apply(&[file(text)]);
        assert!(problems.is_empty(), "{problems:?}");
        let running = gateway.start().unwrap();
        Self {
            gateway,
            running,
            lines,
        }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.running.address()).await.unwrap()
    }

    /// Sends bytes on a new connection and reads until it is closed or two seconds are over.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        drop(tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Asks once, with the connection closed after it.
    pub(crate) async fn get(&self, path: &str, headers: &str) -> String {
        self.raw(
            format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n")
                .as_bytes(),
        )
        .await
    }

    /// Waits for the event that `wanted` takes.
    pub(crate) async fn event(
        &self,
        wanted: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        for _ in 0..400 {
            if let Some(found) = self
                .lines
                .0
                .lock()
                .unwrap()
                .iter()
                .find(|line| wanted(line))
            {
                return found.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no such event among {:?}", self.lines.0.lock().unwrap());
    }
}

pub(crate) fn file(text: &str) -> RouteFile {
    RouteFile {
        name: "gateway/test.toml".into(),
        text: text.into(),
    }
}

/// A file with one upstream `up` and one route for everything, open to everybody where `route` does not say otherwise.
pub(crate) fn simple(address: SocketAddr, upstream: &str, route: &str) -> String {
    let open = if route.contains("auth = ") {
        ""
    } else {
        "auth = [\"none\"]"
    };
    format!(
        "[[upstream]]\nname = \"up\"\ntargets = [{{ url = \"http://{address}\", release = \"r1\" }}]\n{upstream}\n[[route]]\nname = \"all\"\npath = \"/\"\nupstream = \"up\"\n{open}\n{route}\n"
    )
}

pub(crate) fn status(answer: &str) -> u16 {
    answer
        .get(9..12)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}
