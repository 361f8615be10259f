//! A push, from its commands to what its client is told.

use std::sync::Arc;

use bytes::Bytes;
use gix::ObjectId;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::mpsc;
use trunkline_model::Coded as _;
use trunkline_model::action::{self, ActionType};
use trunkline_repository::{Push, Quarantine, RefCommand, RefUpdate, Report, Verdict, band};
use trunkline_store::outbox;
use trunkline_web::Caller;

use crate::event::{MovedRef, MovedRefs};
use crate::forge::Hosted;
use crate::intake::Wanted;
use crate::queue::{Note, Outcome};
use crate::{Change, Forge, ForgeError, Mode};

/// Bytes of a push that may not be done that are passed over.
const UNHEARD: u64 = 64 << 20;
/// What a client is sent while nothing else is, so that nobody on the way takes the connection for dead.
const ALIVE: &[u8] = b"0005\x01";
/// How often.
const RHYTHM: std::time::Duration = std::time::Duration::from_secs(5);

/// The options of `git push -o`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PushOptions {
    pub(crate) wanted: Wanted,
    /// The client does not wait for what becomes of it.
    pub(crate) no_wait: bool,
    /// Why it goes past the queue.
    pub(crate) break_glass: Option<String>,
}

impl PushOptions {
    /// Reads what was given.
    pub(crate) fn read(options: &[String]) -> Result<Self, ForgeError> {
        let mut read = Self {
            wanted: Wanted {
                mode: Mode::Ship,
                topic: String::new(),
            },
            no_wait: false,
            break_glass: None,
        };
        for option in options {
            match option.split_once('=').unwrap_or((option, "")) {
                ("ship", "") => read.wanted.mode = Mode::Ship,
                ("show", "") => read.wanted.mode = Mode::Show,
                ("ask", "") => read.wanted.mode = Mode::Ask,
                ("no-wait", "") => read.no_wait = true,
                ("topic", topic) if !topic.is_empty() && topic.len() <= 100 => {
                    topic.clone_into(&mut read.wanted.topic);
                }
                ("break-glass", reason) if !reason.trim().is_empty() => {
                    read.break_glass = Some(reason.trim().to_owned());
                }
                _ => {
                    return Err(ForgeError::Invalid(format!(
                        "`{option}` is no option: there are ship, show, ask, topic=…, no-wait and break-glass=…"
                    )));
                }
            }
        }
        Ok(read)
    }
}

/// What a command of a push is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// Changes for the trunk.
    Change,
    /// The trunk itself.
    Trunk,
    /// A branch or tag beside it.
    Beside,
}

/// A push that may be done.
#[derive(Debug)]
pub(crate) struct Admitted {
    hosted: Arc<Hosted>,
    push: Push,
    options: PushOptions,
    targets: Vec<Result<Target, String>>,
    by: String,
}

impl Forge {
    /// Decides what of a push may be done, before one of its objects is read.
    pub(crate) fn admit(
        &self,
        hosted: &Arc<Hosted>,
        push: Push,
        caller: &Caller,
    ) -> Result<Admitted, ForgeError> {
        let options = PushOptions::read(&push.options)?;
        let mut targets: Vec<_> = push
            .commands
            .iter()
            .map(|command| target(hosted, command, &options, caller))
            .collect();
        let refused = targets.iter().any(Result::is_err);
        if push.atomic && refused {
            for target in targets.iter_mut().filter(|target| target.is_ok()) {
                *target = Err("another ref of the same push is refused".to_owned());
            }
        }
        Ok(Admitted {
            hosted: Arc::clone(hosted),
            push,
            options,
            targets,
            by: caller.id.clone(),
        })
    }

