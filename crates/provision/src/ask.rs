//! What a device asks for.

/// What a device asks for that shows a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provisioning {
    /// A certificate and its private key.
    CreateKeys,
    /// A certificate for a request.
    CreateFromRequest,
    /// To become a thing by this template.
    Provision(String),
}

impl Provisioning {
    /// Reads a topic without its format, such as `$aws/certificates/create`; nothing for another one.
    #[must_use]
    pub fn read(topic: &str) -> Option<Self> {
        match topic {
            "$aws/certificates/create" => Some(Self::CreateKeys),
            "$aws/certificates/create-from-csr" => Some(Self::CreateFromRequest),
            _ => {
                let name = topic
                    .strip_prefix("$aws/provisioning-templates/")?
                    .strip_suffix("/provision")?;
                (!name.contains('/')).then(|| Self::Provision(name.to_owned()))
            }
        }
    }
}
