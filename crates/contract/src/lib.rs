//! OpenAPI documents: what a service promises, whether a request keeps to it, and what changed between two versions.
