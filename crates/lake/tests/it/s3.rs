//! The lake on a real S3 server that refuses, hangs and loses its answers.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use trunkline_lake::LakeConfig;
use trunkline_log::EventLog;
use trunkline_model::ManualClock;

use crate::support::{append, noon, open, quiet, table};

const BUCKET: &str = "lake";

/// What the server does wrong, and how often it did.
#[derive(Debug, Default)]
struct Weather {
    bad: AtomicBool,
    requests: AtomicU64,
    writes: AtomicU64,
    refused: AtomicU64,
    hung: AtomicU64,
    lost: AtomicU64,
}

/// What becomes of a request.
enum Fate {
    Served,
    Refused,
    Hung,
    /// It is done, and the connection goes before the answer.
    Lost,
}

impl Weather {
    /// In bad weather: one of seven writes loses its answer; of the rest, three of ten are refused and a few hang. Writes are counted by
    /// themselves, since requests come in a rhythm in which no write need ever be the one that is to lose its answer.
    fn fate(&self, method: &Method) -> Fate {
        if !self.bad.load(Ordering::Relaxed) {
            return Fate::Served;
        }
        if *method == Method::PUT && self.writes.fetch_add(1, Ordering::Relaxed) % 7 == 3 {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return Fate::Lost;
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let (fate, count) = match number % 10 {
            2 | 5 | 8 => (Fate::Refused, &self.refused),
            1 if number % 60 == 11 => (Fate::Hung, &self.hung),
            _ => return Fate::Served,
        };
        count.fetch_add(1, Ordering::Relaxed);
        fate
    }

    fn counts(&self) -> [u64; 3] {
        [&self.refused, &self.hung, &self.lost].map(|count| count.load(Ordering::Relaxed))
    }
}

/// Answers as S3 over `folder`, in this weather; gives the endpoint.
async fn serve(folder: &Path, weather: &Arc<Weather>) -> String {
    std::fs::create_dir_all(folder.join(BUCKET)).unwrap();
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single("key", "secret"));
    let service = builder.build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let weather = Arc::clone(weather);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (service, weather) = (service.clone(), Arc::clone(&weather));
            let answer = hyper::service::service_fn(move |request| {
                answer(service.clone(), Arc::clone(&weather), request)
            });
            tokio::spawn(async move {
                let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                // A connection that breaks is what this server is for.
                drop(server.serve_connection(TokioIo::new(stream), answer).await);
            });
        }
    });
    endpoint
}

async fn answer(
    service: S3Service,
    weather: Arc<Weather>,
    request: Request<Incoming>,
) -> Result<Response<s3s::Body>, Box<dyn std::error::Error + Send + Sync>> {
    match weather.fate(request.method()) {
        Fate::Refused => {
            let slow_down = "<Error><Code>SlowDown</Code></Error>".to_owned();
            return Ok(Response::builder().status(503).body(slow_down.into())?);
        }
        Fate::Hung => match std::future::pending::<Infallible>().await {},
        Fate::Lost => {
            hyper::service::Service::call(&service, request).await?;
            return Err("the connection goes before the answer".into());
        }
        Fate::Served => {}
    }
    Ok(hyper::service::Service::call(&service, request).await?)
}

fn on_s3(endpoint: &str) -> LakeConfig {
    LakeConfig {
        url: format!("s3://{BUCKET}/tables"),
        s3_endpoint: endpoint.into(),
        s3_access_key_id: "key".into(),
        s3_secret_access_key: "secret".into(),
        storage_timeout_seconds: 1,
        compact_files: 4,
        ..quiet()
    }
}

const SEEN: &str = "select count(*), count(distinct \"offset\") from telemetry";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_hangs_and_loses_answers_loses_and_doubles_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let weather = Arc::new(Weather::default());
    let config = on_s3(&serve(&folder.path().join("s3"), &weather).await);
    let clock = Arc::new(ManualClock::new(noon()));
    let (log, lake) = open(folder.path(), config.clone(), &clock, 1, None)
        .await
        .unwrap();
    weather.bad.store(true, Ordering::Relaxed);
    for round in 0..12 {
        let messages: Vec<_> = (0..50).map(|n| format!("device-{round},{n}")).collect();
        let next = append(&*log, &messages).await;
        lake.wait_visible(next).await;
        // It may give up for now; what counts is what is seen and what is left.
        drop(lake.flush().await);
        if round % 4 == 3 {
            drop(lake.maintain().await);
        }
        let rows = 50 * (round + 1);
        // A statement that meets the bad weather may fail, but never with a wrong count.
        if let Ok(seen) = table(&lake, SEEN).await {
            assert_eq!(seen, format!("{rows},{rows}"));
        }
    }
    assert!(
        weather.counts().iter().all(|count| *count > 0),
        "{weather:?}"
    );
    lake.abandon();
    log.close().await;
    drop((log, lake));
    weather.bad.store(false, Ordering::Relaxed);

    let (log, lake) = open(folder.path(), config, &clock, 2, None).await.unwrap();
    lake.wait_visible(log.bounds().next).await;
    assert_eq!(table(&lake, SEEN).await.unwrap(), "600,600");
    lake.flush().await.unwrap();
    assert_eq!(lake.table("telemetry").unwrap().hot_rows, 0);
    assert_eq!(table(&lake, SEEN).await.unwrap(), "600,600");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let weather = Arc::new(Weather::default());
    let mut config = on_s3(&serve(&folder.path().join("s3"), &weather).await);
    config.s3_secret_access_key = "wrong".into();
    let clock = Arc::new(ManualClock::new(noon()));
    let refused = open(folder.path(), config, &clock, 1, None).await;
    let error = refused.map(|_| ()).unwrap_err();
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert!(said.contains("SignatureDoesNotMatch"), "{error}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_writer_of_the_same_table_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let weather = Arc::new(Weather::default());
    let config = on_s3(&serve(&folder.path().join("s3"), &weather).await);
    let clock = Arc::new(ManualClock::new(noon()));
    let (log, lake) = open(folder.path(), config, &clock, 1, None).await.unwrap();
    let next = append(&*log, &["device-1,1".into()]).await;
    lake.wait_visible(next).await;
    lake.flush().await.unwrap();
    // The next version, as another process would have written it.
    let versions = folder
        .path()
        .join("s3")
        .join(BUCKET)
        .join("tables/telemetry/_delta_log");
    let newest = std::fs::read_dir(&versions)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".json")?.parse::<u64>().ok())
        .max()
        .unwrap();
    let theirs = versions.join(format!("{:020}.json", newest + 1));
    let commit = "{\"commitInfo\":{\"operation\":\"by hand\"}}\n";
    std::fs::write(&theirs, commit).unwrap();
    let next = append(&*log, &["device-2,2".into()]).await;
    lake.wait_visible(next).await;
    for _ in 0..2 {
        drop(lake.flush().await);
    }
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), commit);
    assert_eq!(table(&lake, SEEN).await.unwrap(), "2,2");
    assert_eq!(lake.table("telemetry").unwrap().hot_rows, 0);
}
