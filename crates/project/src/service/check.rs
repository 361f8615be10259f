//! What of a `service.toml` fits together.

use super::{Service, ServiceKind, Strategy};

/// Instances of one service.
const INSTANCES: u32 = 64;
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
    let (min, max) = (service.scale.min, service.scale.max);
    if min == 0 || min > max || max > INSTANCES {
        return Err(format!(
            "`min` of [scale] is at least 1 and at most `max`, which is at most {INSTANCES}"
        ));
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

fn is_path(path: &str) -> bool {
    let plain = |letter: u8| letter.is_ascii_graphic() && !b"\"\\{}*?#%".contains(&letter);
    path.starts_with('/') && path.len() <= 200 && path.bytes().all(plain)
}
