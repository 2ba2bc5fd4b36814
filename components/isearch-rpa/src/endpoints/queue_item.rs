//! Items of a queue of task data (sections 3.11.1 to 3.11.5).

use patchbay_sdk::{Effect, Endpoint, Failure, Method, Nothing, Operation, Page, operations, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Update, Pop, Delete];

/// List the items of a queue
///
/// Section 3.11.1.
///
/// The answer looks like a page, but the document has no parameters for pages. What `queue-item.create`
/// stored in `keys` is not among the documented fields; what the vendor sends passes through.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Queue name (空间名).
    pub queue_name: String,
    /// Only items of this priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Start of the time, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// End of the time, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only items in this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Lucene expression: `status:success`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
}

impl Endpoint for List {
    const ID: &'static str = "queue-item.list";
    const TITLE: &'static str = "获取任务数据队列项列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/queue/item";
    const EFFECT: Effect = Effect::Read;
    type Response = Page<Item>;
}

/// An item of a queue.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Item ID, e.g. `rncOhnEBbFFamgG0AmOG`.
    pub id: Option<String>,
    /// Queue name.
    pub queue_name: Option<String>,
    /// Executing robot number.
    pub robot_no: Option<String>,
    /// Failed attempts.
    pub fail_try_times: Option<i64>,
    /// Maximum number of items in the queue.
    pub queue_max_items: Option<i64>,
    /// Queue description.
    pub queue_desc: Option<String>,
    /// High, normal, low.
    pub priority: Option<String>,
    /// Expiry, 'yyyy-MM-dd HH:mm:ss'.
    pub deadline: Option<String>,
    /// Item number (UUID).
    pub item_no: Option<String>,
    /// Number of runs.
    pub run_times: Option<i64>,
    /// Timestamp, 'yyyy-MM-dd HH:mm:ss'.
    pub timestamp: Option<String>,
    /// Failed, success, running, retry, pending.
    pub status: Option<String>,
}

/// How urgent an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Before all others.
    High,
    /// As a rule.
    Normal,
    /// After all others.
    Low,
}

/// The state of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It has failed.
    Failed,
    /// It is done.
    Success,
    /// A robot works on it.
    Running,
    /// It will be tried again.
    Retry,
    /// It waits.
    Pending,
}

/// Add an item to a queue
///
/// Section 3.11.2.
///
/// The answer has no `itemNo`; find it with `queue-item.list`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// Queue name.
    pub queue_name: String,
    /// How urgent the item is.
    pub priority: Priority,
    /// When it expires, `yyyy-MM-dd HH:mm:ss`.
    pub deadline: String,
    /// Data of the item: a list of `{key, value}`, or the same as a JSON string. It travels as a JSON
    /// string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
}

impl Endpoint for Create {
    const ID: &'static str = "queue-item.create";
    const TITLE: &'static str = "新增任务数据队列项";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/queue/item";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;

    fn params(&self) -> Result<Map<String, Value>, Failure> {
        let mut params = params::of(self)?;
        if let Some(keys @ Value::Array(_)) = params.get("keys") {
            let text = keys.to_string();
            params.insert("keys".to_owned(), Value::from(text));
        }
        Ok(params)
    }
}

/// Data of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Keys {
    /// A JSON array of `{key, value}`, as a string.
    Text(String),
    /// Keys with their values.
    Pairs(Vec<KeyValue>),
}

/// One key of an item, with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyValue {
    /// Name of the key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Set the state of a queue's item
///
/// Section 3.11.3.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// Number of the item, a UUID.
    pub item_no: String,
    /// The state to set.
    pub status: Status,
    /// Queue name.
    pub queue_name: String,
    /// Explanation of the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
}

impl Endpoint for Update {
    const ID: &'static str = "queue-item.update";
    const TITLE: &'static str = "更新任务数据队列项";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/oapi/v1/queue/item";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// Take the next item out of a queue
///
/// Section 3.11.4.
///
/// A GET that changes something: it is never repeated by itself. An empty queue gives `null`. The document
/// doesn't say whether the item is removed or set to running: settle it with `queue-item.update`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Pop {
    /// Queue name.
    pub queue_name: String,
}

impl Endpoint for Pop {
    const ID: &'static str = "queue-item.pop";
    const TITLE: &'static str = "POP 任务数据队列项";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/queue/item/pop";
    const EFFECT: Effect = Effect::Write;
    type Response = Option<Item>;
}

/// Delete items of a queue
///
/// Section 3.11.5.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// The items to delete: `[{"itemNo": "…"}]`.
    pub items: Vec<ItemNo>,
    /// Queue name.
    pub queue_name: String,
}

impl Endpoint for Delete {
    const ID: &'static str = "queue-item.delete";
    const TITLE: &'static str = "删除任务数据队列项";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/queue/item";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// Names one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ItemNo {
    /// Number of the item.
    pub item_no: String,
}
