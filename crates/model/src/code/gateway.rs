//! Codes of the room `gateway`.

error_codes! {}
