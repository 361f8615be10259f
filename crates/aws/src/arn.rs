//! Names of things and of all else, as AWS writes them out.

use crate::error::AwsError;

/// The account to which all belongs: the platform knows of no others.
pub(crate) const ACCOUNT: &str = "000000000000";

/// The kind of what a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Thing,
    Type,
    Group,
    Certificate,
    Job,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Thing,
        Self::Type,
        Self::Group,
        Self::Certificate,
        Self::Job,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Thing => "thing",
            Self::Type => "thingtype",
            Self::Group => "thinggroup",
            Self::Certificate => "cert",
            Self::Job => "job",
        }
    }
}

/// The whole name.
pub(crate) fn write(region: &str, kind: Kind, name: &str) -> String {
    format!("arn:aws:iot:{region}:{ACCOUNT}:{}/{name}", kind.word())
}

/// What a whole name is of, in whatever region.
pub(crate) fn read(arn: &str) -> Result<(Kind, &str), AwsError> {
    let wrong = || {
        let arn: String = arn.chars().take(256).collect();
        AwsError::invalid(format!(
            "`{arn}` is no name such as {}",
            write("eu-central-1", Kind::Thing, "pump-7")
        ))
    };
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next().ok_or_else(wrong);
    let (scheme, partition, service) = (next()?, next()?, next()?);
    let (_region, account, rest) = (next()?, next()?, next()?);
    if scheme != "arn" || !partition.starts_with("aws") || service != "iot" || account != ACCOUNT {
        return Err(wrong());
    }
    let (word, name) = rest.split_once('/').ok_or_else(wrong)?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word);
    kind.filter(|_| !name.is_empty())
        .map(|kind| (kind, name))
        .ok_or_else(wrong)
}

/// The name in a whole name that has to be of this kind.
pub(crate) fn read_as(kind: Kind, arn: &str) -> Result<&str, AwsError> {
    match read(arn)? {
        (found, name) if found == kind => Ok(name),
        _ => Err(AwsError::invalid(format!(
            "`{arn}` is not the name of a {}",
            kind.word()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_read_as_they_are_written() {
        for kind in Kind::ALL {
            let arn = write("eu-central-1", kind, "a:b");
            assert_eq!(read(&arn), Ok((kind, "a:b")));
            assert_eq!(read_as(kind, &arn), Ok("a:b"));
        }
        assert!(read_as(Kind::Thing, &write("x", Kind::Job, "a")).is_err());
        assert!(read("arn:aws-cn:iot:cn-north-1:000000000000:thing/a").is_ok());
    }

    #[test]
    fn what_is_no_whole_name_is_refused() {
        for bad in [
            "",
            "pump-7",
            "arn:aws:iot:r:000000000000",
            "arn:aws:iot:r:123456789012:thing/a",
            "arn:aws:s3:r:000000000000:thing/a",
            "arn:aws:iot:r:000000000000:policy/a",
            "arn:aws:iot:r:000000000000:thing/",
            "urn:aws:iot:r:000000000000:thing/a",
        ] {
            assert_eq!(
                read(bad).unwrap_err().name,
                "InvalidRequestException",
                "{bad}"
            );
        }
    }
}
