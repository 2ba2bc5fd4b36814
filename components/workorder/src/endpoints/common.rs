//! What several groups share.

use patchbay_sdk::{Advance, Pages, Schema};

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

/// A task and its process instance. The vendor prints these names with capitals.
#[derive(Debug, Schema)]
#[schema(rename_all = "PascalCase")]
pub struct Started {
    /// Id of the task: `taskId` of `workorder.create` and of the operations on a task.
    #[schema(title = "任务编号")]
    pub task_id: Option<String>,
    /// Id of the process instance: `procInstId` of `workorder.create`, elsewhere `procInsId`.
    #[schema(title = "流程实例Id")]
    pub process_instance_id: Option<String>,
}
