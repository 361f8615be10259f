//! Speaking to the keeper.

use std::fs::File;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::net::UnixStream;

use crate::KeeperError;
use crate::key;
use crate::process::{ARGUMENT, LOG, LOGS, SOCKET, make_folder};
use crate::protocol::{Answer, Ask, Order, Question, Seen, VERSION};
use crate::sockets::{receive, send};

/// How long a keeper may take to begin.
const BEGINNING: Duration = Duration::from_secs(10);
/// How long an answer may take; a question about changes is open for less.
const ANSWER: Duration = Duration::from_secs(30);

/// The keeper of a folder, whether it is there or not.
#[derive(Clone, Debug)]
pub struct Keeper {
    folder: PathBuf,
    program: PathBuf,
    least: &'static str,
    orphaned: Duration,
}

impl Keeper {
    /// The keeper whose socket is in `folder`, by `program`, which calls [`crate::keep`] and [`trunkline_sandbox::launch`]. It confines no less
    /// than `least`, and ends what it holds where nobody asks for the time `orphaned`.
    #[must_use]
    pub const fn new(
        folder: PathBuf,
        program: PathBuf,
        least: &'static str,
        orphaned: Duration,
    ) -> Self {
        Self {
            folder,
            program,
            least,
            orphaned,
        }
    }

    /// The file that what is held as `id` writes into.
    #[must_use]
    pub fn log(&self, id: &str) -> PathBuf {
        self.folder.join(LOGS).join(format!("{id}.log"))
    }

    /// Whether there is one.
    ///
    /// # Errors
    /// [`KeeperError`] where there may be one, and it cannot be asked.
    pub async fn is_there(&self) -> Result<bool, KeeperError> {
        match UnixStream::connect(self.folder.join(SOCKET)).await {
            Ok(_) => Ok(true),
            Err(error) if is_nobody(&error) => Ok(false),
            Err(error) => Err(KeeperError::unreachable(error)),
        }
    }

