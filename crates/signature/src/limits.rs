//! How much a signed request may say. Larger ones are refused before anything is reckoned.

/// Bytes of the method.
pub(crate) const METHOD: usize = 32;

/// Bytes of the path.
pub(crate) const PATH: usize = 8 * 1024;

/// Bytes of the query; temporary credentials alone take up to 4 KiB of it.
pub(crate) const QUERY: usize = 16 * 1024;

/// Parameters of the query.
pub(crate) const PARAMETERS: usize = 256;

/// Headers of the request.
pub(crate) const HEADERS: usize = 128;

/// Bytes of all headers together.
pub(crate) const HEADER_BYTES: usize = 64 * 1024;

/// Bytes of the header `Authorization`.
pub(crate) const AUTHORIZATION: usize = 8 * 1024;

/// Headers that are signed.
pub(crate) const SIGNED: usize = 64;

/// Bytes of an access key's id, of a region, and of a service.
pub(crate) const NAME: usize = 128;

/// Bytes of the canonical request that an error shows.
pub(crate) const SHOWN: usize = 4 * 1024;

/// Seconds that the clocks of both sides may differ by.
pub(crate) const SKEW: i64 = 5 * 60;

/// Seconds that an address holds which does not say how long.
pub(crate) const EXPIRES_DEFAULT: u32 = 15 * 60;

/// Seconds that an address may hold: the signing key itself is good for seven days.
pub(crate) const EXPIRES_MOST: u32 = 7 * 24 * 60 * 60;
