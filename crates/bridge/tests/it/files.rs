//! What a file may say, and what is said of one that is wrong.

use std::time::Duration;

use trunkline_bridge::{Quality, Settings, Version};

use crate::rig::file;

const MAP: &str = "[[out]]\nfilter = \"dt/#\"\n";

fn read(text: &str) -> Result<Settings, Vec<String>> {
    file("aws", text)
        .read()
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn problem(text: &str) -> String {
    let problems = read(text).expect_err(text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].clone()
}

fn with(lines: &str) -> String {
    format!("server = \"mqtts://a.example\"\nclient_id = \"x\"\n{lines}\n{MAP}")
}

#[test]
fn a_whole_file_is_read() {
    let settings = read(
        r#"
        server = "mqtts://Example-ats.iot.eu-central-1.amazonaws.com:443"
        version = 3
        client_id = "site-7"
        preset = "aws"
        username = "site"
        password_file = "/run/secrets/site"
        certificate_file = "site-7.pem"
        key_file = "site-7.key"
        authority_file = "authority.pem"
        alpn = ["x-amzn-mqtt-ca"]
        keep_alive_seconds = 30
        [limits]
        in_flight = 100
        bytes_per_second = 1000
        [[out]]
        filter = "dt/#"
        remote_prefix = "site-7/"
        [[out]]
        filter = "events/+"
        qos = 0
        [[in]]
        filter = "cmd/#"
        local_prefix = "far/"
        "#,
    )
    .unwrap();
    assert_eq!(settings.name, "aws");
    let server = settings.server.to_string();
    assert_eq!(
        server,
        "mqtts://example-ats.iot.eu-central-1.amazonaws.com:443"
    );
    assert_eq!(
        (settings.version, settings.keep_alive),
        (Version::Three, Duration::from_secs(30))
    );
    let limits = settings.limits;
    assert_eq!((limits.in_flight, limits.messages_per_second), (100, 100));
    assert_eq!(
        (limits.bytes_per_second, limits.payload_bytes),
        (1_000, 131_072)
    );
    assert_eq!((limits.topic_bytes, limits.topic_levels), (256, 8));
    assert_eq!(settings.out[0].remote_filter, "site-7/dt/#");
    assert_eq!(settings.out[1].quality, Quality::AtMostOnce);
    assert_eq!(settings.inward[0].local_filter, "far/cmd/#");
}

#[test]
fn what_is_left_out_has_usual_values() {
    let settings = read(&with("")).unwrap();
    assert_eq!(
        (settings.version, settings.server.port),
        (Version::Five, 8_883)
    );
    assert_eq!(settings.session_expiry, 7 * 86_400);
    assert_eq!(
        (
            settings.limits.in_flight,
            settings.limits.messages_per_second
        ),
        (20, 0)
    );
    assert_eq!(
        read(&with("preset = \"aws\"")).unwrap().limits.in_flight,
        20
    );
}

#[test]
fn secrets_do_not_belong_in_a_file() {
    let told = problem(&with("username = \"x\"\npassword = \"secret\""));
    assert_eq!(
        told,
        "bridge/aws.toml: `password`: secrets do not belong in this file (put it into a file that only the platform may read, and name \
         that as `password_file`)"
    );
    assert!(!told.contains("secret\""));
    let told = problem(&with("").replace("a.example", "x:secret@a.example"));
    assert!(
        told.contains("`server`") && told.contains("password_file"),
        "{told}"
    );
    assert!(!told.contains("x:secret"), "{told}");
    // Not in an address that is no URL either, nor where somebody looks at the file with other eyes.
    let bad = with("").replace("a.example", "x:secret@a.example:99999");
    let told = problem(&bad);
    assert!(
        told.contains("`server`: this is no URL") && !told.contains("secret@"),
        "{told}"
    );
    let told = format!("{:?}", file("aws", &bad));
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn problems_name_the_place_and_what_to_do() {
    let filter = |filter: &str| with("").replace("dt/#", filter);
    for (text, told) in [
        (
            with("passwort_file = \"x\""),
            "bridge/aws.toml:3: unknown field `passwort_file`",
        ),
        (with("version = \"5\""), "bridge/aws.toml:3: invalid type"),
        (
            with("version = 4"),
            "`version`: there is no version 4 (3 is",
        ),
        (
            with("keep_alive_seconds = 2"),
            "`keep_alive_seconds`: 2 seconds",
        ),
        (
            with("password_file = \"x\""),
            "`password_file`: a password without",
        ),
        (
            with("key_file = \"x\""),
            "`certificate_file`: a certificate and its key",
        ),
        (
            with("certificate_file = \"x\""),
            "`key_file`: a certificate and its key",
        ),
        (with("alpn = [\"\"]"), "`alpn`"),
        (
            with("session_expiry_seconds = 1"),
            "`session_expiry_seconds`",
        ),
        (
            with("version = 3\nkeeps_properties = true"),
            "`keeps_properties`",
        ),
        (
            with("limits = { in_flight = 0 }"),
            "`limits.in_flight`: 0 is too little (at least 1)",
        ),
        (
            with("limits = { in_flight = 1001 }"),
            "`limits.in_flight`: 1001 is too much (at most there may be 1000)",
        ),
        (
            with("preset = \"aws\"\nlimits = { in_flight = 101 }"),
            "101 is too much (AWS IoT Core takes at most 100)",
        ),
        (
            with("preset = \"aws\"\nlimits = { messages_per_second = 0 }"),
            "`limits.messages_per_second`: 0 is too little",
        ),
        (with("preset = \"azure\""), "unknown variant `azure`"),
        (filter("dt#"), "`out[0].filter`: `dt#` is no filter"),
        (
            filter("$share/g/dt"),
            "`out[0].filter`: a bridge takes no part",
        ),
        (with("").replace("\"x\"", "\"\""), "`client_id`"),
        (
            with("").replace("mqtts", "https"),
            "`server`: `https` is not spoken here (it has the form",
        ),
        (
            with("").replace(MAP, ""),
            "bridge/aws.toml: the bridge carries nothing (add",
        ),
        (
            format!("{}qos = 2\n", with("")),
            "`out[0].qos`: a bridge does not carry quality 2",
        ),
        (
            format!("{}remote_prefix = \"a/+/\"\n", with("")),
            "`out[0].remote_prefix`: `a/+/` cannot begin a topic",
        ),
        (
            format!("{}remote_prefix = \"a\"\n", filter("+/x")),
            "`out[0].filter`: `a+/x` is no filter",
        ),
        (
            format!("{}[[out]]\nfilter = \"dt/+/x\"\n", with("")),
            "`out[1].filter`: `dt/+/x` and `dt/#` take the same",
        ),
    ] {
        let found = problem(&text);
        assert!(found.contains(told), "{found}\n  is not: {told}");
        assert!(found.starts_with("bridge/aws.toml"), "{found}");
    }
    let all = read("server = \"a\"\nclient_id = \"\"\nversion = 1\n").unwrap_err();
    assert_eq!(all.len(), 4, "{all:?}");
}

#[test]
fn files_for_tls_need_tls() {
    let told = problem(&with("authority_file = \"x\"").replace("mqtts", "mqtt"));
    assert!(
        told.contains("`authority_file`") && told.contains("mqtts://"),
        "{told}"
    );
}

#[test]
fn a_name_of_a_file_names_a_client() {
    for bad in ["a b", "a+b", "\u{e9}", &"x".repeat(65)] {
        let problems = file(bad, &with("")).read().unwrap_err();
        assert!(problems[0].to_string().contains("cannot name a bridge"));
    }
}

#[test]
fn maps_that_would_send_messages_round_need_properties() {
    let circle = |lines: &str, inward: &str| {
        format!(
            "{}remote_prefix = \"site-7/\"\n[[in]]\nfilter = \"{inward}\"\n",
            with(lines)
        )
    };
    for lines in ["version = 3", "keeps_properties = false"] {
        for inward in ["#", "site-7/#", "site-7/dt/pump", "+/dt/+"] {
            let told = problem(&circle(lines, inward));
            assert!(
                told.contains("`in[0].filter`") && told.contains("in circles"),
                "{told}"
            );
        }
        for inward in ["dt/#", "site-7/cmd/#", "site-7"] {
            read(&circle(lines, inward)).unwrap();
        }
    }
    read(&circle("", "#")).unwrap();
}
