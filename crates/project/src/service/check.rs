//! What of a `service.toml` fits together.

use super::{Service, ServiceKind, Strategy};

/// Instances of one service.
const INSTANCES: u32 = 32;
/// Letters of a name, before which a route has more.
const NAME: usize = 56;
/// Steps of a canary.
const STEPS: usize = 20;

/// What is wrong with how a service is run, where something is.
pub(super) fn check(service: &Service) -> Result<(), String> {
    if service.run.is_some() {
        runnable(service)?;
    }
    let deploy = &service.deploy;
    let ascend = deploy
        .steps
        .windows(2)
        .all(|pair| pair[0].percent < pair[1].percent);
    if !ascend || deploy.steps.len() > STEPS {
        return Err(format!(
            "`steps` of [deploy] go up, and are at most {STEPS}: the last one, to all requests, goes without saying"
        ));
    }
    if deploy.strategy == Strategy::Canary && deploy.steps.is_empty() {
        return Err("a canary has at least one of `steps` in [deploy]".to_owned());
    }
    let alpha = service.rollback.alpha;
    if !(alpha > 0.0 && alpha <= 0.2) {
        return Err("`alpha` of [rollback] is above 0 and at most 0.2".to_owned());
    }
    if !(1..=INSTANCES).contains(&service.scale.min) {
        return Err(format!("`min` of [scale] is from 1 to {INSTANCES}"));
    }
    let auth = &service.route.auth;
    let known = |one: &String| ["none", "key", "jwt", "session"].contains(&one.as_str());
    if !auth.iter().all(known) || auth.len() > 1 && auth.iter().any(|one| one == "none") {
        return Err(
            "`auth` of [route] is `none` alone, or of `key`, `jwt` and `session`".to_owned(),
        );
    }
    if service
        .route
        .host
        .as_ref()
        .is_some_and(|host| !is_host(host))
    {
        return Err("`host` of [route] is a host, or `*.` before one".to_owned());
    }
    if !(1..=100).contains(&service.health.answers) {
        return Err("`answers` of [health] is from 1 to 100".to_owned());
    }
    for (section, path) in [
        ("health", &service.health.path),
        ("route", &service.route.path),
    ] {
        if path.as_ref().is_some_and(|path| !is_path(path)) {
            return Err(format!(
                "`path` of [{section}] begins with `/` and is plain"
            ));
        }
    }
    Ok(())
}

fn runnable(service: &Service) -> Result<(), String> {
    let Some(run) = &service.run else {
        return Ok(());
    };
    if service.name.len() > NAME {
        return Err(format!(
            "the name of a service that is run has at most {NAME} letters"
        ));
    }
    if run.cmd.trim().is_empty() {
        return Err("[run] needs `cmd`".to_owned());
    }
    if !matches!(service.kind, ServiceKind::Http | ServiceKind::Worker) {
        return Err("[run] is for services of the kind `http` or `worker`".to_owned());
    }
    if service.kind == ServiceKind::Worker && service.route.path.is_some() {
        return Err("a worker takes no requests: [route] is for the kind `http`".to_owned());
    }
    let names = run.env.keys().chain(&run.secrets);
    for name in names {
        if !is_variable(name) {
            return Err(format!(
                "`{name}` is no variable: letters, digits and `_`, and not `PORT`"
            ));
        }
    }
    Ok(())
}

fn is_variable(name: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'_';
    !name.is_empty()
        && name.len() <= 128
        && name.bytes().all(fits)
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name != "PORT"
}

fn is_host(host: &str) -> bool {
    let host = host.strip_prefix("*.").unwrap_or(host);
    let fits = |letter: u8| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"-.".contains(&letter)
    };
    !host.is_empty() && host.len() <= 200 && host.bytes().all(fits) && !host.starts_with(['.', '-'])
}

fn is_path(path: &str) -> bool {
    let plain = |letter: u8| letter.is_ascii_graphic() && !b"\"\\{}*?#%".contains(&letter);
    path.starts_with('/') && path.len() <= 200 && path.bytes().all(plain)
}