    /// Carries a push out, and tells `to` what its client is to see.
    pub(crate) async fn carry_out(
        self: &Arc<Self>,
        admitted: Admitted,
        mut input: impl AsyncRead + Unpin,
        to: mpsc::Sender<Bytes>,
    ) {
        let client = Client {
            to,
            side_band: admitted.push.side_band,
        };
        let report = match self.unpack(&admitted, &mut input).await {
            Ok(()) => Report {
                unpack: Ok(()),
                commands: self.carry_commands(&admitted, &client).await,
            },
            Err(error) => {
                let problem = format!("{error} ({})", error.code().code);
                let refused = Verdict::Refused("its objects were not taken".to_owned());
                let all = admitted.push.commands.iter();
                Report {
                    unpack: Err(problem),
                    commands: all.map(|one| (one.name.clone(), refused.clone())).collect(),
                }
            }
        };
        client.send(report.encode(&admitted.push)).await;
    }

    async fn unpack(
        &self,
        admitted: &Admitted,
        input: &mut (impl AsyncRead + Unpin),
    ) -> Result<(), ForgeError> {
        let allowed = admitted.targets.iter().any(Result::is_ok);
        if !admitted.push.has_pack() || !allowed {
            // What may not be done is not looked at. A client that is told while it still sends would not hear it.
            let mut rest = input.take(UNHEARD);
            let _ended = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
            return Ok(());
        }
        let tips: Vec<ObjectId> = admitted
            .push
            .commands
            .iter()
            .filter_map(|one| one.new)
            .collect();
        let name = self.ids.ulid(self.clock.now()).to_string();
        let read = Quarantine::read(&admitted.hosted.bare, &name, input, &tips).await?;
        Ok(read.keep().await?)
    }

    async fn carry_commands(
        self: &Arc<Self>,
        admitted: &Admitted,
        client: &Client,
    ) -> Vec<(String, Verdict)> {
        let mut verdicts: Vec<Option<Verdict>> = Vec::new();
        let mut moves = Vec::new();
        for (command, target) in admitted.push.commands.iter().zip(&admitted.targets) {
            verdicts.push(match target {
                Err(problem) => Some(Verdict::Refused(problem.clone())),
                Ok(Target::Change) => None,
                Ok(Target::Trunk | Target::Beside) => {
                    moves.push((verdicts.len(), command));
                    None
                }
            });
        }
        for (place, verdict) in self.move_refs(admitted, &moves).await {
            verdicts[place] = Some(verdict);
        }
        for (place, command) in admitted.push.commands.iter().enumerate() {
            if let (None, Some(tip)) = (&verdicts[place], command.new) {
                verdicts[place] = Some(self.carry_change(admitted, tip, client).await);
            }
        }
        let names = admitted
            .push
            .commands
            .iter()
            .map(|command| command.name.clone());
        let refused = || Verdict::Refused("nothing was done about it".to_owned());
        names
            .zip(verdicts)
            .map(|(name, verdict)| (name, verdict.unwrap_or_else(refused)))
            .collect()
    }

    /// Moves branches and tags, together where the client wants it so.
    async fn move_refs(
        &self,
        admitted: &Admitted,
        moves: &[(usize, &RefCommand)],
    ) -> Vec<(usize, Verdict)> {
        let groups: Vec<&[(usize, &RefCommand)]> = if admitted.push.atomic && !moves.is_empty() {
            vec![moves]
        } else {
            moves.chunks(1).collect()
        };
        let mut verdicts = Vec::new();
        for group in groups {
            let moved = self.move_together(admitted, group).await;
            let verdict = match moved {
                Ok(()) => Verdict::Done,
                Err(error) => Verdict::Refused(error.to_string()),
            };
            verdicts.extend(group.iter().map(|(place, _)| (*place, verdict.clone())));
        }
        verdicts
    }

