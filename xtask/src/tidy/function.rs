//! The lengths of the functions of a Rust file.

use anyhow::Context;
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A function and how many lines it takes, signature and braces included.
#[derive(Debug)]
pub(super) struct Length {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) lines: usize,
}

/// The lengths of all functions and methods in `text`.
pub(super) fn lengths(text: &str) -> anyhow::Result<Vec<Length>> {
    let file = syn::parse_file(text).context("this is not a Rust file that can be parsed")?;
    let mut found = Functions(Vec::new());
    found.visit_file(&file);
    Ok(found.0)
}

struct Functions(Vec<Length>);

impl Functions {
    fn note(&mut self, signature: &syn::Signature, end: Span) {
        let line = signature.span().start().line;
        self.0.push(Length {
            name: signature.ident.to_string(),
            line,
            lines: end.end().line + 1 - line,
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        self.note(&node.sig, node.block.span());
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.note(&node.sig, node.block.span());
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        if let Some(block) = &node.default {
            self.note(&node.sig, block.span());
        }
        visit::visit_trait_item_fn(self, node);
    }
}
