//! What several groups share.

use patchbay_sdk::Pages;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How every list of this vendor is walked.
pub(super) const PAGES: Pages = Pages {
    page: "page",
    first: 1,
    size: "size",
    items: "/items",
    total: Some("/total"),
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
