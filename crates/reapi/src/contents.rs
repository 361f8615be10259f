//! Contents in the store of results of tasks, each under its SHA-256 beside its own name there.

use std::io::Read;

use trunkline_task::{Blob, Namespace, Store};

use crate::ReapiError;
use crate::digest::{Digest, Hasher};
use crate::view::View;

/// Bytes of a piece of a content that is read.
pub(crate) const PIECE: usize = 256 << 10;

/// The name that a content has among those of other tools.
fn name(digest: &Digest) -> String {
    format!("reapi-content:{digest}")
}

/// What of a content that the caller may see is in the store. It is noted as used.
fn find(store: &Store, view: &View, digest: &Digest) -> Option<Blob> {
    let name = name(digest);
    let mut namespaces = view.namespaces();
    namespaces.find_map(|of| store.blob_in(of, &name))
}

/// Whether the caller may see the content.
pub(crate) fn has(store: &Store, view: &View, digest: &Digest) -> bool {
    digest.is_empty() || find(store, view, digest).is_some()
}

/// Keeps what `from` gives, once all of it came and is what its name says.
pub(crate) fn put(
    store: &Store,
    of: &Namespace,
    digest: &Digest,
    from: impl Read,
) -> Result<(), ReapiError> {
    if digest.is_empty() {
        return Ok(());
    }
    let mut checked = Checked::new(digest, from);
    let kept = store.put_blob(of, &name(digest), "", &mut checked);
    match checked.problem {
        Some(problem) => Err(ReapiError::Mismatch(problem)),
        None => Ok(kept.map(drop)?),
    }
}

/// The whole content; nothing where it is not there, or not what its name says any more.
pub(crate) fn bytes(store: &Store, view: &View, digest: &Digest) -> Option<Vec<u8>> {
    let mut content = open(store, view, digest)?;
    let mut bytes = Vec::with_capacity(usize::try_from(digest.bytes).ok()?);
    while let Some(piece) = content.next().ok()? {
        bytes.extend_from_slice(&piece);
    }
    Some(bytes)
}

/// The content piece by piece.
pub(crate) fn open(store: &Store, view: &View, digest: &Digest) -> Option<Content> {
    let (from, kept): (Box<dyn Read + Send>, _) = if digest.is_empty() {
        (Box::new(std::io::empty()), None)
    } else {
        let blob = find(store, view, digest)?;
        (store.blob_content(&blob)?, Some((store.clone(), blob)))
    };
    Some(Content {
        checked: Checked::new(digest, from),
        kept,
    })
}

/// A content on its way out.
pub(crate) struct Content {
    checked: Checked<Box<dyn Read + Send>>,
    kept: Option<(Store, Blob)>,
}

/// What is kept is not what its name says.
pub(crate) struct NotAsKept;

impl Content {
    /// The next piece; nothing at the end. The last one is given only once the whole is known to be what its name says.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, NotAsKept> {
        let most = self.checked.left().min(PIECE as u64);
        let mut piece = Vec::with_capacity(most as usize);
        let read = (&mut self.checked).take(most).read_to_end(&mut piece);
        let whole = self.checked.left() > 0 || self.checked.ended().is_ok();
        if read.is_ok() && piece.len() as u64 == most && whole {
            return Ok(Some(piece).filter(|piece| !piece.is_empty()));
        }
        if let Some((store, blob)) = &self.kept {
            store.remove_blob_content(blob);
        }
        Err(NotAsKept)
    }

    /// Reads the rest, to know whether it is what its name says.
    pub(crate) fn finish(&mut self) -> Result<(), NotAsKept> {
        while self.next()?.is_some() {}
        Ok(())
    }
}

/// Gives on what it reads, and fails at the end where that is not what its name says.
struct Checked<R> {
    digest: Digest,
    from: R,
    hasher: Hasher,
    bytes: u64,
    problem: Option<String>,
}

impl<R: Read> Checked<R> {
    fn new(digest: &Digest, from: R) -> Self {
        Self {
            digest: digest.clone(),
            from,
            hasher: Hasher::new(),
            bytes: 0,
            problem: None,
        }
    }

    /// Bytes that have to come.
    fn left(&self) -> u64 {
        self.digest.bytes.saturating_sub(self.bytes)
    }

    /// Looks whether nothing more comes, and what came is what it should be.
    fn ended(&mut self) -> std::io::Result<()> {
        self.read(&mut [0]).map(drop)
    }

    fn fail(&mut self, problem: String) -> std::io::Error {
        let error = std::io::Error::other(problem.clone());
        self.problem = Some(problem);
        error
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, piece: &mut [u8]) -> std::io::Result<usize> {
        if piece.is_empty() {
            return Ok(0);
        }
        let read = self.from.read(piece)?;
        self.hasher.update(&piece[..read]);
        self.bytes += read as u64;
        let (bytes, wanted) = (self.bytes, self.digest.bytes);
        if bytes > wanted {
            let problem = format!("more came than the {wanted} bytes that its name says");
            return Err(self.fail(problem));
        }
        if read == 0 && bytes < wanted {
            let problem = format!("{bytes} bytes came, and its name says {wanted}");
            return Err(self.fail(problem));
        }
        if read == 0 && !self.hasher.is(&self.digest.hash) {
            return Err(self.fail("the content has another SHA-256".to_owned()));
        }
        Ok(read)
    }
}
