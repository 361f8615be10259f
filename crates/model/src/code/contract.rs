//! Codes of the room `contract`.

error_codes! {
    CONTRACT_SYNTAX = "TL-CONTRACT-001", 422, "the document is neither JSON nor YAML", "look at the line that the message names; aliases, depth and size have limits";
    CONTRACT_VERSION = "TL-CONTRACT-002", 422, "the document is not OpenAPI 3.0 or 3.1", "convert Swagger 2 with a tool such as `swagger2openapi`, then use the result";
    CONTRACT_TOO_LARGE = "TL-CONTRACT-003", 422, "the document is beyond a limit", "split the document by service, or shorten what the message names";
    CONTRACT_REFERENCE = "TL-CONTRACT-004", 422, "a $ref leads nowhere or out of the document", "bundle the document into one file: only `#/...` is followed";
    CONTRACT_SHAPE = "TL-CONTRACT-005", 422, "the document has something in the wrong form", "correct what stands at the JSON pointer in the message";
    CONTRACT_SCHEMA = "TL-CONTRACT-006", 422, "a schema of the document cannot be compiled", "correct the schema at the JSON pointer in the message";
    CONTRACT_UNDOCUMENTED = "TL-CONTRACT-010", 404, "the API's document has no such path", "look at the API's document in the portal; a new endpoint must be written there first";
    CONTRACT_METHOD = "TL-CONTRACT-011", 405, "the API's document has this path, but not this method", "use a method of the header `Allow`";
    CONTRACT_REQUEST = "TL-CONTRACT-012", 422, "the request does not keep to the API's document", "correct what `violations` names, each with its place and rule";
    CONTRACT_RESPONSE = "TL-CONTRACT-013", 502, "the service's answer does not keep to its own document", "correct the service or its document; the violations name each place and rule";
}
