//! At the gateway's door: whose token this is, and how much its holder may ask for.
