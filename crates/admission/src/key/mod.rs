//! API keys: the platform's own tokens, which another room makes and knows; here are the words for them.

mod holder;

pub use holder::KeyHolder;
