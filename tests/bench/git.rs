//! Git over HTTP: a fetch with nothing new beside `git http-backend`, and a change with nothing to run beside a plain push.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::http::Connection;
use crate::monorepo::git;
use crate::platform::{Platform, folder};
use crate::report::{Report, Target};

/// Files of the repository.
const FILES: usize = 2_000;
/// Times that each is done, in turn.
const ROUNDS: usize = 40;

/// Measures clients as people run them: the whole command of git.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let place = folder("git")?;
    let platform = Platform::start(&place.join("data"), &[])?;
    let mut connection = platform.connect()?;
    let body = json!({"name": "shop"}).to_string();
    let (status, _) = connection.post("/v1/repositories", "application/json", body.as_bytes())?;
    ensure!(status == 201, "no repository was made: {status}");
    let work = seed(&place)?;
    let ours = format!("http://git:{}@{}/git/shop", platform.token, platform.api);
    git(&work, &["push", "-q", &ours, "HEAD:trunk"])?;
    let backend = Backend::start(&platform_folder(&place))?;
    let theirs = format!("http://{}/shop.git", backend.address);
    let (here, there) = fetches(&work, &ours, &theirs)?;
    let mut other = Connection::open(&backend.address, "")?;
    let (own, others) = answers(&mut connection, &mut other)?;
    let (landing, pushing) = pushes(&work, &ours)?;
    let section = report.section(
        "Git over HTTP",
        &format!(
            "A repository of {FILES} files; in turn, the median of {ROUNDS}. `git http-backend` serves the same folder, started by a server that does nothing \
             else. A fetch with nothing new is two requests (what the server can do, and its references), which are sent by a client that costs next to \
             nothing; beside that the whole command of git, most of which is the client's own time whoever serves."
        ),
    );
    section.figure(
        "milliseconds until a fetch with nothing new is answered, Trunkline",
        own,
    );
    section.figure(
        "milliseconds until a fetch with nothing new is answered, git http-backend",
        others,
    );
    section.at_most("ratio", own / others, Target(1.0 / 3.0));
    section.figure("milliseconds of the whole command, Trunkline", here);
    section.figure("milliseconds of the whole command, git http-backend", there);
    section.figure(
        "milliseconds of a change with nothing to run, until it landed",
        landing,
    );
    section.figure("milliseconds of a plain push to a branch", pushing);
    section.at_most(
        "ratio of landing and pushing",
        landing / pushing,
        Target(1.3),
    );
    Ok(())
}

fn platform_folder(place: &Path) -> PathBuf {
    place.join("data/forge/repositories")
}

/// A checkout with one commit.
fn seed(place: &Path) -> Result<PathBuf> {
    let work = place.join("work");
    for number in 0..FILES {
        let path = work.join(format!("p{}/f{number}.txt", number % 200));
        std::fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        std::fs::write(path, format!("{number}\n"))?;
    }
    git(&work, &["init", "-q", "-b", "trunk"])?;
    commit(&work, 0)?;
    Ok(work)
}

fn commit(work: &Path, number: usize) -> Result<()> {
    std::fs::write(work.join("README.md"), number.to_string())?;
    git(work, &["add", "-A"])?;
    // What stays the same of a change is its author's time.
    let date = format!("{} +0000", 1_790_000_000 + number);
    git(work, &["commit", "-q", "-m", "x", "--date", &date])
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed().as_secs_f64() * 1_000.0)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Milliseconds of a fetch with nothing new, here and there.
fn fetches(work: &Path, ours: &str, theirs: &str) -> Result<(f64, f64)> {
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        here.push(timed(|| git(work, &["fetch", "-q", ours, "trunk"]))?);
        there.push(timed(|| git(work, &["fetch", "-q", theirs, "trunk"]))?);
    }
    Ok((median(here), median(there)))
}

