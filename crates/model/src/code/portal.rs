//! Codes of the room `portal`.

error_codes! {
    PORTAL_SERVICE_UNKNOWN = "TL-PORTAL-001", 404, "the service has no document here", "list them with `trunkline api list`; a document lies at `apis/<service>/openapi.yaml` in the workspace";
}