    async fn move_together(
        &self,
        admitted: &Admitted,
        group: &[(usize, &RefCommand)],
    ) -> Result<(), ForgeError> {
        let hosted = &admitted.hosted;
        let trunk = hosted.bare.trunk_ref();
        let moves_trunk = group.iter().find(|(_, command)| command.name == trunk);
        if let Some((_, command)) = moves_trunk {
            require_forward(hosted, command)?;
        }
        let updates: Vec<_> = group
            .iter()
            .map(|(_, command)| update_of(command))
            .collect();
        hosted.bare.update(&updates).await?;
        let text = |id: Option<ObjectId>| id.map(|id| id.to_string());
        let moved = MovedRefs {
            repository: &hosted.info().name,
            refs: updates
                .iter()
                .map(|update| MovedRef {
                    name: update.name.clone(),
                    old: text(update.old),
                    new: text(update.new),
                })
                .collect(),
            break_glass: admitted
                .options
                .break_glass
                .as_deref()
                .filter(|_| moves_trunk.is_some()),
            by: &admitted.by,
        };
        let event = self.made().refs(&moved)?;
        let mut transaction = self.store.begin().await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        if moves_trunk.is_some() {
            hosted.queue.trunk_moved();
        }
        Ok(())
    }

    async fn carry_change(
        self: &Arc<Self>,
        admitted: &Admitted,
        tip: ObjectId,
        client: &Client,
    ) -> Verdict {
        let wanted = &admitted.options.wanted;
        let taken = self
            .take_in(&admitted.hosted, tip, wanted, &admitted.by)
            .await;
        let intake = match taken {
            Ok(intake) => intake,
            Err(error) => return Verdict::Refused(format!("{error} ({})", error.code().code)),
        };
        for change in &intake.changes {
            client
                .say(&format!(
                    "change {}: {} ({}, revision {}, {})  {}",
                    change.number,
                    change.title,
                    change.mode.name(),
                    change.revision,
                    change.state.name(),
                    self.change_address(change.number)
                ))
                .await;
        }
        let kept = |change: &&Change| change.mode == Mode::Ask && wanted.mode != Mode::Ask;
        for change in intake.changes.iter().filter(kept) {
            client
                .say(&format!(
                    "change {} still asks, as this very commit was pushed with `-o ask`; amended, it is shipped",
                    change.number
                ))
                .await;
        }
        let Some(mut follower) = intake.follower else {
            client.say("it lands once somebody else approves it").await;
            return Verdict::Done;
        };
        if admitted.options.no_wait {
            return Verdict::Done;
        }
        loop {
            match tokio::time::timeout(RHYTHM, follower.next()).await {
                Err(_) => client.alive().await,
                Ok(Note::Line(line)) => client.say(&line).await,
                Ok(Note::Ended(outcome)) => return verdict(&admitted.hosted, outcome),
            }
            // What is in the queue goes on without whoever pushed it.
            if client.to.is_closed() {
                return Verdict::Done;
            }
        }
    }
}

fn verdict(hosted: &Hosted, outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Landed { old, new } => Verdict::Instead {
            name: hosted.bare.trunk_ref(),
            old,
            new,
        },
        Outcome::Refused(reason) => Verdict::Refused(reason),
        Outcome::Withdrawn => Verdict::Refused("it was pushed again or given up".to_owned()),
        Outcome::Stopped => {
            Verdict::Refused("the platform stops; it stays in the queue".to_owned())
        }
    }
}

fn update_of(command: &RefCommand) -> RefUpdate {
    RefUpdate {
        name: command.name.clone(),
        old: command.old,
        new: command.new,
    }
}

/// The trunk never goes back: what was landed is undone by another change.
fn require_forward(hosted: &Hosted, command: &RefCommand) -> Result<(), ForgeError> {
    let forward = match (command.old, command.new) {
        (None, Some(_)) => true,
        (Some(old), Some(new)) => hosted.bare.is_ancestor(old, new)?,
        (_, None) => false,
    };
    if forward {
        return Ok(());
    }
    Err(ForgeError::Invalid(
        "the trunk never goes back: undo what landed by a change that reverts it".into(),
    ))
}

