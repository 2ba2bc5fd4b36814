//! Queues of task data, which the vendor also calls spaces (sections 3.11.6 to 3.11.9).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use super::common::PAGES;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Delete, Clear];

/// List the queues, page by page
///
/// Section 3.11.6.
///
/// The vendor calls a queue 空间 (space), 任务空间 and 队列 (queue) alike.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue.list",
    title = "获取空间列表",
    route = "GET /oapi/v1/queue",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Queue>,
    example = r#"{"queueName":"RPA","page":1,"size":10}"#
)]
pub struct List {
    /// Only queues of this name. The document doesn't say whether a part of the name is enough; its example asks
    /// for `RPA` and gets `RPA_admin`.
    #[param(title = "空间名")]
    pub queue_name: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many queues a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// A queue.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Queue {
    /// Name of the queue: `queueName` of all operations on queues and their items.
    #[schema(title = "队列名")]
    pub queue_name: Option<String>,
    /// Id of the queue: `queueId` of `queue.delete` and `queue.clear`.
    #[schema(title = "空间编号")]
    pub id: Option<i64>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    #[schema(title = "修改时间")]
    pub modify_time: Option<i64>,
    /// Alias of the robot: `动态分配` (assigned dynamically) in the document's example.
    #[schema(title = "机器人别名")]
    pub agent_alias: Option<String>,
    /// Robot number.
    #[schema(title = "机器人编号")]
    pub agent_no: Option<String>,
    /// Name of the department.
    #[schema(title = "部门名称")]
    pub org_name: Option<String>,
    /// Department ID.
    #[schema(title = "部门编号")]
    pub org_id: Option<i64>,
    /// Timeout: `11` in the document's example; it doesn't give the unit.
    #[schema(title = "超时时间")]
    pub time_out: Option<i64>,
    /// Number of the robot that works on it.
    #[schema(title = "执行机器人编号")]
    pub robot_no: Option<String>,
    /// How many attempts may fail.
    #[schema(title = "尝试失败次数")]
    pub fail_try_times: Option<i64>,
    /// How many items it takes.
    #[schema(title = "队列子项最大数")]
    pub queue_max_items: Option<i64>,
    /// Description.
    #[schema(title = "队列描述")]
    pub queue_desc: Option<String>,
    /// Department code: `086` in the document's example.
    #[schema(title = "部门")]
    pub org_code: Option<String>,
}

/// Create a queue
///
/// Section 3.11.7.
///
/// The answer has no id: find the queue with `queue.list`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue.create",
    title = "新增空间",
    route = "POST /oapi/v1/queue",
    effect = Write,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"queueName":"RPA_admin","queueMaxItems":10,"failTryTimes":12,"queueDesc":"队列描述"}"#
)]
pub struct Create {
    /// Name of the queue.
    #[param(title = "空间名")]
    pub queue_name: String,
    /// How many items it takes.
    #[param(title = "空间最大数")]
    pub queue_max_items: i64,
    /// How many attempts may fail: the words are those of `queue.list`, the table here has none.
    #[param(title = "尝试失败次数")]
    pub fail_try_times: i64,
    /// Description.
    #[param(title = "空间描述")]
    pub queue_desc: Option<String>,
    /// Robot number. `agentNo` of `robot.list` has the same words in the document (机器人编号), which doesn't say
    /// more, nor whether there may be several.
    #[param(title = "机器人编号")]
    pub robots_no: Option<String>,
    /// Timeout. Travels as a string; the document doesn't give the unit.
    #[param(title = "超时", lenient)]
    pub time_out: Option<String>,
    /// Department code, from `org.list`: its `orgCode` or its `curCode`; the document doesn't say which, and shows
    /// `086` in `queue.list`.
    #[param(title = "部门编号")]
    pub org_code: Option<String>,
}

/// Delete a queue, by id or by name
///
/// Section 3.11.8.
///
/// At least one of `queueId` and `queueName` is needed; an empty string counts as absent. Where
/// both are given, only the id is sent.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue.delete",
    title = "删除空间",
    route = "DELETE /oapi/v1/queue",
    effect = Idempotent,
    rename_all = "camelCase",
    first_of("queueId", "queueName"),
    response = Nothing,
    example = r#"{"queueId":"29"}"#,
    example = r#"{"queueName":"空间名 x"}"#
)]
pub struct Delete {
    /// Id of the queue: `id` of `queue.list`. Travels as a string.
    #[param(title = "空间 ID", lenient)]
    pub queue_id: Option<String>,
    /// Name of the queue: `queueName` of `queue.list`.
    #[param(title = "空间名")]
    pub queue_name: Option<String>,
}

/// Remove all items of a queue
///
/// Section 3.11.9.
///
/// At least one of `queueId` and `queueName` is needed; an empty string counts as absent. Where
/// both are given, only the id is sent.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue.clear",
    title = "清空空间",
    route = "PUT /oapi/v1/queue/clear",
    effect = Idempotent,
    rename_all = "camelCase",
    first_of("queueId", "queueName"),
    response = Nothing,
    example = r#"{"queueId":"55"}"#,
    example = r#"{"queueName":"111"}"#
)]
pub struct Clear {
    /// Id of the queue: `id` of `queue.list`. Travels as a string.
    #[param(title = "空间 ID", lenient)]
    pub queue_id: Option<String>,
    /// Name of the queue: `queueName` of `queue.list`.
    #[param(title = "空间名")]
    pub queue_name: Option<String>,
}
