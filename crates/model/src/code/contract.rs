//! Codes of the room `contract`.

error_codes! {}
