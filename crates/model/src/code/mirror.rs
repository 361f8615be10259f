//! Codes of the room `mirror`.

error_codes! {
    MIRROR_UNKNOWN = "TL-MIRROR-001", 404, "there is no such repository or mirror", "`trunkline repository list` shows what there is; `trunkline repository mirror set` makes a mirror";
    MIRROR_INVALID = "TL-MIRROR-002", 400, "a mirror cannot be like that", "the text says which field and why";
    MIRROR_LIMIT = "TL-MIRROR-003", 429, "there are too many mirrors", "remove one, or raise `max_mirrors` in `[mirror]`";
    MIRROR_WEBHOOK = "TL-MIRROR-004", 401, "a webhook is not signed with the mirror's secret", "set the webhook's secret to the one that making the mirror showed; make the mirror again for a new one";
    MIRROR_ADDRESS = "TL-MIRROR-005", 400, "a mirror may not be at this address", "where the other side is in a private network, set `allow_private_addresses` in `[mirror]`; metadata addresses are never allowed";
}
