//! Clients that people already have, unmodified, and one SQL statement over what they sent.

use std::process::{Child, Command, Stdio};

use crate::platform::{Platform, done, python, script};

/// A program that runs beside the test.
struct Beside(Child);

impl Drop for Beside {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        drop(self.0.wait());
    }
}

#[test]
fn opentelemetry_prometheus_curl_and_git_meet_in_one_statement() {
    let platform = Platform::start();
    let _prometheus = prometheus(&platform);
    done(
        &python()
            .arg(script("send_telemetry.py"))
            .args([&platform.otlp, &platform.grpc, &platform.token])
            .output()
            .unwrap(),
    );
    let (status, answer) = platform.curl(
        &[
            "-X",
            "POST",
            "-H",
            "ce-specversion: 1.0",
            "-H",
            "ce-id: d-1",
            "-H",
            "ce-source: /deploy",
            "-H",
            "ce-type: shop.deployed",
            "-H",
            "content-type: application/json",
            "-d",
            r#"{"service":"checkout","commit":"abc"}"#,
        ],
        "/v1/events",
    );
    assert_eq!(status, 200, "{answer}");
    let repository = repository(&platform);
    done(&platform.trunkline(&["ingest", "git", &repository, "--repository", "shop"]));

    platform.wait_for(
        "select count(*) from metrics where kind = 'prometheus' and name = 'up'",
        |count| count > 0,
    );
    assert_eq!(
        platform.number("select count(*) from spans where service = 'checkout'"),
        4
    );
    assert_eq!(
        platform
            .number("select count(*) from logs where service = 'checkout' and severity = 'error'"),
        2
    );
    // Each exporter delivers at its flush and again at its end.
    assert_eq!(
        platform.number(
            "select count(*) from metrics where service = 'checkout' and name = 'checkout.orders'"
        ),
        4
    );

    let (host, port) = platform.pgwire.rsplit_once(':').unwrap();
    let psql = |arguments: &[&str]| {
        let output = Command::new("psql")
            .args([
                "-X",
                "-h",
                host,
                "-p",
                port,
                "-U",
                "anybody",
                "-d",
                "trunkline",
            ])
            .args(arguments)
            .env("PGPASSWORD", &platform.token)
            .output()
            .unwrap();
        done(&output)
    };
    let joined = psql(&[
        "-At",
        "-c",
        "select c.title, count(distinct s.span_id), count(distinct e.id), max(case when m.name = 'up' then 1 else 0 end) \
         from commits c join spans s on s.attributes->>'commit' = c.title \
         join events e on e.data->>'service' = s.service \
         cross join metrics m where m.kind = 'prometheus' and m.name = 'up' group by c.title",
    ]);
    assert_eq!(joined.trim(), "first|4|1|1");
    expect_tables(&psql(&["-c", "\\d"]), &psql(&["-c", "\\d lead_time"]));
    done(
        &python()
            .arg(script("ask_psycopg.py"))
            .args([host, port, &platform.token])
            .output()
            .unwrap(),
    );
}

/// What psql says of the tables, and of the view `lead_time` among them.
fn expect_tables(tables: &str, view: &str) {
    for (name, kind) in [
        ("commits", "table"),
        ("telemetry", "table"),
        ("lead_time", "view"),
    ] {
        let line = tables.lines().find(|line| line.contains(name));
        assert!(line.is_some_and(|line| line.contains(kind)), "{tables}");
    }
    assert!(
        view.contains("seconds") && view.contains("double precision"),
        "{view}"
    );
}

#[test]
fn psql_with_a_wrong_password_or_a_write_is_told_why() {
    let platform = Platform::start();
    let (host, port) = platform.pgwire.rsplit_once(':').unwrap();
    let psql = |password: &str, query: &str| {
        Command::new("psql")
            .args([
                "-X",
                "-h",
                host,
                "-p",
                port,
                "-U",
                "x",
                "-d",
                "trunkline",
                "-c",
                query,
            ])
            .env("PGPASSWORD", password)
            .output()
            .unwrap()
    };
    let refused = psql("tl_wrong", "select 1");
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && error.contains("TL-ACCESS-002"),
        "{error}"
    );
    for query in [
        "delete from events",
        "create table x as select 1",
        "copy events to '/tmp/x'",
    ] {
        let refused = psql(&platform.token, query);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && error.contains("TL-LAKE-00"),
            "{query}: {error}"
        );
    }
}

fn prometheus(platform: &Platform) -> Beside {
    let folder = platform.folder();
    let config = format!(
        "global: {{scrape_interval: 1s}}\n\
         scrape_configs: [{{job_name: platform, metrics_path: /metrics, authorization: {{credentials: {token}}}, static_configs: [{{targets: ['{target}']}}]}}]\n\
         remote_write: [{{url: '{api}/api/v1/write', authorization: {{credentials: {token}}}}}]\n",
        token = platform.token,
        api = platform.api,
        target = platform.api.trim_start_matches("http://"),
    );
    std::fs::write(folder.join("prometheus.yml"), config).unwrap();
    let child = Command::new("prometheus")
        .args([
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=prometheus",
            "--web.listen-address=127.0.0.1:0",
        ])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Beside(child)
}

/// A repository of two commits.
fn repository(platform: &Platform) -> String {
    let folder = platform.folder().join("shop");
    std::fs::create_dir(&folder).unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args([
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=ada@example.com",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .current_dir(&folder)
            .output()
            .unwrap();
        done(&output);
    };
    git(&["init", "-q"]);
    for title in ["first", "second"] {
        std::fs::write(folder.join("file.txt"), title).unwrap();
        git(&["add", "."]);
        git(&["commit", "-q", "-m", title]);
    }
    folder.display().to_string()
}
