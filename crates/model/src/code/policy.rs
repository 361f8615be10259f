//! Codes of the room `policy`.

error_codes! {}
