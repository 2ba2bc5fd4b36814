//! What several groups share.

use patchbay_sdk::{Advance, Pages, Schema};

/// How every list of this vendor is walked.
pub(super) const PAGES: Pages = Pages {
    advance: Advance::PageNumber {
        page: "/page",
        first: 1,
    },
    size: Some("/size"),
    items: "/items",
    total: Some("/total"),
    more: None,
};

/// Yes or no, as this vendor writes it.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// How urgent a job is.
#[derive(Debug, Schema)]
pub enum Urgency {
    /// Urgent.
    #[schema(title = "紧急", value = 0)]
    Urgent,
    /// Normal.
    #[schema(title = "普通", value = 1)]
    Normal,
    /// Low.
    #[schema(title = "低级", value = 2)]
    Low,
}
