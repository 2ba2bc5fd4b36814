//! Items of a queue of task data (sections 3.11.1 to 3.11.5).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Update, Pop, Delete];

/// List the items of a queue
///
/// Section 3.11.1.
///
/// The answer looks like a page, but the document has no parameters for pages. What `queue-item.create`
/// stored in `keys` isn't among the documented fields; what the vendor sends passes through.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue-item.list",
    title = "获取任务数据队列项列表",
    route = "GET /oapi/v1/queue/item",
    effect = Read,
    rename_all = "camelCase",
    response = Page<Item>,
    example = r#"{"queueName":"name","priority":"low","from":"2020-10-10 10:10:10","to":"2020-10-20 10:10:10","status":"success"}"#,
    example = r#"{"queueName":"RPA_admin"}"#
)]
pub struct List {
    /// Name of the queue: `queueName` of `queue.list`.
    #[param(title = "空间名")]
    pub queue_name: String,
    /// Only items of this priority.
    #[param(title = "等级")]
    pub priority: Option<Priority>,
    /// Start of the time, `yyyy-MM-dd HH:mm:ss`. The document doesn't say of which time.
    #[param(
        title = "开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2020-10-10 10:10:10"
    )]
    pub from: Option<String>,
    /// End of the time, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "结束时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2020-10-20 10:10:10"
    )]
    pub to: Option<String>,
    /// Only items in this state.
    #[param(title = "队列项状态")]
    pub status: Option<Status>,
    /// Lucene expression: `status:success`.
    #[param(title = "表达式过滤, lucense 表达式", example = "status:success")]
    pub filter: Option<String>,
}

/// An item of a queue.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Item {
    /// Id of the item: `rncOhnEBbFFamgG0AmOG`. No operation takes it; they take `itemNo`.
    #[schema(title = "ID")]
    pub id: Option<String>,
    /// Name of the queue.
    #[schema(title = "队列名")]
    pub queue_name: Option<String>,
    /// Number of the robot that works on it.
    #[schema(title = "执行机器人编号")]
    pub robot_no: Option<String>,
    /// Failed attempts.
    #[schema(title = "尝试失败次数")]
    pub fail_try_times: Option<i64>,
    /// How many items the queue takes.
    #[schema(title = "队列子项最大数")]
    pub queue_max_items: Option<i64>,
    /// Description of the queue.
    #[schema(title = "队列描述")]
    pub queue_desc: Option<String>,
    /// Its priority.
    #[schema(title = "队列项级别")]
    pub priority: Option<Priority>,
    /// When it expires, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "过期时间")]
    pub deadline: Option<String>,
    /// Number of the item, a UUID: `itemNo` of `queue-item.update` and `queue-item.delete`.
    #[schema(title = "队列项编号")]
    pub item_no: Option<String>,
    /// How often it was run.
    #[schema(title = "运行次数")]
    pub run_times: Option<i64>,
    /// Its time stamp, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "时间戳")]
    pub timestamp: Option<String>,
    /// Its state.
    #[schema(title = "队列项状态")]
    pub status: Option<Status>,
}

/// Priority of an item. The document doesn't say in what order items are taken.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Priority {
    /// High.
    #[schema(title = "高")]
    High,
    /// Normal.
    #[schema(title = "中")]
    Normal,
    /// Low.
    #[schema(title = "低")]
    Low,
}

/// State of an item. The document has no words for the values.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Status {
    /// Failed.
    Failed,
    /// Done.
    Success,
    /// Being worked on.
    Running,
    /// To be tried again.
    Retry,
    /// Waiting.
    Pending,
}

/// Add an item to a queue
///
/// Section 3.11.2.
///
/// The answer has no `itemNo`: find the item with `queue-item.list`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue-item.create",
    title = "新增任务数据队列项",
    route = "POST /oapi/v1/queue/item",
    effect = Write,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"queueName":"RPA_admin","priority":"high","deadline":"2020-04-16 23:50:40","keys":[{"key":"ww","value":"ww"}]}"#
)]
pub struct Create {
    /// Name of the queue: `queueName` of `queue.list`.
    #[param(title = "空间名")]
    pub queue_name: String,
    /// Its priority.
    #[param(title = "队列项级别")]
    pub priority: Priority,
    /// When it expires, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2020-04-16 23:50:40"
    )]
    pub deadline: String,
    /// Data of the item. Travels as a string that holds JSON, and may be given as one.
    #[param(title = "自定义键值对", json_text)]
    pub keys: Option<Vec<KeyValue>>,
}

/// One key of an item, with its value.
#[derive(Debug, Schema)]
pub struct KeyValue {
    /// Name of the key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Set the state of a queue's item
///
/// Section 3.11.3.
///
/// The document doesn't say which state may follow which.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue-item.update",
    title = "更新任务数据队列项",
    route = "PUT /oapi/v1/queue/item",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"itemNo":"5294f492-e32c-41bc-9136-1f41bf1499c0","status":"success","result":"说明","queueName":"RPA_admin"}"#
)]
pub struct Update {
    /// Number of the item: `itemNo` of `queue-item.list` or `queue-item.pop`.
    #[param(title = "队列项编号")]
    pub item_no: String,
    /// The state to set.
    #[param(title = "队列项状态")]
    pub status: Status,
    /// Name of the queue: `queueName` of the item.
    #[param(title = "空间名称")]
    pub queue_name: String,
    /// Explanation.
    #[param(title = "说明")]
    pub result: Option<String>,
}

/// Take the next item out of a queue
///
/// Section 3.11.4.
///
/// A GET that changes something: it is never repeated by itself. The document doesn't say whether the item is
/// removed or set to `running`; settle it with `queue-item.update`. Nor does it say what an empty queue gives:
/// an answer without an item is `null`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue-item.pop",
    title = "POP 任务数据队列项",
    route = "GET /oapi/v1/queue/item/pop",
    effect = Write,
    rename_all = "camelCase",
    response = Option<Item>,
    example = r#"{"queueName":"RPA_admin"}"#
)]
pub struct Pop {
    /// Name of the queue: `queueName` of `queue.list`.
    #[param(title = "队列名称")]
    pub queue_name: String,
}

/// Delete items of a queue
///
/// Section 3.11.5.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "queue-item.delete",
    title = "删除任务数据队列项",
    route = "DELETE /oapi/v1/queue/item",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"queueName":"RPA_admin","items":[{"itemNo":"5294f492-e32c-41bc-9136-1f41bf1499c0"}]}"#
)]
pub struct Delete {
    /// The items to delete.
    #[param(title = "队列项编号数组", min_items = 1)]
    pub items: Vec<ItemNo>,
    /// Name of the queue: `queueName` of `queue.list`.
    #[param(title = "空间名")]
    pub queue_name: String,
}

/// Names one item.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct ItemNo {
    /// Number of the item: `itemNo` of `queue-item.list`.
    #[schema(title = "队列项编号")]
    pub item_no: String,
}
