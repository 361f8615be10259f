//! Starting an instance.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use trunkline_model::kind;

use super::{Book, Label, Post};
use crate::Services;
use crate::port::{InstanceOrder, Stand};
use crate::store::ReleaseRow;

impl Services {
    /// Starts an instance of a release.
    pub(super) async fn start(
        self: &Arc<Self>,
        post: &Arc<Post>,
        book: &mut Book,
        release: &ReleaseRow,
    ) -> Result<(), String> {
        let id = self.id::<kind::Instance>().to_string();
        let port = free_port().map_err(|error| format!("there is no free port: {error}"))?;
        let label = Label {
            service: post.name.clone(),
            release: release.id,
            port,
        };
        let order = self.order(&id, &label, release)?;
        let made = std::fs::create_dir_all(&order.own);
        made.map_err(|error| format!("{}: {error}", order.own.display()))?;
        if let Err(error) = self.parts.driver.start(order).await {
            super::fetch::remove_beside(self.own_folder(&id));
            return Err(format!("it cannot be started: {error}"));
        }
        if let Some(instance) = self.instance(post, book, &label, Stand::Running, false) {
            book.instances.insert(id, instance);
        }
        Ok(())
    }

    /// The folder that is an instance's own.
    pub(super) fn own_folder(&self, id: &str) -> PathBuf {
        self.parts.folder.join("instances").join(id)
    }

    fn order(
        &self,
        id: &str,
        label: &Label,
        release: &ReleaseRow,
    ) -> Result<InstanceOrder, String> {
        let run = release.manifest.run.clone().unwrap_or_default();
        let files = self.files_of(release.id);
        let own = self.own_folder(id);
        let mut environment: BTreeMap<String, String> = run.env.clone();
        for name in &run.secrets {
            let secret = self.parts.secrets.secret(name);
            let secret = secret.ok_or_else(|| format!("there is no secret `{name}`"))?;
            environment.insert(name.clone(), secret);
        }
        let given = [
            ("PORT", label.port.to_string()),
            ("HOME", own.display().to_string()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TRUNKLINE_SERVICE", release.service.clone()),
            ("TRUNKLINE_RELEASE", release.number.to_string()),
            ("TRUNKLINE_COMMIT", release.commit.clone()),
        ];
        for (name, value) in given {
            environment.insert(name.to_owned(), value);
        }
        Ok(InstanceOrder {
            id: id.to_owned(),
            label: serde_json::to_string(label).map_err(|error| error.to_string())?,
            command: run.cmd,
            folder: files.join(&release.folder),
            release: files,
            own,
            environment,
            memory: run.memory.map(|size| size.0),
            processes: run.processes,
        })
    }
}

/// A port of this machine that nobody listens at. Who is quicker takes it, and then the next one is tried.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
