//! A local object store whose writes are on disk when they return.

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    UploadPart,
};

/// The local file system, with an fsync behind every write.
///
/// [`LocalFileSystem`] leaves written bytes to the kernel; a table's commit could then be an empty file after a power cut. Here
/// a file is staged beside its place, synced, put in place and its folder synced.
#[derive(Debug)]
pub(super) struct DurableLocal {
    inner: Arc<LocalFileSystem>,
    staged: AtomicU64,
}

impl DurableLocal {
    pub(super) fn new() -> Self {
        Self {
            inner: Arc::new(LocalFileSystem::new()),
            staged: AtomicU64::new(0),
        }
    }

    /// A name that [`LocalFileSystem`] takes for one of its own unfinished uploads and leaves out of listings.
    fn staging_path(&self, target: &FilePath) -> PathBuf {
        let number = self.staged.fetch_add(1, Ordering::Relaxed);
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(format!("#{}{number}", std::process::id()));
        target.with_file_name(name)
    }
}

fn write(
    target: &FilePath,
    staging: &FilePath,
    payload: &PutPayload,
    create: bool,
) -> std::io::Result<()> {
    let folder = target.parent().unwrap_or(FilePath::new("/"));
    let new_folders = folder
        .ancestors()
        .take_while(|folder| !folder.exists())
        .count();
    fs::create_dir_all(folder)?;
    let mut file = File::create(staging)?;
    for chunk in payload {
        file.write_all(chunk)?;
    }
    file.sync_all()?;
    drop(file);
    if create {
        // A hard link fails when the name is taken, which a rename would not.
        let linked = fs::hard_link(staging, target);
        fs::remove_file(staging)?;
        linked?;
    } else {
        fs::rename(staging, target)?;
    }
    for folder in folder.ancestors().take(new_folders + 1) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// An upload in parts that is on disk when it is complete.
#[derive(Debug)]
struct DurableUpload {
    upload: Box<dyn MultipartUpload>,
    target: PathBuf,
}

#[async_trait]
impl MultipartUpload for DurableUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.upload.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let result = self.upload.complete().await?;
        let target = self.target.clone();
        let synced = tokio::task::spawn_blocking(move || {
            // The folders above it may be new.
            target
                .ancestors()
                .take(4)
                .try_for_each(|path| File::open(path)?.sync_all())
        });
        synced.await?.map_err(|error| Error::Generic {
            store: "local",
            source: error.into(),
        })?;
        Ok(result)
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}

/// Removes what uploads that never became complete left below a folder.
pub(super) fn forget_staged(folder: &FilePath) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let staged = entry.file_name().to_string_lossy().contains('#');
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => forget_staged(&entry.path()),
            Ok(_) if staged => {
                if let Err(error) = fs::remove_file(entry.path()) {
                    tracing::warn!(%error, "what an upload left behind stays");
                }
            }
            _ => {}
        }
    }
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let create = match options.mode {
            PutMode::Create => true,
            PutMode::Overwrite => false,
            PutMode::Update(_) => return self.inner.put_opts(location, payload, options).await,
        };
        let target = self.inner.path_to_filesystem(location)?;
        let staging = self.staging_path(&target);
        let path = location.to_string();
        let written = tokio::task::spawn_blocking(move || {
            let written = write(&target, &staging, &payload, create);
            if written.is_err() {
                // The staged file may be gone already; what matters is the first error.
                drop(fs::remove_file(&staging));
            }
            written
        })
        .await?;
        match written {
            Ok(()) => Ok(PutResult {
                e_tag: None,
                version: None,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(Error::AlreadyExists {
                    path,
                    source: error.into(),
                })
            }
            Err(error) => Err(Error::Generic {
                store: "local",
                source: error.into(),
            }),
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.inner.put_multipart_opts(location, options).await?;
        Ok(Box::new(DurableUpload {
            upload,
            target: self.inner.path_to_filesystem(location)?,
        }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

impl fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("durable local file system")
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;
    use object_store::ObjectStoreExt;

    use super::*;

    #[tokio::test]
    async fn an_upload_in_parts_is_there_once_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let store = DurableLocal::new();
        let path = |name: &str| Path::from_absolute_path(folder.path().join(name)).unwrap();
        let mut whole = store.put_multipart(&path("a/whole")).await.unwrap();
        whole.put_part("some".into()).await.unwrap();
        let mut broken = store.put_multipart(&path("a/broken")).await.unwrap();
        broken.put_part("half".into()).await.unwrap();
        whole.complete().await.unwrap();
        let bytes = store.get(&path("a/whole")).await.unwrap().bytes().await;
        assert_eq!(bytes.unwrap(), "some");
        // As after a crash.
        std::mem::forget(broken);
        let files = || fs::read_dir(folder.path().join("a")).unwrap().count();
        assert_eq!(files(), 2);
        forget_staged(folder.path());
        assert_eq!(files(), 1);
    }

    #[tokio::test]
    async fn create_refuses_a_name_that_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let store = DurableLocal::new();
        let path = Path::from_absolute_path(folder.path().join("a/b/one.json")).unwrap();
        let create = || PutOptions::from(PutMode::Create);
        store
            .put_opts(&path, "first".into(), create())
            .await
            .unwrap();
        let again = store.put_opts(&path, "second".into(), create()).await;
        assert!(matches!(again, Err(Error::AlreadyExists { .. })));
        let bytes = store.get(&path).await.unwrap().bytes().await.unwrap();
        assert_eq!(bytes, "first");
        store.put(&path, "third".into()).await.unwrap();
        let root = Path::from_absolute_path(folder.path()).unwrap();
        let listed: Vec<_> = store.list(Some(&root)).try_collect().await.unwrap();
        assert_eq!(listed.len(), 1, "nothing staged is left: {listed:?}");
        assert_eq!(listed[0].size, 5);
    }
}
