//! What a push asks for, read before any object is.

use gix::ObjectId;
use tokio::io::AsyncRead;

use crate::packet::{self, Packet};
use crate::{Bare, RepositoryError, check_ref_name};

/// Options that one push may have.
const OPTIONS: usize = 32;
/// Bytes of one option.
const OPTION: usize = 1_024;

/// What becomes of one ref, as a client asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefCommand {
    /// The whole name of the ref.
    pub name: String,
    /// Where the client saw it; nothing where it did not.
    pub old: Option<ObjectId>,
    /// Where it should be; nothing where it should go away.
    pub new: Option<ObjectId>,
}

/// A push up to its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Push {
    /// What it asks for, in its order.
    pub commands: Vec<RefCommand>,
    /// The options of `git push -o`.
    pub options: Vec<String>,
    /// All commands or none.
    pub atomic: bool,
    /// The client reads the outcome and what people read from one stream of bands.
    pub side_band: bool,
    /// The client understands where a ref went instead.
    pub second_report: bool,
    /// The client wants to know the outcome at all.
    pub report: bool,
}

impl Push {
    /// Reads a push from `input`, which then is at its objects; nothing where a client only tries whether it may speak.
    ///
    /// # Errors
    /// [`RepositoryError`] where it cannot be read, or is more than the limits of `bare` allow.
    pub async fn read(
        bare: &Bare,
        input: &mut (impl AsyncRead + Unpin),
    ) -> Result<Option<Self>, RepositoryError> {
        let mut push = Self::default();
        let mut with_options = false;
        loop {
            let Some(packet) = packet::read(input).await? else {
                return if push.commands.is_empty() {
                    Ok(None)
                } else {
                    Err(RepositoryError::protocol("it ends within the commands"))
                };
            };
            let Packet::Content(content) = packet else {
                break;
            };
            let (line, capabilities) = split(&content)?;
            if let Some(capabilities) = capabilities {
                with_options = push.note(capabilities);
            }
            // Where a shallow clone ends makes no difference: all that a commit stands on has to be here.
            if line.starts_with("shallow ") {
                continue;
            }
            if line.starts_with("push-cert") {
                return Err(RepositoryError::protocol("signed pushes are not taken"));
            }
            push.commands.push(command(line)?);
            if push.commands.len() > bare.limits().commands {
                return Err(RepositoryError::Limit(format!(
                    "a push names more than {} refs",
                    bare.limits().commands
                )));
            }
        }
        if push.commands.is_empty() {
            return Ok(None);
        }
        if with_options {
            push.read_options(input).await?;
        }
        Ok(Some(push))
    }

    /// Notes what the client can; gives whether options follow.
    fn note(&mut self, capabilities: &str) -> bool {
        let mut with_options = false;
        for capability in capabilities.split(' ') {
            match capability {
                "atomic" => self.atomic = true,
                "side-band-64k" => self.side_band = true,
                "report-status-v2" => (self.report, self.second_report) = (true, true),
                "report-status" => self.report = true,
                "push-options" => with_options = true,
                _ => {}
            }
        }
        with_options
    }

    async fn read_options(
        &mut self,
        input: &mut (impl AsyncRead + Unpin),
    ) -> Result<(), RepositoryError> {
        while let Some(Packet::Content(content)) = packet::read(input).await? {
            let (line, _) = split(&content)?;
            if line.len() > OPTION || self.options.len() >= OPTIONS {
                return Err(RepositoryError::Limit(format!(
                    "a push may have {OPTIONS} options of {OPTION} bytes"
                )));
            }
            self.options.push(line.to_owned());
        }
        Ok(())
    }

    /// Whether objects follow: a push that only removes refs has none.
    #[must_use]
    pub fn has_pack(&self) -> bool {
        self.commands.iter().any(|command| command.new.is_some())
    }
}

/// A line, and what follows its zero byte.
fn split(content: &[u8]) -> Result<(&str, Option<&str>), RepositoryError> {
    let text = std::str::from_utf8(content)
        .map_err(|_| RepositoryError::protocol("a line is no text"))?
        .trim_end_matches('\n');
    Ok(match text.split_once('\0') {
        Some((line, rest)) => (line, Some(rest)),
        None => (text, None),
    })
}

fn command(line: &str) -> Result<RefCommand, RepositoryError> {
    let wrong = || RepositoryError::protocol(format!("`{line}` is no command of a push"));
    let mut parts = line.splitn(3, ' ');
    let mut id = || {
        let text = parts.next().ok_or_else(wrong)?;
        let id = ObjectId::from_hex(text.as_bytes()).map_err(|_| wrong())?;
        Ok::<_, RepositoryError>((!id.is_null()).then_some(id))
    };
    let (old, new) = (id()?, id()?);
    let name = parts.next().ok_or_else(wrong)?.to_owned();
    check_ref_name(&name)?;
    Ok(RefCommand { name, old, new })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_two_ids_and_a_name() {
        let (none, some) = ("0".repeat(40), "1".repeat(40));
        let read = command(&format!("{none} {some} refs/for/trunk")).unwrap();
        assert_eq!((read.old, read.new.is_some()), (None, true));
        assert_eq!(read.name, "refs/for/trunk");
        for wrong in [
            String::new(),
            format!("{none} {some}"),
            format!("{none} 12 refs/heads/a"),
            format!("{none} {some} refs/heads/../a"),
            format!("{none} {some} HEAD"),
        ] {
            assert!(command(&wrong).is_err(), "{wrong}");
        }
    }
}
