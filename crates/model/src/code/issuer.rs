//! Codes of the room `issuer`.

error_codes! {}
