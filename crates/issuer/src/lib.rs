//! The OpenID provider with which a team's services say "sign in with Trunkline".
