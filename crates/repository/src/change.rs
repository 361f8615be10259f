//! What stays the same of a change while its commits do not.

use gix::ObjectId;
use gix::bstr::ByteSlice as _;

use crate::{Bare, RepositoryError};

/// The longest identity that is taken from a commit, in bytes.
const LONGEST: usize = 80;

impl Bare {
    /// The identity of the change that the commit `id` is a state of; see [`identity`].
    ///
    /// # Errors
    /// [`RepositoryError::NotFound`] where there is no such commit.
    pub fn identity_of(&self, id: ObjectId) -> Result<String, RepositoryError> {
        let missing = || RepositoryError::NotFound(format!("commit `{id}`"));
        let repository = self.local();
        let object = repository.find_object(id).map_err(|_| missing())?;
        let commit = object.try_into_commit().map_err(|_| missing())?;
        Ok(identity(&commit.data))
    }
}

/// The identity of the change that a commit is a state of, from the commit as git keeps it.
///
/// The header `change-id` of Jujutsu comes first, then a trailer `Change-Id` in the message, as Gerrit's hook writes it. Without either it is
/// the author with the time of authorship: both stay what they are when a commit is amended or rebased, so nobody has to install a hook.
#[must_use]
pub fn identity(commit: &[u8]) -> String {
    let (head, message) = commit.find(b"\n\n").map_or((commit, &[][..]), |end| {
        (&commit[..end], &commit[end + 2..])
    });
    let header = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name.as_bytes()))
    };
    let trailer = || {
        let mut lines = message.lines().rev();
        lines.find_map(|line| line.strip_prefix(b"Change-Id: "))
    };
    if let Some(own) = header("change-id ").or_else(trailer) {
        let own = own.trim();
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if !own.is_empty() && own.len() <= LONGEST && own.iter().all(fits) {
            return own.to_str_lossy().into_owned();
        }
    }
    let author = header("author ").unwrap_or_default();
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(author);
    // A hash that cannot be made would be of an attack on SHA-1 itself.
    hasher.try_finalize().map_or_else(
        |_| author.to_str_lossy().into_owned(),
        |id| format!("A{id}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
        author Ada <ada@example.com> 1700000000 +0100\n\
        committer Ada <ada@example.com> 1700000000 +0100\n\nadd it\n";

    #[test]
    fn an_amended_commit_is_the_same_change() {
        let amended = COMMIT
            .replace("add it", "add it well")
            .replace(
                "committer Ada <ada@example.com> 1700000000",
                "committer Ada <ada@example.com> 1700000999",
            )
            .replace("4b825d", "5c825d");
        assert_eq!(identity(COMMIT.as_bytes()), identity(amended.as_bytes()));
        let other = COMMIT.replace(
            "author Ada <ada@example.com> 1700000000",
            "author Ada <ada@example.com> 1700000001",
        );
        assert_ne!(identity(COMMIT.as_bytes()), identity(other.as_bytes()));
    }

    #[test]
    fn what_a_tool_wrote_comes_first() {
        let gerrit = format!("{COMMIT}\nChange-Id: I0123456789abcdef0123456789abcdef01234567\n");
        assert_eq!(
            identity(gerrit.as_bytes()),
            "I0123456789abcdef0123456789abcdef01234567"
        );
        let jujutsu = COMMIT.replace("\n\nadd", "\nchange-id zxkqynrm\n\nadd");
        assert_eq!(identity(jujutsu.as_bytes()), "zxkqynrm");
        // What could be no identity is not taken for one.
        for wrong in ["Change-Id: ../x\n", "Change-Id: \n", "Change-Id: a b\n"] {
            let commit = format!("{COMMIT}\n{wrong}");
            assert_eq!(
                identity(commit.as_bytes()),
                identity(COMMIT.as_bytes()),
                "{wrong}"
            );
        }
        assert!(!identity(b"").is_empty());
    }
}
