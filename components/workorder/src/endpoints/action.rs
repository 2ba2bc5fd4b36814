//! What can be done with a task, and the end of a process by hand.

use patchbay_sdk::{Endpoint, Operation, operations};
use serde_json::{Map, Value};

use super::Started;
use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] =
    operations![Complete, Reject, Delegate, Transfer, Stop, Return, Delete];

/// Declares an operation on a task: the document prints the same parameters for all of them, and only one of them
/// requires the id of the task.
macro_rules! operation {
    ($(#[$declaration:meta])* pub struct $name:ident { task_id: $task_id:ty }) => {
        #[derive(Debug, Endpoint)]
        #[endpoint(rename_all = "camelCase")]
        $(#[$declaration])*
        pub struct $name {
            /// Id of the task: `taskId` of `todo-task.list`, `TaskId` of `process.start` and `task.complete`.
            #[param(title = "任务Id")]
            pub task_id: $task_id,
            /// Name of the task: `taskName` of `todo-task.list`.
            #[param(title = "任务名称")]
            pub task_name: Option<String>,
            /// Id of a user. The document doesn't say whose, and no operation lists users; rows of the lists of
            /// tasks have ids as `startUserId` and `assigneeId`.
            #[param(title = "用户Id")]
            pub user_id: Option<String>,
            /// Comment on what is done.
            #[param(title = "任务意见")]
            pub comment: Option<String>,
            /// Id of the process instance: `procInsId` of `todo-task.list` and `own-process.list`,
            /// `ProcessInstanceId` of `process.start`.
            #[param(title = "流程实例Id")]
            pub proc_ins_id: Option<String>,
            /// Key of a node. The document doesn't say which one, or where keys come from; rows of the lists of
            /// tasks have such keys as `taskDefKey`: `Activity_1div90g`.
            #[param(title = "节点")]
            pub target_key: Option<String>,
            /// Variables of the process, by name.
            #[param(title = "流程变量信息")]
            pub variables: Option<Map<String, Value>>,
            /// Who approves. How a user is named isn't documented.
            #[param(title = "审批人")]
            pub assignee: Option<String>,
            /// Candidates: a list of objects in the document's example. What is in them isn't documented.
            #[param(title = "候选人")]
            pub candidate_users: Option<Vec<Value>>,
            /// Groups that approve: a list of objects in the document's example. What is in them isn't documented.
            #[param(title = "审批组")]
            pub candidate_groups: Option<Vec<Value>>,
            /// Ids of users who get a copy. How several are written isn't documented.
            #[param(title = "抄送用户Id")]
            pub copy_user_ids: Option<String>,
            /// Who approves at the next node. How several are written isn't documented.
            #[param(title = "下一节点审批人")]
            pub next_user_ids: Option<String>,
        }
    };
}

/// What these operations answer: an empty object in the document's examples, or nothing.
type Done = Option<Map<String, Value>>;

operation! {
    /// Approve a task, so that its process moves on
    ///
    /// Section 审批流程.
    ///
    /// The document requires nothing; give `taskId` and `procInsId` of `todo-task.list` at least. The output is a
    /// task of the process, or `null` where the vendor gives none; the document doesn't say whether it is the next
    /// task, or what `null` means. `todo-task.list` has the tasks that wait then.
    #[endpoint(
        id = "task.complete",
        title = "审批流程",
        route = "POST /workflow/task/complete",
        effect = Write,
        response = Option<Started>,
        example = r#"{"taskId":"d23467f4-0471-11ef-865a-6cf6da435cd3","taskName":"444","procInsId":"c68d01e3-0471-11ef-865a-6cf6da435cd3","comment":"同意","variables":{"field101":1}}"#
    )]
    pub struct Complete { task_id: Option<String> }
}

operation! {
    /// Reject a task
    ///
    /// Section 拒绝任务.
    ///
    /// The document requires nothing; give `taskId` and `procInsId` of `todo-task.list` at least. It doesn't say
    /// whether the process ends.
    #[endpoint(
        id = "task.reject",
        title = "拒绝任务",
        route = "POST /workflow/task/reject",
        effect = Write,
        response = Done,
        example = r#"{"taskId":"d23467f4-0471-11ef-865a-6cf6da435cd3","procInsId":"c68d01e3-0471-11ef-865a-6cf6da435cd3","comment":"拒绝"}"#
    )]
    pub struct Reject { task_id: Option<String> }
}

operation! {
    /// Delegate a task to another user
    ///
    /// Section 委派任务.
    ///
    /// The document requires nothing, and doesn't say which parameter names the user who gets the task; `userId` is
    /// the likeliest. Give `taskId` of `todo-task.list` and `userId` at least.
    #[endpoint(
        id = "task.delegate",
        title = "委派任务",
        route = "POST /workflow/task/delegate",
        effect = Write,
        response = Done,
        example = r#"{"taskId":"d23467f4-0471-11ef-865a-6cf6da435cd3","userId":"6799ea6d-dec6-4b34-961c-a7b5f8c6c900","comment":"请协助处理"}"#
    )]
    pub struct Delegate { task_id: Option<String> }
}

operation! {
    /// Transfer a task to another user
    ///
    /// Section 转办任务.
    ///
    /// The document requires nothing, and doesn't say which parameter names the user who gets the task; `userId` is
    /// the likeliest. Give `taskId` of `todo-task.list` and `userId` at least.
    #[endpoint(
        id = "task.transfer",
        title = "转办任务",
        route = "POST /workflow/task/transfer",
        effect = Write,
        response = Done,
        example = r#"{"taskId":"d23467f4-0471-11ef-865a-6cf6da435cd3","userId":"6799ea6d-dec6-4b34-961c-a7b5f8c6c900","comment":"转办"}"#
    )]
    pub struct Transfer { task_id: Option<String> }
}

operation! {
    /// Stop a process
    ///
    /// Section 取消任务.
    ///
    /// The document requires nothing; give `procInsId` at least. Its title is that of cancelling a task, its words
    /// and the path are about the process: expect the whole process to end. No operation undoes it.
    #[endpoint(
        id = "process.stop",
        title = "取消任务",
        route = "POST /workflow/task/stopProcess",
        effect = Idempotent,
        response = Done,
        example = r#"{"procInsId":"d837d683-0474-11ef-b5c0-6cf6da435cd3","comment":"取消"}"#
    )]
    pub struct Stop { task_id: Option<String> }
}

operation! {
    /// Return a task to an earlier node of its process
    ///
    /// Section 退回任务.
    ///
    /// The document requires nothing, and doesn't say which parameter names the node that the task goes back to;
    /// `targetKey` is the likeliest. Give `taskId` and `procInsId` of `todo-task.list` and `targetKey` at least.
    #[endpoint(
        id = "task.return",
        title = "退回任务",
        route = "POST /workflow/task/return",
        effect = Write,
        response = Done,
        example = r#"{"taskId":"d23467f4-0471-11ef-865a-6cf6da435cd3","procInsId":"c68d01e3-0471-11ef-865a-6cf6da435cd3","targetKey":"Activity_14jyrng","comment":"退回"}"#
    )]
    pub struct Return { task_id: Option<String> }
}

operation! {
    /// Delete a task
    ///
    /// Section 删除任务.
    ///
    /// What becomes of its process isn't documented. No operation undoes it.
    #[endpoint(
        id = "task.delete",
        title = "删除任务",
        route = "POST /workflow/task/delete",
        effect = Idempotent,
        response = Done,
        example = r#"{"taskId":"d23467f4-0471-11ef-865a-6cf6da435cd3"}"#
    )]
    pub struct Delete { task_id: String }
}
