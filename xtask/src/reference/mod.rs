//! `cargo xtask reference`: the pages of `docs/reference`, written from the code.
//!
//! The binary knows its own options, codes, events and configuration; it prints each page (`trunkline reference <page>`), and this
//! task writes or compares the files. So xtask itself stays small and builds in seconds.

mod pages;

pub(crate) use pages::run;
