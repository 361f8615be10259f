//! `trunkline thing` and `trunkline twin`.

use reqwest::Method;
use serde_json::{Value, json};

use super::work::import;
use crate::cli::{
    Globals, ThingCommand, ThingCreate, ThingName, ThingSet, TwinCommand, TwinName, TwinWant,
};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::Format;

/// How many things one request asks for.
const PAGE: usize = 1_000;

/// Makes, lists or removes devices.
pub(super) async fn run(globals: &Globals, command: ThingCommand) -> Result<Exit, Failure> {
    match command {
        ThingCommand::Create(wanted) => create(globals, wanted).await?,
        ThingCommand::List => list(globals).await?,
        ThingCommand::Show(known) => {
            let path = format!("/v1/things/{}", plain(&known.name)?);
            let shown = Client::of(globals)?.get(&path).await?;
            globals.printer().data(&format!("{shown:#}\n"))?;
        }
        ThingCommand::Set(wanted) => set(globals, wanted).await?,
        ThingCommand::Remove(name) => remove(globals, &name).await?,
        ThingCommand::Renew(name) => renew(globals, &name).await?,
        ThingCommand::Import(wanted) => return import::run(globals, wanted).await,
    }
    Ok(Exit::Done)
}

/// Shows or changes twins.
pub(super) async fn twin(globals: &Globals, command: TwinCommand) -> Result<Exit, Failure> {
    let client = Client::of(globals)?;
    let answer = match command {
        TwinCommand::Show(name) => client.get(&twin_path(&name)?).await?,
        TwinCommand::Want(TwinWant {
            twin,
            desired,
            version,
        }) => {
            let mut body = json!({"state": {"desired": desired}});
            if let Some(version) = version {
                body["version"] = version.into();
            }
            client
                .json(Method::POST, &twin_path(&twin)?, Some(&body))
                .await?
        }
    };
    globals.printer().data(&format!("{answer:#}\n"))?;
    Ok(Exit::Done)
}

/// A name as a part of a path. The platform would refuse any other, so nothing has to be written in another way.
pub(super) fn plain(name: &str) -> Result<&str, Failure> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b":_-$".contains(&byte);
    if !name.is_empty() && name.bytes().all(good) {
        return Ok(name);
    }
    Err(Failure::usage(
        format!("`{name}` is no name and no id"),
        "names and ids have letters, digits, `:`, `_`, `-` and `$`",
    ))
}

fn twin_path(name: &TwinName) -> Result<String, Failure> {
    let path = format!("/v1/things/{}/twin", plain(&name.thing)?);
    Ok(match &name.shadow {
        Some(shadow) => format!("{path}?shadow={}", plain(shadow)?),
        None => path,
    })
}

async fn create(globals: &Globals, wanted: ThingCreate) -> Result<(), Failure> {
    let printer = globals.printer();
    if wanted.dry_run {
        printer.say(&format!("would make the device `{}`", wanted.name));
        return Ok(());
    }
    let attributes: Value = wanted
        .attributes
        .into_iter()
        .map(|(name, value)| (name, Value::from(value)))
        .collect();
    let body = json!({"name": wanted.name, "kind": wanted.kind, "attributes": attributes});
    let answer = Client::of(globals)?
        .json(Method::POST, "/v1/things", Some(&body))
        .await?;
    show_secret(globals, &answer)?;
    printer.detail("it is shown this once; the device connects with its name as the user");
    Ok(())
}

pub(super) fn show_secret(globals: &Globals, answer: &Value) -> Result<(), Failure> {
    let printer = globals.printer();
    if printer.format == Format::Table {
        let secret = answer["secret"].as_str().unwrap_or_default();
        return Ok(printer.data(&format!("{secret}\n"))?);
    }
    Ok(printer.document(answer, std::slice::from_ref(answer), &["secret"])?)
}

async fn list(globals: &Globals) -> Result<(), Failure> {
    let client = Client::of(globals)?;
    let mut things: Vec<Value> = Vec::new();
    loop {
        let after = things
            .last()
            .and_then(|thing| thing["name"].as_str())
            .unwrap_or_default();
        let path = format!("/v1/things?limit={PAGE}&after={after}");
        let mut answer = client.get(&path).await?;
        let Some(page) = answer["things"].as_array_mut() else {
            break;
        };
        let last = page.len() < PAGE;
        things.append(page);
        if last {
            break;
        }
    }
    let document = json!({"things": things});
    let columns = ["name", "kind", "attributes", "created"];
    Ok(globals.printer().document(&document, &things, &columns)?)
}

async fn set(globals: &Globals, wanted: ThingSet) -> Result<(), Failure> {
    let path = format!("/v1/things/{}", plain(&wanted.name)?);
    let set = wanted.attributes.into_iter();
    let set = set.map(|(name, value)| (name, Value::from(value)));
    let gone = wanted.without.into_iter().map(|name| (name, Value::Null));
    let attributes: Value = set.chain(gone).collect();
    let body = json!({"kind": wanted.kind, "attributes": attributes});
    let (client, printer) = (Client::of(globals)?, globals.printer());
    if wanted.dry_run {
        client.get(&path).await?;
        printer.say(&format!("would change {}", wanted.name));
        return Ok(());
    }
    let changed = client.json(Method::PATCH, &path, Some(&body)).await?;
    printer.data(&format!("{changed:#}\n"))?;
    Ok(())
}

async fn remove(globals: &Globals, thing: &ThingName) -> Result<(), Failure> {
    let (printer, path) = (
        globals.printer(),
        format!("/v1/things/{}", plain(&thing.name)?),
    );
    let client = Client::of(globals)?;
    if thing.dry_run {
        client.get(&path).await?;
        printer.say(&format!("would remove {} and its twins", thing.name));
        return Ok(());
    }
    client.json(Method::DELETE, &path, None).await?;
    printer.say(&format!("removed {}", thing.name));
    Ok(())
}

async fn renew(globals: &Globals, thing: &ThingName) -> Result<(), Failure> {
    let path = format!("/v1/things/{}", plain(&thing.name)?);
    let client = Client::of(globals)?;
    if thing.dry_run {
        client.get(&path).await?;
        let what = format!("would give {} a new secret", thing.name);
        globals.printer().say(&what);
        return Ok(());
    }
    let answer = client
        .json(Method::POST, &format!("{path}/secret"), None)
        .await?;
    show_secret(globals, &answer)
}