/// Milliseconds until both requests of a fetch with nothing new are answered, here and there.
fn answers(here: &mut Connection, there: &mut Connection) -> Result<(f64, f64)> {
    let packet = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let prefixes = ["trunk", "refs/trunk", "refs/tags/trunk", "refs/heads/trunk"];
    let prefixes = prefixes.map(|prefix| packet(&format!("ref-prefix {prefix}\n")));
    let question = [
        packet("command=ls-refs\n"),
        packet("agent=git/2.39.5"),
        packet("object-format=sha1"),
        "0001".to_owned(),
        packet("peel\n"),
        packet("symrefs\n"),
        prefixes.concat(),
        "0000".to_owned(),
    ]
    .concat();
    let ask = |connection: &mut Connection, place: &str| -> Result<(f64, Vec<u8>)> {
        let version = "git-protocol: version=2\r\n";
        let begin = format!("{place}/info/refs?service=git-upload-pack");
        let headers = format!("{version}content-type: application/x-git-upload-pack-request\r\n");
        let mut said = Vec::new();
        let time = timed(|| {
            let (_, capabilities) = connection.get_with(&begin, version)?;
            let told = String::from_utf8_lossy(&capabilities).contains("version 2");
            ensure!(told, "{place} does not speak version 2");
            let path = format!("{place}/git-upload-pack");
            said = connection.send(&path, &headers, question.as_bytes())?.1;
            Ok(())
        })?;
        Ok((time, said))
    };
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (time, ours) = ask(here, "/git/shop")?;
        own.push(time);
        let (time, theirs) = ask(there, "/shop.git")?;
        others.push(time);
        let has = ours.windows(16).any(|text| text == b"refs/heads/trunk");
        ensure!(has && ours == theirs, "the two answer otherwise");
    }
    Ok((median(own), median(others)))
}

/// Milliseconds of a change that lands and of a plain push.
fn pushes(work: &Path, ours: &str) -> Result<(f64, f64)> {
    let (mut landing, mut pushing) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        commit(work, 2 * round + 1)?;
        landing.push(timed(|| {
            git(work, &["push", "-q", ours, "HEAD:refs/for/trunk"])
        })?);
        commit(work, 2 * round + 2)?;
        let branch = format!("HEAD:refs/heads/b{round}");
        pushing.push(timed(|| git(work, &["push", "-q", ours, &branch]))?);
        // The next change stands on what landed.
        git(work, &["fetch", "-q", ours, "trunk"])?;
        git(work, &["reset", "-q", "--hard", "FETCH_HEAD"])?;
    }
    Ok((median(landing), median(pushing)))
}

/// A server that starts `git http-backend` for each request and does nothing else.
struct Backend {
    address: String,
}

impl Backend {
    fn start(repositories: &Path) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let root = repositories.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let root = root.clone();
                // A client that goes away ends its own connection.
                std::thread::spawn(move || serve(stream, &root));
            }
        });
        Ok(Self { address })
    }
}

/// Answers requests until the client ends the connection.
fn serve(stream: TcpStream, root: &Path) -> Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut words = first.split(' ');
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
                None => break,
            }
        }
        let header = |name: &str| {
            headers
                .iter()
                .find(|(known, _)| known == name)
                .map_or("", |(_, value)| value)
        };
        let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut child = Command::new("git")
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", root)
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("GIT_CONFIG_COUNT", "1")
            .env("GIT_CONFIG_KEY_0", "safe.directory")
            .env("GIT_CONFIG_VALUE_0", "*")
            .env("REQUEST_METHOD", method)
            .env("PATH_INFO", path)
            .env("QUERY_STRING", query)
            .env("CONTENT_TYPE", header("content-type"))
            .env("GIT_PROTOCOL", header("git-protocol"))
            .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("a pipe")?.write_all(&body)?;
        let output = child.wait_with_output()?.stdout;
        let end = output
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .context("no headers")?;
        let (head, content) = (&output[..end], &output[end + 4..]);
        write!(
            writer,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n",
            content.len()
        )?;
        writer.write_all(head)?;
        writer.write_all(b"\r\n\r\n")?;
        writer.write_all(content)?;
    }
}
