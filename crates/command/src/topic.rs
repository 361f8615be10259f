//! The topics by which commands travel.

use trunkline_twin::is_thing_name;

use crate::CommandId;
use crate::model::is_command_name;

/// The topic of an answer, `cmd/<thing>/<name>/res/<id>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseTopic<'a> {
    /// The device.
    pub thing: &'a str,
    /// What it was to do.
    pub name: &'a str,
    /// The command, which need not exist.
    pub id: &'a str,
}

impl<'a> ResponseTopic<'a> {
    /// Reads a topic; nothing where it is not the topic of an answer.
    #[must_use]
    pub fn read(topic: &'a str) -> Option<Self> {
        let mut levels = topic.split('/');
        let mut next = || levels.next();
        let (first, thing, name, direction, id) = (next()?, next()?, next()?, next()?, next()?);
        let is_one = first == "cmd"
            && direction == "res"
            && is_thing_name(thing)
            && is_command_name(name)
            && id.parse::<CommandId>().is_ok()
            && levels.next().is_none();
        is_one.then_some(Self { thing, name, id })
    }
}

/// The topic on which a device is told of a command.
pub(crate) fn request(thing: &str, name: &str, id: CommandId) -> String {
    format!("cmd/{thing}/{name}/req/{id}")
}

/// The topic on which a device answers it.
pub(crate) fn response(thing: &str, name: &str, id: CommandId) -> String {
    format!("cmd/{thing}/{name}/res/{id}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trunkline_model::Ulid;

    use super::*;

    const ID: &str = "cmd_01JDFXV3W8N6B1QK5T9C7M2R4A";

    #[test]
    fn only_an_answer_is_one() {
        let topic = format!("cmd/pump-7/set.point/res/{ID}");
        let read = ResponseTopic::read(&topic).unwrap();
        assert_eq!(
            (read.thing, read.name, read.id),
            ("pump-7", "set.point", ID)
        );
        for bad in [
            String::new(),
            "cmd".into(),
            "cmd/pump-7/reboot/res".into(),
            "cmd/pump-7/reboot/res/7".into(),
            format!("cmd/pump-7/reboot/req/{ID}"),
            format!("dt/pump-7/reboot/res/{ID}"),
            format!("cmd//reboot/res/{ID}"),
            format!("cmd/pump-7//res/{ID}"),
            format!("cmd/pump-7/a b/res/{ID}"),
            format!("cmd/pump-7/reboot/res/{ID}/"),
            format!("/cmd/pump-7/reboot/res/{ID}"),
        ] {
            assert_eq!(ResponseTopic::read(&bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            thing in "[a-zA-Z0-9:_-]{1,128}", name in "[a-zA-Z0-9_.-]{1,64}", number in any::<u128>(),
        ) {
            let id = CommandId::new(Ulid::from(number));
            let topic = response(&thing, &name, id);
            // As long as the broker takes it.
            prop_assert!(topic.len() <= 256);
            let read = ResponseTopic::read(&topic).unwrap();
            prop_assert_eq!((read.thing, read.name), (&*thing, &*name));
            prop_assert_eq!(read.id.parse::<CommandId>().unwrap(), id);
            let there = request(&thing, &name, id);
            prop_assert_eq!(ResponseTopic::read(&there), None);
        }

        #[test]
        fn no_other_text_is_one(text in "(cmd/)?[a-z/+#]{0,9}(/res/)?.{0,40}") {
            if let Some(read) = ResponseTopic::read(&text) {
                let written = format!("cmd/{}/{}/res/{}", read.thing, read.name, read.id);
                prop_assert_eq!(written, text);
            }
        }
    }
}
