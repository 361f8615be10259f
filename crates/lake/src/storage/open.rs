//! Opening the storage that the configuration names.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use datafusion::execution::object_store::ObjectStoreUrl;
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use url::Url;

use super::durable::{self, DurableLocal};
use crate::{LakeConfig, LakeError};

/// What the names of that begin with which is in the lake's place and no table.
const OTHER: &str = "_";

/// An object store, and where in it the lake lies.
#[derive(Clone, Debug)]
pub struct Storage {
    root: Arc<dyn ObjectStore>,
    location: Url,
    prefix: Path,
}

impl Storage {
    /// Opens what `config` names; a lake without a URL lies in `data_dir/lake`.
    ///
    /// # Errors
    /// [`LakeError::Storage`] when the URL is not well-formed or the folder cannot be made.
    pub fn open(config: &LakeConfig, data_dir: &FilePath) -> Result<Self, LakeError> {
        let url = if config.url.is_empty() {
            let folder = data_dir.join("lake");
            std::fs::create_dir_all(&folder)
                .map_err(LakeError::storage("make the lake's folder"))?;
            let folder = folder
                .canonicalize()
                .map_err(LakeError::storage("find the lake's folder"))?;
            Url::from_directory_path(folder)
                .map_err(|()| LakeError::Internal("the lake's folder is not absolute".into()))?
        } else {
            Url::parse(&format!("{}/", config.url.trim_end_matches('/')))
                .map_err(LakeError::storage("read `lake.url`"))?
        };
        match url.scheme() {
            "file" => Ok(Self::over(Arc::new(DurableLocal::new()), url)),
            "s3" => Ok(Self::over(Arc::new(s3(config, &url)?), url)),
            other => Err(LakeError::Storage {
                action: "read `lake.url`",
                source: format!("`{other}:` is neither `file:` nor `s3:`").into(),
            }),
        }
    }

    /// The lake at `location` in `root`; for stores of another kind, such as one that injects faults.
    #[must_use]
    pub fn over(root: Arc<dyn ObjectStore>, location: Url) -> Self {
        let prefix = Path::from_url_path(location.path()).unwrap_or_default();
        Self {
            root,
            location,
            prefix,
        }
    }

    /// The whole store.
    #[must_use]
    pub fn root(&self) -> &Arc<dyn ObjectStore> {
        &self.root
    }

    /// The same lake through another view of its store.
    #[must_use]
    pub fn wrapped(&self, wrap: impl FnOnce(Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore>) -> Self {
        Self {
            root: wrap(Arc::clone(&self.root)),
            location: self.location.clone(),
            prefix: self.prefix.clone(),
        }
    }

    /// Where something lies that is no table, beside the lake in the same store. What a crash left half written there is removed.
    #[must_use]
    pub fn beside(&self, name: &str) -> Path {
        let mut parts: Vec<_> = self.prefix.parts().collect();
        let path = match parts.pop() {
            Some(_) => Path::from_iter(parts).join(name),
            // The lake is all of a bucket: no table has such a name.
            None => Path::from(format!("{OTHER}{name}")),
        };
        if self.location.scheme() == "file" {
            durable::forget_staged(&FilePath::new("/").join(path.as_ref()));
        }
        path
    }

    /// The name under which statements know this store.
    pub(crate) fn statement_url() -> Result<ObjectStoreUrl, LakeError> {
        Ok(ObjectStoreUrl::parse("lake://tables")?)
    }

    /// Where the table called `name` lies.
    pub(crate) fn table_path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    /// The Delta log of the table called `name`.
    pub(crate) fn log_store(&self, name: &str) -> Result<LogStoreRef, LakeError> {
        let location = self
            .location
            .join(&format!("{name}/"))
            .map_err(LakeError::storage("name a table's folder"))?;
        let prefixed = Arc::new(PrefixStore::new(
            Arc::clone(&self.root),
            self.table_path(name),
        ));
        Ok(default_logstore(
            prefixed,
            Arc::clone(&self.root),
            &location,
            &StorageConfig::default(),
        ))
    }

    /// The names of the tables that lie here.
    pub(crate) async fn table_names(&self) -> Result<Vec<String>, LakeError> {
        let listed = self
            .root
            .list_with_delimiter(Some(&self.prefix))
            .await
            .map_err(LakeError::storage("list the tables"))?;
        let names = listed.common_prefixes.iter().filter_map(Path::filename);
        let tables = names.filter(|name| !name.starts_with(OTHER));
        Ok(tables.map(str::to_owned).collect())
    }
}

fn s3(config: &LakeConfig, url: &Url) -> Result<impl ObjectStore + use<>, LakeError> {
    let timeout = Duration::from_secs(config.storage_timeout_seconds.max(1));
    let secret = if config.s3_secret_access_key_file.is_empty() {
        config.s3_secret_access_key.clone()
    } else {
        std::fs::read_to_string(&config.s3_secret_access_key_file)
            .map_err(LakeError::storage("read `lake.s3_secret_access_key_file`"))?
            .trim()
            .to_owned()
    };
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(url.host_str().unwrap_or_default())
        .with_region(&config.s3_region)
        .with_client_options(
            ClientOptions::new()
                .with_timeout(timeout)
                .with_connect_timeout(Duration::from_secs(5))
                .with_allow_http(!config.s3_endpoint.is_empty()),
        )
        .with_retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(50),
                max_backoff: Duration::from_secs(5),
                base: 2.0,
            },
            max_retries: 12,
            retry_timeout: timeout * 4,
        });
    if !config.s3_endpoint.is_empty() {
        builder = builder
            .with_endpoint(&config.s3_endpoint)
            .with_virtual_hosted_style_request(false);
    }
    if !config.s3_access_key_id.is_empty() {
        builder = builder
            .with_access_key_id(&config.s3_access_key_id)
            .with_secret_access_key(secret);
    }
    builder.build().map_err(LakeError::storage("open S3"))
}
