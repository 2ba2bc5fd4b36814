//! What several groups share.

use patchbay_sdk::{Advance, Pages};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}
