//! The API gateway: routes, upstreams, and the requests that pass between them.
