//! Passwords: what a good one is, and how it is hashed and checked without taking all memory.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

use crate::ProofError;

/// Memory that one hash takes, in KiB.
const MEMORY: u32 = 19_456;

/// How often that memory is filled.
const PASSES: u32 = 2;

/// Passwords that may wait for their turn.
const QUEUE: usize = 64;

/// When it makes sense to try again after the queue was full.
const RETRY: Duration = Duration::from_secs(2);

/// The shortest password in characters.
const MIN_LENGTH: usize = 12;

/// The longest password in characters.
const MAX_LENGTH: usize = 256;

/// Characters that are judged: a password whose beginning cannot be guessed cannot be guessed, and judging takes longer with each.
const JUDGED: usize = 64;

/// The salt under which a password is hashed where there is none to compare it with, so that this takes the same time.
const DUMMY_SALT: &[u8; 16] = b"trunkline nobody";

/// Hashes and checks passwords on at most as many threads as there are cores. More than [`QUEUE`] that wait are refused.
#[derive(Debug)]
pub struct Hasher {
    params: Params,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// What a check of a password gave.
#[derive(Debug)]
pub struct Checked {
    /// Whether it is the right one.
    pub right: bool,
    /// Whether its hash has other parameters than a new one would have.
    pub outdated: bool,
}

impl Hasher {
    /// A hasher with a thread for each core.
    ///
    /// # Errors
    /// [`ProofError::Config`] when the parameters cannot be used.
    pub fn new() -> Result<Self, ProofError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let params = Params::new(MEMORY, PASSES, 1, None)
            .map_err(|error| ProofError::Config(format!("argon2id: {error}")))?;
        Ok(Self {
            params,
            turns: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores + QUEUE)),
        })
    }

    /// The hash of a new password, if it is a good one. `about` are words that a stranger would try first, such as the person's name.
    pub async fn hash_new(
        &self,
        password: String,
        salt: [u8; 16],
        about: Vec<String>,
    ) -> Result<String, ProofError> {
        let argon2 = self.argon2();
        self.run(move || {
            judge(&password, &about)?;
            hash(&argon2, &password, &salt)
        })
        .await?
    }

    /// The hash of a password that is in use already.
    pub async fn hash_again(&self, password: String, salt: [u8; 16]) -> Result<String, ProofError> {
        let argon2 = self.argon2();
        self.run(move || hash(&argon2, &password, &salt)).await?
    }

    /// Whether `password` has the hash `stored`. Where there is none the same work is done, and the answer is no.
    pub async fn check(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<Checked, ProofError> {
        let argon2 = self.argon2();
        self.run(move || match stored.as_deref().map(PasswordHash::new) {
            Some(Ok(stored)) => Checked {
                right: argon2.verify_password(password.as_bytes(), &stored).is_ok(),
                outdated: !is_current(&stored, argon2.params()),
            },
            _ => {
                let mut out = [0; 32];
                let done = argon2.hash_password_into(password.as_bytes(), DUMMY_SALT, &mut out);
                if let Err(error) = done {
                    tracing::warn!(%error, "a password cannot be hashed");
                }
                std::hint::black_box(out);
                Checked {
                    right: false,
                    outdated: false,
                }
            }
        })
        .await
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ProofError> {
        let busy = || ProofError::Busy { retry_after: RETRY };
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        // The permits go with the work: a client that hangs up must not let another one in while its memory is still taken.
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop((turn, place));
            result
        });
        done.await.map_err(|_| busy())
    }
}

/// Whether a hash was made as a new one would be.
fn is_current(stored: &PasswordHash, wanted: &Params) -> bool {
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    stored.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && Params::try_from(stored).is_ok_and(|params| cost(&params) == cost(wanted))
}

fn hash(argon2: &Argon2<'_>, password: &str, salt: &[u8]) -> Result<String, ProofError> {
    argon2
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|error| {
            ProofError::PasswordWeak(format!("this password cannot be hashed: {error}"))
        })
}

/// Nothing where `password` is a good one.
///
/// Common and leaked passwords are among zxcvbn's words, so no list has to be asked over the network.
fn judge(password: &str, about: &[String]) -> Result<(), ProofError> {
    let length = password.chars().count();
    if !(MIN_LENGTH..=MAX_LENGTH).contains(&length) {
        let detail =
            format!("a password has {MIN_LENGTH} to {MAX_LENGTH} characters, this one {length}");
        return Err(ProofError::PasswordWeak(detail));
    }
    let judged: String = password.chars().take(JUDGED).collect();
    let mut words: Vec<&str> = vec!["trunkline"];
    for text in about {
        words.push(text);
        words.extend(
            text.split(|letter: char| !letter.is_alphanumeric())
                .filter(|word| word.len() > 2),
        );
    }
    let entropy = zxcvbn(&judged, &words);
    if entropy.score() >= Score::Three {
        return Ok(());
    }
    let warning = entropy
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map_or_else(String::new, |warning| format!(": {warning}"));
    Err(ProofError::PasswordWeak(format!(
        "this password is among those that attackers try early{warning}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_rules_do_not() {
        for good in [
            "correct horse battery staple",
            "zwölf Boxkämpfer jagen Eva",
            "mitternachtsregenbogen",
            &"kV9#tq!x".repeat(32),
        ] {
            assert!(judge(good, &[]).is_ok(), "{good}");
        }
        for bad in [
            "",
            "short1!A",
            "password1234",
            "qwertyuiop123",
            "aaaaaaaaaaaaaaaaaaaa",
            "123456789012",
            "iloveyou1234",
            &"kV9#tq!x".repeat(33),
        ] {
            assert!(judge(bad, &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_own_name_is_no_secret() {
        let about = [
            "Grete Hopperstein".into(),
            "grete@hopperstein.example".into(),
        ];
        assert!(judge("gretehopperstein", &[]).is_ok());
        assert!(judge("gretehopperstein", &about).is_err());
        assert!(judge("grete@hopperstein.example", &about).is_err());
    }

    #[tokio::test]
    async fn another_parameter_is_noticed_and_the_password_still_right() {
        let hasher = Hasher::new().unwrap();
        let old = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(64, 1, 1, None).unwrap(),
        );
        let stored = hash(&old, "a password of old", b"0123456789abcdef").unwrap();
        let checked = hasher
            .check("a password of old".into(), Some(stored))
            .await
            .unwrap();
        assert!(checked.right && checked.outdated);
        let new = hasher
            .hash_again("a password of old".into(), [1; 16])
            .await
            .unwrap();
        assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
        let checked = hasher
            .check("a password of old".into(), Some(new.clone()))
            .await
            .unwrap();
        assert!(checked.right && !checked.outdated);
        assert!(
            !hasher
                .check("a password of new".into(), Some(new))
                .await
                .unwrap()
                .right
        );
        assert!(!hasher.check("anything".into(), None).await.unwrap().right);
    }

    #[tokio::test]
    async fn a_full_queue_is_told_at_once() {
        let hasher = Hasher::new().unwrap();
        let all = u32::try_from(hasher.places.available_permits()).unwrap();
        let taken = Arc::clone(&hasher.places)
            .acquire_many_owned(all)
            .await
            .unwrap();
        assert!(matches!(
            hasher.check("x".into(), None).await,
            Err(ProofError::Busy { .. })
        ));
        drop(taken);
        assert!(hasher.check("x".into(), None).await.is_ok());
    }
}
