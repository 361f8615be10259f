//! The few pages that this room shows. They have no script, take nothing from elsewhere, and send their form to us alone.

use std::sync::OnceLock;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trunkline_model::ErrorCode;

use crate::secret::sha256;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1a1c20;--soft:#5b616b;--paper:#f5f6f8;--card:#fff;--line:#d9dce2;--accent:#1d5fd1}\
@media(prefers-color-scheme:dark){:root{--ink:#e8eaee;--soft:#a4abb6;--paper:#101216;--card:#191c22;--line:#343a44;--accent:#7aa7ff}}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\
main{width:min(26rem,calc(100% - 2rem));padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:12px}\
h1{margin:0 0 1rem;font-size:1.25rem}p{margin:0 0 1rem}ul{margin:0 0 1rem;padding-left:1.25rem}small,.soft{color:var(--soft)}\
form{display:flex;gap:.75rem;flex-wrap:wrap}button,input{font:inherit;padding:.5rem 1rem;border-radius:8px;border:1px solid var(--line);background:transparent;color:inherit}\
button{cursor:pointer}button.first{background:var(--accent);border-color:var(--accent);color:var(--card)}input{flex:1 1 12rem;letter-spacing:.15em}label{flex-basis:100%}a{color:var(--accent)}\
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}";

/// A page.
pub(super) struct Page {
    pub(super) title: &'static str,
    /// HTML; whatever came from outside is escaped in it.
    pub(super) body: String,
    /// Where the browser is sent after the form, which the page must allow too.
    pub(super) form_leads_to: Option<String>,
    pub(super) status: StatusCode,
}

impl Page {
    pub(super) fn new(title: &'static str, body: impl Into<String>) -> Self {
        Self {
            title,
            body: body.into(),
            form_leads_to: None,
            status: StatusCode::OK,
        }
    }

    /// A page that says what is wrong.
    pub(super) fn problem(code: &'static ErrorCode, detail: &str) -> Self {
        let body = format!(
            "<h1>{}</h1><p>{}</p><p class=\"soft\">{}.</p><p><small>{}</small></p>",
            escape(code.title),
            escape(detail),
            escape(code.hint),
            code.code,
        );
        Self {
            status: StatusCode::from_u16(code.status).unwrap_or(StatusCode::BAD_REQUEST),
            ..Self::new("Sign in with Trunkline", body)
        }
    }

    fn policy(&self) -> String {
        let also = self.form_leads_to.as_deref().unwrap_or_default();
        format!(
            "default-src 'none'; style-src 'sha256-{}'; form-action 'self' {also}; frame-ancestors 'none'; base-uri 'none'",
            style_hash()
        )
    }
}

fn style_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| STANDARD.encode(sha256(&[STYLE.as_bytes()])))
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let policy = HeaderValue::try_from(self.policy()).unwrap_or(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><style>{STYLE}</style></head>\
             <body><main>{}</main></body></html>",
            self.title, self.body
        );
        let headers: [(HeaderName, HeaderValue); 4] = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::CONTENT_SECURITY_POLICY, policy),
            // With `no-referrer` a browser would send `Origin: null` with the form, and we could not tell that it is ours.
            (
                header::REFERRER_POLICY,
                HeaderValue::from_static("same-origin"),
            ),
        ];
        (self.status, headers, html).into_response()
    }
}

/// `text` as it may stand in HTML, in quotes too.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// What a scope means to a person, as items of a list.
pub(super) fn scope_list(scopes: &[String]) -> String {
    let mut list = String::from("<ul>");
    for scope in scopes {
        let text = match scope.as_str() {
            "openid" => "who you are".into(),
            "profile" => "your name".into(),
            "email" => "your e-mail address".into(),
            "groups" => "your teams and your role".into(),
            "offline_access" => "to stay signed in while you are away".into(),
            other => format!("<code>{}</code>", escape(other)),
        };
        list.push_str("<li>");
        list.push_str(&text);
        list.push_str("</li>");
    }
    list + "</ul>"
}

/// Hidden fields of a form.
pub(super) fn hidden(fields: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| {
        format!(
            "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
            escape(value)
        )
    };
    fields.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_html() {
        assert_eq!(
            escape("<a href='x'>&\""),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;"
        );
        assert!(scope_list(&["<script>".into()]).contains("&lt;script&gt;"));
        assert!(hidden(&[("request", "\"><b>")]).contains("&quot;&gt;&lt;b&gt;"));
    }

    #[test]
    fn the_policy_names_the_style_and_where_the_form_leads() {
        let mut page = Page::new("t", "b");
        page.form_leads_to = Some("https://shop.example.com".into());
        let policy = page.policy();
        assert!(
            policy.contains("form-action 'self' https://shop.example.com;"),
            "{policy}"
        );
        assert!(policy.contains(&format!("'sha256-{}'", style_hash())));
        assert!(!policy.contains("unsafe"));
    }
}
