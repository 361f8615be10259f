//! `trunkline up`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};
use trunkline_introspect::OwnTelemetry;
use trunkline_platform::{About, DataDir, Running, Settings, start};

use crate::{COMMIT, Exit, Loaded, error_page};

/// What `trunkline up` was asked to do.
#[derive(Clone, Debug)]
pub(crate) struct UpOptions {
    /// Where everything is kept.
    pub(crate) data_dir: DataDir,
    /// The configuration, with the origin of each value.
    pub(crate) loaded: Loaded,
    /// The git repository whose history is loaded as the sample, with some pretend traffic.
    pub(crate) sample: Option<PathBuf>,
    /// How much to say: 0 is the usual, each `-v` one more, each `-q` one less.
    pub(crate) verbosity: i8,
}

/// Runs the platform until it is told to stop.
///
/// # Errors
/// Whatever keeps it from starting.
pub(crate) fn up(options: UpOptions) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads that requests run on")?
        .block_on(run(options))
}

async fn run(options: UpOptions) -> anyhow::Result<ExitCode> {
    let mut settings = Settings::new(options.data_dir, options.loaded.config);
    let (own, telemetry) = OwnTelemetry::new(settings.clock.clone(), settings.ids.clone());
    settings.telemetry = Some(telemetry);
    settings.about = About {
        commit: COMMIT,
        error_page,
    };
    listen_to_itself(own, options.verbosity);
    // Asked for before the start, so that an early Ctrl-C is not lost.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let data_dir = settings.data_dir.path().to_path_buf();
    let mut running = start(settings).await?;
    greet(&running, &data_dir)?;
    if let Some(repository) = options.sample {
        running.load_sample(repository);
    }
    tokio::select! {
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    tracing::info!("stopping");
    running.stop().await;
    Ok(Exit::Done.into())
}

/// The terminal gets what a person needs to know; the platform's own lake gets more.
fn listen_to_itself(own: OwnTelemetry, verbosity: i8) {
    let level = match verbosity {
        i8::MIN..=-2 => LevelFilter::OFF,
        -1 => LevelFilter::ERROR,
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        3.. => LevelFilter::TRACE,
    };
    let filter = EnvFilter::builder()
        .with_default_directive(level.into())
        .with_env_var("TRUNKLINE_LOG")
        .from_env_lossy();
    let terminal = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(filter);
    let only_ours =
        tracing_subscriber::filter::Targets::new().with_target("trunkline", LevelFilter::INFO);
    let own = own.with_filter(only_ours);
    // Already set where a test has one; then the test's own stays.
    drop(
        tracing_subscriber::registry()
            .with(terminal)
            .with(own)
            .try_init(),
    );
}

/// Says where the platform is and how to get in. For people, so on stderr.
fn greet(running: &Running, data_dir: &Path) -> std::io::Result<()> {
    let mut out = anstream::stderr();
    writeln!(
        out,
        "Trunkline {} is up at http://{}",
        env!("CARGO_PKG_VERSION"),
        running.api
    )?;
    for listener in &running.listeners {
        writeln!(out, "  {:<10} {}", listener.name, listener.address)?;
    }
    writeln!(out, "  {:<10} {}", "data", data_dir.display())?;
    writeln!(out)?;
    match &running.first_link {
        Some(link) => writeln!(out, "Sign in as the owner, once, within minutes:\n  {link}")?,
        None => writeln!(
            out,
            "For a sign-in link:  trunkline link create --data-dir {}",
            data_dir.display()
        )?,
    }
    writeln!(
        out,
        "For a token:         trunkline token create --name NAME --data-dir {}",
        data_dir.display()
    )?;
    writeln!(out, "Ctrl-C stops it.")
}
