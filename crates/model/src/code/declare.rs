//! How a room declares its codes.

/// Declares a room's codes as constants and lists them in `CODES`.
macro_rules! error_codes {
    ($($constant:ident = $code:literal, $status:literal, $title:literal, $hint:literal;)*) => {
        $(
            #[doc = $title]
            pub static $constant: super::ErrorCode =
                super::ErrorCode { code: $code, status: $status, title: $title, hint: $hint };
        )*
        pub(super) static CODES: &[&super::ErrorCode] = &[$(&$constant),*];
    };
}
