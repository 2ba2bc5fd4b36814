//! What several groups share.

use patchbay_sdk::{Advance, Pages};

/// How the lists that come in pages are walked: the list is all there is, without a total.
pub(super) const PAGES: Pages = Pages {
    advance: Advance::PageNumber {
        page: "/page_no",
        first: 1,
    },
    size: Some("/page_size"),
    items: "",
    total: None,
    more: None,
};
