//! What can be done with a task, and the end of a process by hand.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Started;
use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] =
    operations![Complete, Reject, Delegate, Transfer, Stop, Return, Delete];

/// Declares the parameters of an operation on a task: the document prints the same set for all of them,
/// and only one makes the id of the task required.
macro_rules! parameters {
    ($(#[$documentation:meta])* pub struct $name:ident;) => {
        parameters! {
            $(#[$documentation])*
            pub struct $name {
                /// Id of the task: `taskId` of `todo-task.list`.
                #[serde(skip_serializing_if = "Option::is_none")]
                pub task_id: Option<String>,
            }
        }
    };
    ($(#[$documentation:meta])* pub struct $name:ident { $($task_id:tt)* }) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($task_id)*
            /// Name of the task.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub task_name: Option<String>,
            /// Id of a user (用户Id). The document doesn't say of whom.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub user_id: Option<String>,
            /// Comment on what is done.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub comment: Option<String>,
            /// Id of the process instance: `procInsId` of `todo-task.list`.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub proc_ins_id: Option<String>,
            /// Key of the node that the task goes back to, for `task.return`.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub target_key: Option<String>,
            /// Variables of the process.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub variables: Option<Map<String, Value>>,
            /// Who approves.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub assignee: Option<String>,
            /// Candidates (候选人): a list of objects in the example; what is in them isn't documented.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub candidate_users: Option<Vec<Value>>,
            /// Groups that approve (审批组): a list of objects in the example; what is in them isn't
            /// documented.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub candidate_groups: Option<Vec<Value>>,
            /// Ids of users who get a copy. How several are written isn't documented.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub copy_user_ids: Option<String>,
            /// Ids of users who approve at the next node. How several are written isn't documented.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub next_user_ids: Option<String>,
        }
    };
}

/// What these operations answer: an empty object in the document's examples, or nothing.
type Done = Option<Map<String, Value>>;

parameters! {
    /// Approve a task, so that its process moves on
    ///
    /// Section 审批流程.
    ///
    /// The document marks nothing as required; give `taskId` and `procInsId` at least. The output is the
    /// next task, or `null`, as when the process has ended.
    pub struct Complete;
}

impl Endpoint for Complete {
    const ID: &'static str = "task.complete";
    const TITLE: &'static str = "审批流程";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workflow/task/complete";
    const EFFECT: Effect = Effect::Write;
    type Response = Option<Started>;
}

parameters! {
    /// Reject a task
    ///
    /// Section 拒绝任务.
    ///
    /// The document marks nothing as required; give `taskId` and `procInsId` at least.
    pub struct Reject;
}

impl Endpoint for Reject {
    const ID: &'static str = "task.reject";
    const TITLE: &'static str = "拒绝任务";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workflow/task/reject";
    const EFFECT: Effect = Effect::Write;
    type Response = Done;
}

parameters! {
    /// Delegate a task to another user
    ///
    /// Section 委派任务.
    ///
    /// The document marks nothing as required; give `taskId` and `userId` at least.
    pub struct Delegate;
}

impl Endpoint for Delegate {
    const ID: &'static str = "task.delegate";
    const TITLE: &'static str = "委派任务";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workflow/task/delegate";
    const EFFECT: Effect = Effect::Write;
    type Response = Done;
}

parameters! {
    /// Transfer a task to another user
    ///
    /// Section 转办任务.
    ///
    /// The document marks nothing as required; give `taskId` and `userId` at least.
    pub struct Transfer;
}

impl Endpoint for Transfer {
    const ID: &'static str = "task.transfer";
    const TITLE: &'static str = "转办任务";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workflow/task/transfer";
    const EFFECT: Effect = Effect::Write;
    type Response = Done;
}

parameters! {
    /// Stop a process
    ///
    /// Section 取消任务.
    ///
    /// The document marks nothing as required; give `procInsId` at least. It speaks of a task as well as of
    /// the process: take it that the whole process ends. There is no operation that undoes it.
    pub struct Stop;
}

impl Endpoint for Stop {
    const ID: &'static str = "process.stop";
    const TITLE: &'static str = "取消任务";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workflow/task/stopProcess";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Done;
}

parameters! {
    /// Return a task to an earlier node of its process
    ///
    /// Section 退回任务.
    ///
    /// The document marks nothing as required; give `taskId` and `targetKey`, the key of the node, at least.
    /// Which keys there are isn't documented; rows of the task lists have theirs as `taskDefKey`.
    pub struct Return;
}

impl Endpoint for Return {
    const ID: &'static str = "task.return";
    const TITLE: &'static str = "退回任务";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workflow/task/return";
    const EFFECT: Effect = Effect::Write;
    type Response = Done;
}

parameters! {
    /// Delete a task
    ///
    /// Section 删除任务.
    ///
    /// What becomes of its process isn't documented.
    pub struct Delete {
        /// Id of the task: `taskId` of `todo-task.list`.
        pub task_id: String,
    }
}

impl Endpoint for Delete {
    const ID: &'static str = "task.delete";
    const TITLE: &'static str = "删除任务";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workflow/task/delete";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Done;
}
