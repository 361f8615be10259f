//! Mails, to a server that speaks just enough SMTP.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use trunkline_access::{Access, MailConfig, MailTls};

use crate::support::{Browser, Home, PASSWORD, join, send_at, sign_in};

/// Takes mails and gives them on; refuses those to `refused@`.
async fn server() -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (mails, taken) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, mails.clone()));
        }
    });
    (port, taken)
}

async fn serve(stream: TcpStream, mails: mpsc::UnboundedSender<String>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 test\r\n").await.unwrap();
    let mut mail: Option<String> = None;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match &mut mail {
            Some(text) if line == "." => {
                mails.send(std::mem::take(text)).unwrap();
                mail = None;
                "250 ok"
            }
            Some(text) => {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            None if line.starts_with("DATA") => {
                mail = Some(String::new());
                "354 go on"
            }
            None if line.starts_with("RCPT TO:<refused@") => "550 nobody here",
            None if line.starts_with("QUIT") => "221 bye",
            None => "250 ok",
        };
        if write
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

async fn door(home: &Home, port: u16) -> Arc<Access> {
    let mail = MailConfig {
        host: "127.0.0.1".into(),
        port: Some(port),
        from: "Trunkline <trunkline@example.com>".into(),
        username: None,
        password_file: None,
        tls: MailTls::None,
    };
    home.configured(1, |config| {
        config.mail = Some(mail);
        config.public_url = Some("http://localhost:7070".into());
    })
    .await
    .unwrap()
}

/// The next mail, without the soft line ends of quoted-printable.
async fn next(taken: &mut mpsc::UnboundedReceiver<String>) -> String {
    let mail = tokio::time::timeout(Duration::from_secs(20), taken.recv()).await;
    mail.unwrap()
        .unwrap()
        .replace("=\n", "")
        .replace("=3D", "=")
}

/// What stands in a mail behind `mark`.
fn code(mail: &str, mark: &str) -> String {
    let rest = mail.split_once(mark).unwrap_or_else(|| panic!("{mail}")).1;
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_and_a_reset_are_mailed() {
    let home = Home::new();
    let (port, mut taken) = server().await;
    let door = door(&home, port).await;
    let owner = Browser::owner(&door).await;
    let wanted = json!({"email": "ada@example.com", "role": "viewer"});
    let made = owner.send(&door, "POST /v1/invitations", &wanted).await;
    assert_eq!(made.json()["mailed"], true);
    let mail = next(&mut taken).await;
    assert!(
        mail.contains("To: ada@example.com") && mail.contains("Content-Type: text/plain"),
        "{mail}"
    );
    let body = json!({"code": code(&mail, "#invitation="), "name": "Ada", "password": PASSWORD});
    let ada = Browser::of(
        &send_at(&door, 2, "POST /v1/invitations/accept", &[], &body).await,
        2,
    );

    // Whoever sends the request must not choose where the link leads.
    let headers = [("host", "evil.example")];
    for email in ["nobody@example.com", "ADA@example.com"] {
        let body = json!({"email": email});
        let answer = send_at(&door, 3, "POST /v1/password/forgot", &headers, &body).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (202, ""));
    }
    let mail = next(&mut taken).await;
    assert!(mail.contains("http://localhost:7070/reset#code="), "{mail}");
    assert!(!mail.contains("evil.example"));
    let new = "ten quiet lanterns drift";
    let body = json!({"code": code(&mail, "#code="), "password": new});
    let reset = send_at(&door, 3, "POST /v1/password/reset", &[], &body).await;
    assert_eq!(reset.status.as_u16(), 204, "{}", reset.text);
    assert!(!ada.is_in(&door).await);
    let body = json!({"email": "ada@example.com", "password": new});
    assert_eq!(sign_in(&door, 4, &body).await.status.as_u16(), 200);
    assert!(taken.try_recv().is_err(), "nobody else got a mail");
}

#[tokio::test]
async fn a_mailbox_is_not_flooded() {
    let home = Home::new();
    let (port, mut taken) = server().await;
    let door = door(&home, port).await;
    let owner = Browser::owner(&door).await;
    for last in 0..2 {
        join(&door, &owner, ["ada", "bob"][last], "viewer").await;
        next(&mut taken).await;
    }
    for last in 10..20 {
        let body = json!({"email": "ada@example.com"});
        send_at(&door, last, "POST /v1/password/forgot", &[], &body).await;
    }
    let body = json!({"email": "bob@example.com"});
    send_at(&door, 30, "POST /v1/password/forgot", &[], &body).await;
    let mut mails = Vec::new();
    for _ in 0..4 {
        mails.push(next(&mut taken).await);
    }
    let to = |who: &str| {
        mails
            .iter()
            .filter(|mail| mail.contains(&format!("To: {who}@")))
            .count()
    };
    assert_eq!((to("ada"), to("bob")), (3, 1));
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_an_event_without_an_address() {
    let home = Home::new();
    let (port, _taken) = server().await;
    let door = door(&home, port).await;
    let owner = Browser::owner(&door).await;
    let wanted = json!({"email": "refused@example.com", "role": "viewer"});
    let made = owner.send(&door, "POST /v1/invitations", &wanted).await;
    assert_eq!(
        made.status.as_u16(),
        201,
        "the invitation is good all the same"
    );
    let event = async {
        loop {
            if let Some(event) = home.events_of("mail.failed").await.pop() {
                return event;
            }
            tokio::task::yield_now().await;
        }
    };
    let event: Value = tokio::time::timeout(Duration::from_secs(20), event)
        .await
        .unwrap();
    assert_eq!(event["reason"], "the server refused it");
    assert_eq!(event["subject"], made.json()["id"]);
    assert!(!event.to_string().contains("example.com"));
}

#[tokio::test]
async fn a_wrong_configuration_is_told_at_the_start() {
    let home = Home::new();
    let mail = |from: &str, file: Option<&str>| MailConfig {
        host: "localhost".into(),
        port: None,
        from: from.into(),
        username: Some("trunkline".into()),
        password_file: file.map(|name| home.path(name)),
        tls: MailTls::Starttls,
    };
    for (wrong, part) in [
        (mail("nobody", None), "access.mail.from"),
        (mail("a@b.c", Some("missing")), "access.mail.password_file"),
    ] {
        let error = home
            .configured(1, |config| config.mail = Some(wrong))
            .await
            .unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
