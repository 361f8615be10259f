//! The platform's own authority.

#[expect(clippy::module_inception, reason = "the authority itself")]
mod authority;
mod issue;
mod issued;
mod stored;
mod template;

pub use authority::Authority;
pub use issued::{IssuedCertificate, IssuedWithKey};
pub use stored::StoredAuthority;
