//! Answering the platform.

use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::hold::Hold;
use crate::kept::Kept;
use crate::key;
use crate::protocol::{Answer, Ask, Question, VERSION};
use crate::sockets::{gone, receive, send};

/// For how long a question about changes is open.
const OPEN: Duration = Duration::from_secs(20);
/// How often it is looked whether anybody asks still.
const LOOK: Duration = Duration::from_millis(500);
/// For how long a keeper that holds nothing stays without being asked.
const IDLE: Duration = Duration::from_secs(30);

/// Who asks.
#[derive(Debug)]
struct Desk {
    key: String,
    hold: Arc<Hold>,
    open: AtomicUsize,
    end: Notify,
}

/// Answers until it is told to end, or nobody asked for the time `orphaned`. Then all that is held has ended.
pub(crate) async fn serve(
    listener: UnixListener,
    key: String,
    hold: Arc<Hold>,
    orphaned: Duration,
) {
    let desk = Arc::new(Desk {
        key,
        hold,
        open: AtomicUsize::new(0),
        end: Notify::new(),
    });
    let mut asked = Instant::now();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                asked = Instant::now();
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(answer(Arc::clone(&desk), stream));
                } else {
                    // Too many files are open, for one.
                    tokio::time::sleep(LOOK).await;
                }
            }
            () = desk.end.notified() => break,
            () = tokio::time::sleep(LOOK) => {
                if desk.open.load(Ordering::Relaxed) > 0 {
                    asked = Instant::now();
                }
                let patience = if desk.hold.is_empty().await { IDLE.min(orphaned) } else { orphaned };
                if asked.elapsed() >= patience {
                    break;
                }
            }
        }
    }
    desk.hold.end().await;
}

async fn answer(desk: Arc<Desk>, stream: UnixStream) {
    desk.open.fetch_add(1, Ordering::Relaxed);
    // Whoever goes away in between has nothing to be told.
    let _gone = exchange(&desk, stream).await;
    desk.open.fetch_sub(1, Ordering::Relaxed);
}

async fn exchange(desk: &Desk, mut stream: UnixStream) -> std::io::Result<()> {
    let (line, sockets) = receive(&stream).await?;
    let ask = serde_json::from_slice::<Question>(&line);
    let ask = ask.map(|question| key::is_same(&question.key, &desk.key).then_some(question.ask));
    let (answer, given, ends) = match ask.map_err(|error| error.to_string()) {
        Ok(None) => {
            let why = "that is not the key of this keeper".to_owned();
            (Answer::Refused { why }, Vec::new(), false)
        }
        Ok(Some(Ask::Keep { name })) => (desk.hold.keep(name, sockets).await, Vec::new(), false),
        Ok(Some(Ask::Sockets { name })) => {
            (Answer::Sockets, desk.hold.sockets(&name).await?, false)
        }
        Ok(Some(ask)) => {
            let ends = matches!(ask, Ask::End);
            tokio::select! {
                answer = carry_out(&desk.hold, ask) => (answer, Vec::new(), ends),
                // Who went away does not wait for changes any more.
                () = gone(&stream) => return Ok(()),
            }
        }
        Err(error) => {
            let why = format!("that is no question: {error}");
            (Answer::Refused { why }, Vec::new(), false)
        }
    };
    let mut text = serde_json::to_vec(&answer)?;
    text.push(b'\n');
    let given: Vec<_> = given.iter().map(OwnedFd::as_fd).collect();
    send(&mut stream, &text, &given).await?;
    stream.shutdown().await?;
    if ends {
        desk.end.notify_one();
    }
    Ok(())
}

async fn carry_out(hold: &Arc<Hold>, ask: Ask) -> Answer {
    let done = match ask {
        Ask::Hello => {
            return Answer::Hello {
                version: VERSION,
                process: std::process::id(),
            };
        }
        Ask::List { after } => return list(hold, after).await,
        Ask::Start(order) => hold.start(*order).await,
        Ask::Quit { id } => {
            hold.with(&id, async |one: &mut Kept| one.quit().await)
                .await
        }
        Ask::Kill { id } => {
            let kill = async |one: &mut Kept| one.signal(Signal::KILL);
            hold.with(&id, kill).await
        }
        Ask::Park { id } => hold.with(&id, async |one: &mut Kept| one.park()).await,
        Ask::Unpark { id } => hold.with(&id, async |one: &mut Kept| one.unpark()).await,
        Ask::Forget { id } => hold.forget(&id).await,
        // These come with sockets, and were answered.
        Ask::Keep { .. } | Ask::Sockets { .. } => Ok(()),
        Ask::End => {
            hold.end().await;
            Ok(())
        }
    };
    match done {
        Ok(()) => Answer::Done,
        Err(why) => Answer::Refused { why },
    }
}

async fn list(hold: &Hold, after: u64) -> Answer {
    let mut watch = hold.watch();
    let other = watch.wait_for(|count| *count != after);
    // After a while nothing new is an answer too.
    drop(tokio::time::timeout(OPEN, other).await);
    let count = *watch.borrow();
    Answer::List {
        count,
        all: hold.all().await,
    }
}
