//! How long a fetched document is fresh.

/// Seconds that a key set is fresh when its server does not say.
const USUAL: u64 = 3_600;

/// Seconds that it is fresh at least and at most, whatever its server says.
const BOUNDS: (u64, u64) = (60, 86_400);

/// Seconds for which a document with this `Cache-Control` is fresh.
pub(super) fn seconds(cache_control: Option<&str>) -> u64 {
    let Some(header) = cache_control else {
        return USUAL;
    };
    let mut seconds = USUAL;
    for directive in header.split(',') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return BOUNDS.0,
            "max-age" => {
                let digits = value.trim().trim_matches('"');
                let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                if is_number {
                    // A number beyond 64 bits is a long time too.
                    seconds = digits.parse().unwrap_or(u64::MAX);
                }
            }
            _ => {}
        }
    }
    seconds.clamp(BOUNDS.0, BOUNDS.1)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn the_server_is_believed_within_bounds() {
        assert_eq!(seconds(None), 3_600);
        assert_eq!(seconds(Some("public, max-age=7200")), 7_200);
        assert_eq!(seconds(Some("Max-Age = \"300\" , private")), 300);
        for short in ["max-age=0", "no-store", "max-age=9000, no-cache"] {
            assert_eq!(seconds(Some(short)), 60, "{short}");
        }
        for long in ["max-age=31536000", "max-age=99999999999999999999999999"] {
            assert_eq!(seconds(Some(long)), 86_400, "{long}");
        }
        for odd in ["", "max-age", "max-age=-1", "max-age=soon"] {
            assert_eq!(seconds(Some(odd)), 3_600, "{odd}");
        }
    }
}
