//! What several groups share.

use patchbay_sdk::{Advance, Pages};
use schemars::JsonSchema;

/// How a list with a total is walked.
pub(super) const PAGES: Pages = Pages {
    advance: Advance::PageNumber {
        page: "/pageNum",
        first: 1,
    },
    size: Some("/pageSize"),
    items: "/rows",
    total: Some("/total"),
    more: None,
};

/// How a list of types is walked: its parameters are named otherwise, and it has no total.
pub(super) const LIST: Pages = Pages {
    advance: Advance::PageNumber {
        page: "/pageNo",
        first: 1,
    },
    size: Some("/pageSize"),
    items: "",
    total: None,
    more: None,
};

/// Where a process stands after it was started or moved on. The vendor prints these names with capitals.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct Started {
    /// Id of the task that is due now.
    pub task_id: Option<String>,
    /// Id of the process instance.
    pub process_instance_id: Option<String>,
}
