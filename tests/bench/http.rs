//! A client that costs next to nothing, so that the server has the machine: one blocking connection, HTTP/1.1, kept alive.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A kept connection.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Connection {
    /// Connects to `address`; requests carry `token` where it is not empty.
    pub(crate) fn open(address: &str, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        let mut head = format!("host: {address}\r\n");
        if !token.is_empty() {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        Ok(Self {
            stream: BufReader::with_capacity(64 << 10, stream),
            head,
        })
    }

    /// The status and body of a GET.
    pub(crate) fn get(&mut self, path: &str) -> Result<(u16, Vec<u8>)> {
        self.write(
            format!("GET {path} HTTP/1.1\r\n{}\r\n", self.head).into_bytes(),
            &[],
        )?;
        self.answer()
    }

    /// The status and body of a GET with header lines of the caller's.
    pub(crate) fn get_with(&mut self, path: &str, headers: &str) -> Result<(u16, Vec<u8>)> {
        let head = format!("GET {path} HTTP/1.1\r\n{}{headers}\r\n", self.head);
        self.write(head.into_bytes(), &[])?;
        self.answer()
    }

    /// The status and body of a POST.
    pub(crate) fn post(
        &mut self,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        self.send(path, &format!("content-type: {content_type}\r\n"), body)
    }

    /// The status and body of a POST with header lines of the caller's.
    pub(crate) fn send(
        &mut self,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        self.begin(path, headers, body)?;
        self.answer()
    }

    /// The status and body of a PUT.
    pub(crate) fn put(
        &mut self,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        self.ask(
            "PUT",
            path,
            &format!("content-type: {content_type}\r\n"),
            body,
        )?;
        self.answer()
    }

    /// Sends a POST without waiting; [`Connection::answer`] has to follow.
    pub(crate) fn begin(&mut self, path: &str, headers: &str, body: &[u8]) -> Result<()> {
        self.ask("POST", path, headers, body)
    }

    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &[u8]) -> Result<()> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{}{headers}content-length: {}\r\n\r\n",
            self.head,
            body.len()
        );
        self.write(head.into_bytes(), body)
    }

    fn write(&mut self, mut head: Vec<u8>, body: &[u8]) -> Result<()> {
        let stream = self.stream.get_mut();
        if body.len() < 64 << 10 {
            head.extend_from_slice(body);
            stream.write_all(&head)?;
        } else {
            stream.write_all(&head)?;
            stream.write_all(body)?;
        }
        Ok(())
    }

    /// The status and body of the answer to what was sent.
    pub(crate) fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("no status in {line:?}"))?;
        let (mut length, mut chunked) = (0, false);
        loop {
            line.clear();
            ensure!(
                self.stream.read_line(&mut line)? > 0,
                "the answer ended in its head"
            );
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse()?,
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                _ => {}
            }
        }
        let body = if chunked {
            self.chunks()?
        } else {
            self.bytes(length)?
        };
        Ok((status, body))
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let (mut body, mut line) = (Vec::new(), String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim_end(), 16)?;
            body.extend(self.bytes(length)?);
            self.bytes(2)?;
            if length == 0 {
                return Ok(body);
            }
        }
    }
}
