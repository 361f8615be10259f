//! CONNECT: who it is, which session it gets, and what it is told.

use std::sync::Arc;

use bytestring::ByteString;
use tokio::time::Instant;

use super::Peer;
use crate::Message;
use crate::broker::{Core, Opened};
use crate::codec::{Connect, ConnectAck, Publish, Reason, Version, Will};
use crate::port::{Hello, Pass, Refused};
use trunkline_topic::is_topic;

/// A client that was let in.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) pass: Arc<Pass>,
    pub(super) opened: Opened,
    pub(super) will: Option<Will>,
    /// Seconds; what holds after the broker had its say.
    pub(super) keep_alive: u16,
    pub(super) topic_aliases: u16,
    pub(super) version: Version,
    pub(super) ack: ConnectAck,
}

/// Lets a client in, or says why not.
pub(super) async fn join(core: &Core, peer: &Peer, connect: Connect) -> Result<Joined, Reason> {
    if connect.extended_authentication {
        return Err(Reason::BadAuthenticationMethod);
    }
    let assigned = connect.client.is_empty();
    if assigned && connect.version == Version::V3 && !connect.clean_start {
        return Err(Reason::ClientIdentifierNotValid);
    }
    let client = if assigned {
        ByteString::from(unused_name(core))
    } else {
        connect.client.clone()
    };
    if client.len() > core.limits.client_bytes
        || client.contains(['+', '#', '/', '\0'])
        || client.chars().any(char::is_control)
    {
        return Err(Reason::ClientIdentifierNotValid);
    }
    if !assigned {
        // Before the client is asked for what costs more to look at.
        core.look(&client, peer.address)?;
    }
    let hello = Hello {
        client: if assigned { "" } else { &client },
        username: connect.username.as_deref(),
        password: connect.password.as_deref(),
        certificate: peer.certificate.as_ref(),
        peer: peer.address,
    };
    let pass = match core.ports.door.admit(hello).await {
        Ok(pass) => pass,
        Err(why) => {
            core.ports.watch.refused(hello, why);
            return Err(match why {
                Refused::Credentials => Reason::BadUserNameOrPassword,
                Refused::Forbidden => Reason::NotAuthorized,
                Refused::ClientId => Reason::ClientIdentifierNotValid,
                Refused::Busy => Reason::ConnectionRateExceeded,
            });
        }
    };
    if !assigned {
        core.enter(&client, peer.address)?;
    }
    if let Some(will) = &connect.will {
        check_will(core, &client, &pass, will)?;
    }
    let expiry = connect.session_expiry.min(core.limits.session_expiry);
    let opened = core
        .open(&client, connect.clean_start, &pass, |state, to| {
            state.attach(to, expiry, connect.receive_maximum, &pass);
        })
        .ok_or(Reason::QuotaExceeded)?;
    let keep_alive = match connect.keep_alive {
        0 => core.limits.keep_alive,
        wanted => wanted.min(core.limits.keep_alive),
    };
    let ack = ConnectAck {
        reason: Reason::Success,
        session_present: opened.present,
        assigned_client: assigned.then(|| client.clone()),
        keep_alive: (keep_alive != connect.keep_alive).then_some(keep_alive),
        session_expiry: (expiry != connect.session_expiry).then_some(expiry),
        receive_maximum: pass.limits.receive_maximum,
        topic_alias_maximum: pass.limits.topic_aliases,
        maximum_packet: core.limits.packet_bytes,
    };
    Ok(Joined {
        topic_aliases: pass.limits.topic_aliases,
        version: connect.version,
        pass,
        opened,
        will: connect.will,
        keep_alive,
        ack,
    })
}

/// A name that no other client has.
fn unused_name(core: &Core) -> String {
    let mut random = [0; 16];
    core.ports.ids.fill_secret(&mut random);
    format!("auto-{:032x}", u128::from_le_bytes(random))
}

fn check_will(core: &Core, client: &str, pass: &Pass, will: &Will) -> Result<(), Reason> {
    if !is_topic(
        &will.topic,
        core.limits.topic_bytes,
        core.limits.topic_levels,
    ) {
        return Err(Reason::TopicNameInvalid);
    }
    if !pass.may_publish(&will.topic) {
        core.ports.watch.denied(client, pass, "will", &will.topic);
        return Err(Reason::NotAuthorized);
    }
    Ok(())
}

/// The answer to a client that is not let in.
pub(super) const fn refusal(reason: Reason) -> ConnectAck {
    ConnectAck {
        reason,
        session_present: false,
        assigned_client: None,
        keep_alive: None,
        session_expiry: None,
        receive_maximum: 1,
        topic_alias_maximum: 0,
        maximum_packet: 0,
    }
}

/// The will as a message on its way.
pub(super) fn will_message(will: Will, client: &Arc<str>) -> Message {
    let publish = Publish {
        dup: false,
        retain: will.retain,
        qos: will.qos,
        topic: will.topic,
        id: None,
        payload: will.payload,
        properties: will.properties,
    };
    Message::new(&publish, Some(Arc::clone(client)), Instant::now())
}
