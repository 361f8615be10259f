//! The topics of Sparkplug.

/// What they begin with.
const NAMESPACE: &str = "spBv1.0/";

/// Who publishes: an edge node, or a device behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) struct Publisher<'a> {
    pub(in crate::decode) group: &'a str,
    pub(in crate::decode) node: &'a str,
    pub(in crate::decode) device: Option<&'a str>,
}

/// A topic `spBv1.0/<group>/<kind>/<node>[/<device>]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decode) struct SparkplugTopic<'a> {
    pub(in crate::decode) publisher: Publisher<'a>,
    /// Whether it tells the names of all metrics that follow.
    pub(in crate::decode) birth: bool,
}

impl<'a> SparkplugTopic<'a> {
    /// Reads a topic; nothing where it is another.
    pub(in crate::decode) fn read(topic: &'a str) -> Option<Self> {
        let mut levels = topic.strip_prefix(NAMESPACE)?.split('/');
        let (group, kind, node) = (levels.next()?, levels.next()?, levels.next()?);
        let (device, more) = (levels.next(), levels.next());
        let of_device = match kind {
            "NBIRTH" | "NDATA" | "NDEATH" | "NCMD" => false,
            "DBIRTH" | "DDATA" | "DDEATH" | "DCMD" => true,
            _ => return None,
        };
        if device.is_some() != of_device || more.is_some() {
            return None;
        }
        Some(Self {
            publisher: Publisher {
                group,
                node,
                device,
            },
            birth: matches!(kind, "NBIRTH" | "DBIRTH"),
        })
    }
}

/// Whether a message on `topic` tells names of metrics.
pub(crate) fn is_birth(topic: &str) -> bool {
    SparkplugTopic::read(topic).is_some_and(|topic| topic.birth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_and_devices_are_told_apart() {
        let read = |topic| SparkplugTopic::read(topic);
        let device = read("spBv1.0/hall/DDATA/edge/pump").unwrap();
        assert_eq!(
            device.publisher,
            Publisher {
                group: "hall",
                node: "edge",
                device: Some("pump")
            }
        );
        assert!(!device.birth && is_birth("spBv1.0/hall/NBIRTH/edge"));
        for other in [
            "spBv1.0/STATE/host",
            "spBv1.0/hall/DDATA/edge",
            "spBv1.0/hall/NDATA/edge/pump",
            "spBv1.0/hall/DBIRTH/edge/pump/x",
            "spBv1.0/hall/OTHER/edge",
            "spAv1.0/hall/NDATA/edge",
            "spBv1.0/hall",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