    /// Sees to it that there is one, and says whether it had to be started.
    ///
    /// # Errors
    /// [`KeeperError`] where it cannot be started, or one is there that speaks another language.
    pub async fn ensure(&self) -> Result<bool, KeeperError> {
        let mut started = false;
        let begun = tokio::time::Instant::now();
        loop {
            match self.ask(&Ask::Hello).await {
                Ok(Answer::Hello { version, .. }) if version == VERSION => return Ok(started),
                Ok(_) => return Err(KeeperError::unreachable("it is of another version")),
                Err(error) if begun.elapsed() >= BEGINNING => return Err(error),
                Err(_) if !started => {
                    self.start_it().map_err(KeeperError::unreachable)?;
                    started = true;
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// Starts it so that it has nothing in common with this process: no group, no terminal, no pipes.
    fn start_it(&self) -> std::io::Result<()> {
        make_folder(&self.folder)?;
        let path = self.folder.join(LOG);
        let log = File::options().create(true).append(true).open(path)?;
        let mut command = Command::new(&self.program);
        command
            .arg(ARGUMENT)
            .arg(&self.folder)
            .arg(self.orphaned.as_millis().to_string())
            .arg(self.least)
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0);
        let mut child = command.spawn()?;
        // It may end before this process does, and then somebody has to take note.
        std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || child.wait())?;
        Ok(())
    }

    /// Has something held.
    ///
    /// # Errors
    /// [`KeeperError::Refused`] where it cannot be started.
    pub async fn start(&self, order: Order) -> Result<(), KeeperError> {
        self.order(&Ask::Start(Box::new(order))).await
    }

    /// Asks what is held as `id` to end.
    ///
    /// # Errors
    /// [`KeeperError`] where it is not held.
    pub async fn quit(&self, id: &str) -> Result<(), KeeperError> {
        self.order(&Ask::Quit { id: id.to_owned() }).await
    }

    /// Ends what is held as `id`, and all that it started.
    ///
    /// # Errors
    /// [`KeeperError`] where it is not held.
    pub async fn kill(&self, id: &str) -> Result<(), KeeperError> {
        self.order(&Ask::Kill { id: id.to_owned() }).await
    }

    /// Stops what is held as `id` where it stands: it keeps its memory and its port, and takes no processor.
    ///
    /// # Errors
    /// [`KeeperError`] where it is not held.
    pub async fn park(&self, id: &str) -> Result<(), KeeperError> {
        self.order(&Ask::Park { id: id.to_owned() }).await
    }

    /// Lets what was parked go on.
    ///
    /// # Errors
    /// [`KeeperError`] where it is not held.
    pub async fn unpark(&self, id: &str) -> Result<(), KeeperError> {
        self.order(&Ask::Unpark { id: id.to_owned() }).await
    }

    /// Forgets what has ended.
    ///
    /// # Errors
    /// [`KeeperError`] where it has not.
    pub async fn forget(&self, id: &str) -> Result<(), KeeperError> {
        self.order(&Ask::Forget { id: id.to_owned() }).await
    }

    /// All that is held, and what counts its changes: at once where that is not `after`, else at the next change or after some seconds.
    ///
    /// # Errors
    /// [`KeeperError`] where it does not answer.
    pub async fn list(&self, after: u64) -> Result<(u64, Vec<Seen>), KeeperError> {
        match self.ask(&Ask::List { after }).await? {
            Answer::List { count, all } => Ok((count, all)),
            other => Err(KeeperError::unreachable(format!("it answered {other:?}"))),
        }
    }

    /// Has sockets kept under a name, in place of those before; without any those before are let go.
    ///
    /// # Errors
    /// [`KeeperError`] where it does not answer.
    pub async fn keep(&self, name: &str, sockets: &[BorrowedFd<'_>]) -> Result<(), KeeperError> {
        let ask = Ask::Keep {
            name: name.to_owned(),
        };
        match self.exchange(&ask, sockets).await?.0 {
            Answer::Refused { why } => Err(KeeperError::Refused(why)),
            _ => Ok(()),
        }
    }

    /// The sockets that were kept under a name.
    ///
    /// # Errors
    /// [`KeeperError`] where it does not answer.
    pub async fn sockets(&self, name: &str) -> Result<Vec<OwnedFd>, KeeperError> {
        let ask = Ask::Sockets {
            name: name.to_owned(),
        };
        Ok(self.exchange(&ask, &[]).await?.1)
    }

    /// Ends it and all that it holds.
    ///
    /// # Errors
    /// [`KeeperError`] where it does not answer.
    pub async fn end(&self) -> Result<(), KeeperError> {
        self.order(&Ask::End).await
    }

    async fn order(&self, ask: &Ask) -> Result<(), KeeperError> {
        match self.ask(ask).await? {
            Answer::Refused { why } => Err(KeeperError::Refused(why)),
            _ => Ok(()),
        }
    }

    async fn ask(&self, ask: &Ask) -> Result<Answer, KeeperError> {
        Ok(self.exchange(ask, &[]).await?.0)
    }

    async fn exchange(
        &self,
        ask: &Ask,
        sockets: &[BorrowedFd<'_>],
    ) -> Result<(Answer, Vec<OwnedFd>), KeeperError> {
        let exchanged = tokio::time::timeout(ANSWER, exchange(&self.folder, ask, sockets)).await;
        let answered = exchanged.map_err(|_| KeeperError::unreachable("it takes too long"))?;
        answered.map_err(KeeperError::unreachable)
    }
}

/// Whether nobody listens there, and not only nobody answers.
fn is_nobody(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionRefused, NotFound};
    matches!(error.kind(), ConnectionRefused | NotFound)
}

async fn exchange(
    folder: &Path,
    ask: &Ask,
    sockets: &[BorrowedFd<'_>],
) -> std::io::Result<(Answer, Vec<OwnedFd>)> {
    let mut stream = UnixStream::connect(folder.join(SOCKET)).await?;
    let question = Question {
        key: key::read(folder)?,
        ask: ask.clone(),
    };
    let mut text = serde_json::to_vec(&question)?;
    text.push(b'\n');
    send(&mut stream, &text, sockets).await?;
    let (answer, sockets) = receive(&stream).await?;
    Ok((serde_json::from_slice(&answer)?, sockets))
}
