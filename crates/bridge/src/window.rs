//! The messages of one direction that are on their way: taken from the broker they come from, and not yet acknowledged there.
//!
//! A message is acknowledged where it came from only once the destination has it, and in the order in which it came. Whichever
//! connection breaks, each message is then still kept by the one broker or the other, or is sent again from here:
//!
//! * When the destination is lost, all that it has not acknowledged is sent again, in order.
//! * When the origin is lost, it will send again all that was not acknowledged to it, if it still has the session. What has not been
//!   sent on yet is forgotten then, and what was sent on is let go on its way, and comes twice. If the session is gone, all of it is
//!   carried from here.
//!
//! A message that ends the connection to the destination each time that it is sent would do so for ever; it is given up after
//! [`STRIKES`] times.

use std::collections::VecDeque;

use crate::Quality;
use crate::message::Message;

/// Messages that are held at the most.
const MOST: usize = 1_000;
/// Bytes that they take at the most.
const MOST_BYTES: usize = 64 << 20;
/// Connections in a row that may end with the same message as the first under way.
const STRIKES: u8 = 3;

/// Messages on their way, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Window {
    held: VecDeque<Held>,
    bytes: usize,
    /// The bytes of a message that was left where it came from for want of room. Until the origin sends it again, none behind it is taken.
    short: Option<usize>,
}

#[derive(Debug)]
struct Held {
    origin: Origin,
    stage: Stage,
    /// Nothing where it is only to be acknowledged.
    message: Option<Message>,
    /// Connections in a row that the destination may have ended because of it.
    strikes: u8,
}

impl Held {
    const fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Given | Stage::Sent(_))
    }

    fn is_once(&self) -> bool {
        let quality = self.message.as_ref().map(|message| message.quality);
        quality == Some(Quality::AtMostOnce)
    }
}

/// What the broker that the message came from knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// It waits for the acknowledgement of this packet.
    Packet(u16),
    /// It waited for one on a connection that was lost, and whether it has the session still is not known.
    Unknown,
    /// It has sent it again, or will.
    Again,
    /// It does not have it any more.
    Gone,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not sent.
    Waiting,
    /// Handed to the connection, which has not given it a number yet.
    Given,
    /// Sent under this number.
    Sent(u16),
    /// The destination has it, or it is not to be sent.
    Done,
}

/// What became of a message that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    /// It is here already: it came twice on one connection.
    Repeated,
    /// There is no room; the origin keeps it.
    Left,
    /// There is no room, and the origin does not keep it.
    Lost,
}