/// What a command is about, and whether the caller may do it.
fn target(
    hosted: &Hosted,
    command: &RefCommand,
    options: &PushOptions,
    caller: &Caller,
) -> Result<Target, String> {
    let info = hosted.info();
    let may = |action: &'static ActionType, resource: &str| {
        let decided = caller.require(action, resource);
        decided.map_err(|problem| problem.detail().to_owned())
    };
    let of_ref = format!("{}:{}", info.name, command.name);
    let of_trunk = command.name.starts_with("refs/for/") || command.name == hosted.bare.trunk_ref();
    if let (true, Some(source)) = (of_trunk, &info.follows) {
        return Err(format!(
            "`{}` follows {source}: changes are made there",
            info.name
        ));
    }
    if let Some(branch) = command.name.strip_prefix("refs/for/") {
        if branch != info.trunk {
            return Err(format!(
                "changes are for `{0}`: push to `refs/for/{0}`",
                info.trunk
            ));
        }
        if command.new.is_none() {
            return Err("there is nothing to remove there".to_owned());
        }
        may(&action::CHANGE_PUSH, &info.name)?;
        return Ok(Target::Change);
    }
    if command.name == hosted.bare.trunk_ref() {
        return trunk_target(
            hosted,
            options,
            &info.trunk,
            || may(&action::TRUNK_PUSH, &info.name),
            || may(&action::REF_PUSH, &of_ref),
        );
    }
    if command.name.starts_with("refs/heads/") || command.name.starts_with("refs/tags/") {
        may(&action::REF_PUSH, &of_ref)?;
        return Ok(Target::Beside);
    }
    Err("only branches, tags and `refs/for/` can be pushed to".to_owned())
}

fn trunk_target(
    hosted: &Hosted,
    options: &PushOptions,
    trunk: &str,
    may_break: impl FnOnce() -> Result<(), String>,
    may_begin: impl FnOnce() -> Result<(), String>,
) -> Result<Target, String> {
    let tip = hosted.bare.trunk_tip().map_err(|error| error.to_string())?;
    if tip.is_none() {
        // What a repository begins with is landed by nobody.
        may_begin()?;
        return Ok(Target::Trunk);
    }
    if options.break_glass.is_none() {
        return Err(format!(
            "`{trunk}` moves by the landing queue alone: git push <remote> HEAD:refs/for/{trunk} (TL-FORGE-004)"
        ));
    }
    may_break()?;
    Ok(Target::Trunk)
}

/// Whoever pushes.
struct Client {
    to: mpsc::Sender<Bytes>,
    side_band: bool,
}

impl Client {
    /// Whoever went away needs no answer.
    async fn send(&self, bytes: Bytes) {
        let _gone = self.to.send(bytes).await;
    }

    /// Shows a line.
    async fn say(&self, line: &str) {
        if self.side_band {
            self.send(band(2, format!("{line}\n").as_bytes())).await;
        }
    }

    async fn alive(&self) {
        if self.side_band {
            self.send(Bytes::from_static(ALIVE)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[&str]) -> Result<PushOptions, ForgeError> {
        let options: Vec<_> = options.iter().map(ToString::to_string).collect();
        PushOptions::read(&options)
    }

    #[test]
    fn options_say_how_a_change_lands() {
        assert_eq!(read(&[]).unwrap().wanted.mode, Mode::Ship);
        let ask = read(&["ask", "topic=checkout", "no-wait"]).unwrap();
        assert_eq!(
            (ask.wanted.mode, ask.wanted.topic.as_str(), ask.no_wait),
            (Mode::Ask, "checkout", true)
        );
        assert_eq!(
            read(&["break-glass= fire "])
                .unwrap()
                .break_glass
                .as_deref(),
            Some("fire")
        );
        for wrong in ["shpi", "topic=", "topic", "break-glass=", "ask=now"] {
            assert!(
                read(&[wrong])
                    .unwrap_err()
                    .to_string()
                    .contains("is no option"),
                "{wrong}"
            );
        }
    }
}
