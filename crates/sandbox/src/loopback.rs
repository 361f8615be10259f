//! Bringing the loopback of a new network namespace up, by a message to the kernel (rtnetlink(7)).

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, SendFlags, SocketType, sendto, socket};

/// `RTM_NEWLINK`: change a device.
const CHANGE: u16 = 16;
/// `NLM_F_REQUEST`.
const REQUEST: u16 = 1;
/// `IFF_UP`.
const UP: u32 = 1;
/// The loopback is the first device of each namespace.
const LOOPBACK: i32 = 1;
/// Bytes of the message: a header of 16, and `ifinfomsg` of 16.
const LENGTH: u32 = 32;

pub(crate) fn up() -> rustix::io::Result<()> {
    // The protocol without a number is that of routes and devices.
    let socket = socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    let mut message = Vec::with_capacity(32);
    message.extend(LENGTH.to_ne_bytes());
    message.extend(CHANGE.to_ne_bytes());
    message.extend(REQUEST.to_ne_bytes());
    // A number of the message and the sender, neither of which is asked for.
    message.extend([0; 8]);
    // Family, padding and kind of device.
    message.extend([0; 4]);
    message.extend(LOOPBACK.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    sendto(
        &socket,
        &message,
        SendFlags::empty(),
        &SocketAddrNetlink::new(0, 0),
    )?;
    Ok(())
}