impl Window {
    /// How many messages are here.
    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.held.len() < MOST && self.bytes + bytes <= MOST_BYTES
    }

    /// Takes a message that came as `packet`; nothing for one of quality 0. One that is not to be sent is only acknowledged in its turn.
    pub(crate) fn take(&mut self, packet: Option<u16>, message: Option<Message>) -> Taken {
        let origin = packet.map_or(Origin::Gone, Origin::Packet);
        if packet.is_some() && self.held.iter().any(|held| held.origin == origin) {
            return Taken::Repeated;
        }
        let bytes = message.as_ref().map_or(0, Message::memory);
        let full = !self.has_room(bytes);
        if packet.is_some() && (full || self.short.is_some()) {
            self.short.get_or_insert(bytes);
            return Taken::Left;
        }
        if full {
            return Taken::Lost;
        }
        self.bytes += bytes;
        self.held.push_back(Held {
            origin,
            stage: if message.is_some() {
                Stage::Waiting
            } else {
                Stage::Done
            },
            message,
            strikes: 0,
        });
        Taken::Yes
    }

    /// The message to send next, where `in_flight` may be under way.
    pub(crate) fn next(&self, in_flight: usize) -> Option<&Message> {
        let mut first = self.held.iter().take(in_flight);
        let held = first.find(|held| held.stage == Stage::Waiting)?;
        // Whether it comes again is soon known; sending it now might send it twice.
        (held.origin != Origin::Unknown)
            .then_some(held.message.as_ref())
            .flatten()
    }

    /// The message was handed to the connection.
    pub(crate) fn given(&mut self) {
        self.advance(Stage::Waiting, Stage::Given);
    }

    /// The message cannot be sent; it is returned.
    pub(crate) fn give_up(&mut self) -> Option<Message> {
        let held = self.advance(Stage::Waiting, Stage::Done)?;
        let message = held.message.take();
        self.bytes -= message.as_ref().map_or(0, Message::memory);
        message
    }

    /// The connection sent the message under a number; true where that was all, since it is of quality 0.
    pub(crate) fn sent(&mut self, number: u16) -> bool {
        let Some(held) = self.advance(Stage::Given, Stage::Sent(number)) else {
            return false;
        };
        let once = held.is_once();
        if once {
            held.stage = Stage::Done;
        }
        once
    }

    /// The destination has the message of this number, or never wants it; it is returned.
    pub(crate) fn acknowledged(&mut self, number: u16) -> Option<Message> {
        let held = self.advance(Stage::Sent(number), Stage::Done)?;
        let message = held.message.take();
        self.bytes -= message.as_ref().map_or(0, Message::memory);
        message
    }

    fn advance(&mut self, from: Stage, to: Stage) -> Option<&mut Held> {
        let held = self.held.iter_mut().find(|held| held.stage == from)?;
        held.stage = to;
        Some(held)
    }

    /// Lets go of what is done; the packets to acknowledge where they came from, in their order.
    pub(crate) fn settle(&mut self) -> Vec<u16> {
        let mut packets = Vec::new();
        while let Some(held) = self.held.pop_front_if(|held| held.stage == Stage::Done) {
            self.bytes -= held.message.as_ref().map_or(0, Message::memory);
            if let Origin::Packet(packet) = held.origin {
                packets.push(packet);
            }
        }
        packets
    }

    /// The topic of the first message that is under way.
    pub(crate) fn under_way(&self) -> Option<&str> {
        let held = self.held.iter().find(|held| held.is_under_way())?;
        held.message.as_ref().map(|message| message.topic.as_str())
    }

    /// The connection to the destination ended, perhaps because of the first message that is under way. Where that was so too often in a
    /// row, the message is given up and returned.
    pub(crate) fn strike(&mut self, perhaps: bool) -> Option<Message> {
        let held = self.held.iter_mut().find(|held| held.is_under_way())?;
        if !perhaps {
            held.strikes = 0;
            return None;
        }
        held.strikes += 1;
        if held.strikes < STRIKES {
            return None;
        }
        // All before it are done, so it is now the first that waits.
        held.stage = Stage::Waiting;
        self.give_up()
    }

    /// Whether the origin has to be connected anew, so that it sends again what was left there: not before there is room for it.
    pub(crate) fn wants_origin_anew(&self) -> bool {
        self.short.is_some_and(|bytes| self.has_room(bytes))
            && !self
                .held
                .iter()
                .any(|held| matches!(held.origin, Origin::Packet(_)))
    }

    /// The connection to the origin is lost.
    pub(crate) fn origin_lost(&mut self) {
        self.short = None;
        self.keep(|held| held.stage != Stage::Done);
        for held in &mut self.held {
            if let Origin::Packet(_) = held.origin {
                held.origin = Origin::Unknown;
            }
        }
    }

    /// The origin is connected again, and has the session still or not.
    pub(crate) fn origin_back(&mut self, has_session: bool) {
        if has_session {
            self.keep(|held| held.origin != Origin::Unknown || held.stage != Stage::Waiting);
        }
        let now = if has_session {
            Origin::Again
        } else {
            Origin::Gone
        };
        for held in &mut self.held {
            if held.origin == Origin::Unknown {
                held.origin = now;
            }
        }
    }

    /// The connection to the destination is lost.
    pub(crate) fn destination_lost(&mut self) {
        self.keep(|held| held.origin != Origin::Again && !(held.is_under_way() && held.is_once()));
        for held in &mut self.held {
            if held.is_under_way() {
                held.stage = Stage::Waiting;
            }
        }
    }

    fn keep(&mut self, which: impl Fn(&Held) -> bool) {
        self.held.retain(which);
        self.bytes = self
            .held
            .iter()
            .filter_map(|held| held.message.as_ref())
            .map(Message::memory)
            .sum();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::message::Properties;

    fn message(text: &str, quality: Quality) -> Message {
        Message {
            topic: text.into(),
            payload: Bytes::from(text.to_owned()),
            quality,
            retain: false,
            properties: Properties::default(),
        }
    }

    fn sure(number: u16) -> Option<Message> {
        Some(message(&number.to_string(), Quality::AtLeastOnce))
    }

    /// Sends all that may be under way, under numbers from `first` on.
    fn send(window: &mut Window, in_flight: usize, first: u16) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(next) = window.next(in_flight) {
            sent.push(next.topic.clone());
            window.given();
            window.sent(first + u16::try_from(sent.len()).unwrap() - 1);
        }
        sent
    }

    #[test]
    fn acknowledgements_go_back_in_the_order_of_the_messages() {
        let mut window = Window::default();
        for packet in 1..=4 {
            assert_eq!(window.take(Some(packet), sure(packet)), Taken::Yes);
        }
        assert_eq!(window.take(Some(2), sure(2)), Taken::Repeated);
        assert_eq!(send(&mut window, 3, 11), ["1", "2", "3"]);
        window.acknowledged(12);
        assert_eq!(window.settle(), [] as [u16; 0]);
        window.acknowledged(11);
        assert_eq!(window.settle(), [1, 2]);
        assert_eq!(send(&mut window, 3, 14), ["4"]);
        assert!(window.acknowledged(99).is_none());
    }

    #[test]
    fn what_is_not_to_be_sent_is_acknowledged_in_its_turn() {
        let mut window = Window::default();
        window.take(Some(1), sure(1));
        window.take(Some(2), None);
        assert_eq!(window.settle(), [] as [u16; 0]);
        assert_eq!(
            window.give_up().map(|message| message.topic).as_deref(),
            Some("1")
        );
        assert_eq!(window.settle(), [1, 2]);
        assert_eq!((window.len(), window.bytes), (0, 0));
    }

    #[test]
    fn what_a_lost_destination_had_not_acknowledged_is_sent_again_in_order() {
        let mut window = Window::default();
        for packet in 1..=4 {
            window.take(Some(packet), sure(packet));
        }
        send(&mut window, 3, 1);
        window.acknowledged(2);
        window.destination_lost();
        assert_eq!(send(&mut window, 4, 1), ["1", "3", "4"]);
        for number in 1..=3 {
            window.acknowledged(number);
        }
        assert_eq!(window.settle(), [1, 2, 3, 4]);
    }

    #[test]
    fn what_ends_the_connection_three_times_in_a_row_is_given_up() {
        let mut window = Window::default();
        for packet in 1..=3 {
            window.take(Some(packet), sure(packet));
        }
        let mut end = |in_flight: usize, perhaps: bool| {
            let sent = send(&mut window, in_flight, 1);
            let given_up = window.strike(perhaps).map(|message| message.topic);
            window.destination_lost();
            (sent.len(), given_up, window.settle())
        };
        // A dead connection says nothing of the message, and they begin anew.
        for (sent, perhaps) in [(3, true), (1, true), (1, false), (1, true), (1, true)] {
            assert_eq!(end(sent, perhaps), (sent, None, Vec::new()));
        }
        assert_eq!(end(1, true), (1, Some("1".into()), vec![1]));
        // Where nothing is under way nothing is to blame.
        assert_eq!(end(0, true), (0, None, Vec::new()));
        assert_eq!(send(&mut window, 3, 1), ["2", "3"]);
        window.acknowledged(1);
        window.acknowledged(2);
        assert_eq!(window.settle(), [2, 3]);
        assert_eq!((window.len(), window.bytes), (0, 0));
    }

    #[test]
    fn a_lost_origin_sends_again_if_it_has_the_session() {
        let mut window = Window::default();
        for packet in 1..=3 {
            window.take(Some(packet), sure(packet));
        }
        send(&mut window, 1, 1);
        window.origin_lost();
        assert_eq!(send(&mut window, 3, 2), [] as [&str; 0]);
        window.origin_back(true);
        for packet in 1..=3 {
            assert_eq!(window.take(Some(packet), sure(packet)), Taken::Yes);
        }
        assert_eq!(send(&mut window, 9, 2), ["1", "2", "3"]);
        for number in 1..=4 {
            window.acknowledged(number);
        }
        assert_eq!(window.settle(), [1, 2, 3]);
    }

    #[test]
    fn a_lost_session_loses_nothing_that_was_here() {
        let mut window = Window::default();
        for packet in 1..=3 {
            window.take(Some(packet), sure(packet));
        }
        send(&mut window, 2, 1);
        window.origin_lost();
        window.destination_lost();
        window.origin_back(false);
        assert_eq!(send(&mut window, 9, 1), ["1", "2", "3"]);
        for number in 1..=3 {
            window.acknowledged(number);
        }
        assert_eq!(window.settle(), [] as [u16; 0]);
        assert_eq!(window.len(), 0);
    }

    #[test]
    fn what_has_no_room_stays_where_it_is_until_the_origin_sends_it_again() {
        let mut window = Window::default();
        let most = u16::try_from(MOST).unwrap();
        for packet in 1..=most {
            assert_eq!(window.take(Some(packet), sure(packet)), Taken::Yes);
        }
        assert_eq!(window.take(Some(most + 1), sure(0)), Taken::Left);
        assert_eq!(
            window.take(None, Some(message("x", Quality::AtMostOnce))),
            Taken::Lost
        );
        send(&mut window, 1, 1);
        window.acknowledged(1);
        assert_eq!(window.settle(), [1]);
        // There is room again, but what came before it is still missing.
        assert_eq!(window.take(Some(most + 2), sure(0)), Taken::Left);
        assert!(!window.wants_origin_anew());
        send(&mut window, MOST, 2);
        for number in 2..=most {
            window.acknowledged(number);
        }
        window.settle();
        assert!(window.wants_origin_anew());
        window.origin_lost();
        window.origin_back(true);
        assert_eq!(window.take(Some(most + 1), sure(0)), Taken::Yes);
    }

    #[test]
    fn quality_0_is_sent_once_and_keeps_its_place() {
        let mut window = Window::default();
        window.take(Some(1), sure(1));
        window.take(None, Some(message("x", Quality::AtMostOnce)));
        assert_eq!(send(&mut window, 9, 1), ["1", "x"]);
        assert_eq!(window.settle(), [] as [u16; 0]);
        window.acknowledged(1);
        assert_eq!(window.settle(), [1]);
        assert_eq!((window.len(), window.bytes), (0, 0));
    }

    /// The broker that messages come from, with a session that lasts.
    #[derive(Debug, Default)]
    struct Source {
        next: u16,
        /// Sent and not acknowledged.
        open: Vec<u16>,
        /// Those of them that the present connection has sent.
        sent: usize,
        up: bool,
    }

    /// A way through an outage.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Arrive,
        Send,
        Acknowledge(usize),
        OriginLost,
        OriginBack { session: bool },
        DestinationLost,
    }

    fn step(sessions_end: bool) -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => Just(Step::Arrive),
            6 => Just(Step::Send),
            6 => (0..4_usize).prop_map(Step::Acknowledge),
            1 => Just(Step::OriginLost),
            2 => any::<bool>().prop_map(move |ends| Step::OriginBack { session: !(sessions_end && ends) }),
            1 => Just(Step::DestinationLost),
        ]
    }

    const IN_FLIGHT: usize = 4;

    /// Lives through `steps` and then to the end; what arrived, in order.
    fn live(steps: &[Step]) -> (BTreeSet<u16>, Vec<u16>) {
        let (mut window, mut source) = (Window::default(), Source::default());
        let mut taken = BTreeSet::new();
        let mut flight: Vec<(u16, u16)> = Vec::new();
        let (mut number, mut arrived) = (0_u16, Vec::new());
        let calm = [
            Step::OriginBack { session: true },
            Step::Arrive,
            Step::Send,
            Step::Acknowledge(0),
        ];
        let end = calm.into_iter().cycle().take(8_000);
        for (at, step) in steps.iter().copied().chain(end).enumerate() {
            match step {
                Step::Arrive if source.up => {
                    let old = source.sent < source.open.len();
                    if !old && source.open.len() < 6 && at < steps.len() {
                        source.next += 1;
                        source.open.push(source.next);
                    }
                    if let Some(packet) = source.open.get(source.sent) {
                        source.sent += 1;
                        taken.insert(*packet);
                        assert_eq!(window.take(Some(*packet), sure(*packet)), Taken::Yes);
                    }
                }
                Step::Send => {
                    if let Some(next) = window.next(IN_FLIGHT) {
                        let what = next.topic.parse().unwrap();
                        number += 1;
                        flight.push((number, what));
                        // It may arrive although its acknowledgement never does.
                        arrived.push(what);
                        window.given();
                        window.sent(number);
                    }
                }
                Step::Acknowledge(at) if at < flight.len() => {
                    let (number, what) = flight.remove(at);
                    let message = window.acknowledged(number).unwrap();
                    assert_eq!(message.topic, what.to_string());
                }
                Step::OriginLost if source.up => {
                    source.up = false;
                    window.origin_lost();
                }
                Step::OriginBack { session } if !source.up => {
                    source.up = true;
                    source.sent = 0;
                    if session {
                        // They are its own concern again.
                        taken.retain(|what| !source.open.contains(what));
                    }
                    if !session {
                        source.open.clear();
                    }
                    window.origin_back(session);
                }
                Step::DestinationLost => {
                    flight.clear();
                    window.destination_lost();
                }
                _ => {}
            }
            assert!(flight.len() <= IN_FLIGHT);
            for packet in window.settle() {
                assert_eq!(source.open.first(), Some(&packet), "acknowledged in order");
                source.open.remove(0);
                source.sent -= 1;
            }
        }
        assert_eq!((window.len(), window.bytes), (0, 0), "all came to an end");
        (taken, arrived)
    }

    fn first_times(arrived: &[u16]) -> Vec<u16> {
        let mut seen = BTreeSet::new();
        arrived
            .iter()
            .copied()
            .filter(|what| seen.insert(*what))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn nothing_is_lost_and_first_times_are_in_order(steps in prop::collection::vec(step(false), 0..200)) {
            let (taken, arrived) = live(&steps);
            prop_assert_eq!(first_times(&arrived), taken.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(taken.len(), taken.last().map_or(0, |last| usize::from(*last)));
        }

        #[test]
        fn a_lost_session_loses_nothing_that_was_taken(steps in prop::collection::vec(step(true), 0..200)) {
            let (taken, arrived) = live(&steps);
            let first = first_times(&arrived);
            prop_assert!(first.is_sorted(), "{:?}", first);
            prop_assert!(taken.iter().all(|what| first.contains(what)), "{:?} {:?}", taken, first);
        }
    }
}
