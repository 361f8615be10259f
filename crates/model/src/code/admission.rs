//! Codes of the room `admission`.

error_codes! {}
