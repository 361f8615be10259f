//! Codes of the room `permit`.

error_codes! {
    PERMIT_ACTION_UNKNOWN = "TL-PERMIT-001", 422, "there is no such action", "list them with `trunkline access policies`, or look at Policies in the console";
    PERMIT_PRINCIPAL_UNKNOWN = "TL-PERMIT-002", 404, "nobody is called that", "use the id, the e-mail address or the name of a person, service account or token";
}
