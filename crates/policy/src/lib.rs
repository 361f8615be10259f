//! Permissions as Cedar policies: what a principal may do, and which policy says so.
