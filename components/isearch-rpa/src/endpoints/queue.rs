//! Queues of task data, which the vendor also calls spaces (sections 3.11.6 to 3.11.9).

use patchbay_sdk::{
    Effect, Endpoint, Failure, Method, Nothing, Operation, Page, Pages, Violation, operations, params,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Delete, Clear];

/// List the queues, page by page
///
/// Section 3.11.6.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Queue name filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_name: Option<String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "queue.list";
    const TITLE: &'static str = "获取空间列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/queue";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Queue>;
}

/// A queue.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// Queue name.
    pub queue_name: Option<String>,
    /// Queue ID (空间编号); the `queueId` of queue.delete/clear.
    pub id: Option<i64>,
    /// Creation time, epoch ms.
    pub create_time: Option<i64>,
    /// Modification time, epoch ms.
    pub modify_time: Option<i64>,
    /// Robot alias; '动态分配' (assigned dynamically) in the example.
    pub agent_alias: Option<String>,
    /// Robot number.
    pub agent_no: Option<String>,
    /// Department name.
    pub org_name: Option<String>,
    /// Department ID.
    pub org_id: Option<i64>,
    /// Timeout; 11 in the example; unit not documented.
    pub time_out: Option<i64>,
    /// Executing robot number.
    pub robot_no: Option<String>,
    /// Failed-attempt limit.
    pub fail_try_times: Option<i64>,
    /// Maximum number of items.
    pub queue_max_items: Option<i64>,
    /// Queue description.
    pub queue_desc: Option<String>,
    /// Department.
    pub org_code: Option<String>,
}

/// Create a queue
///
/// Section 3.11.7.
///
/// The answer has no id of what was created; find it with `queue.list`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// Queue name.
    pub queue_name: String,
    /// Maximum number of items.
    pub queue_max_items: i64,
    /// How often an item may fail.
    pub fail_try_times: i64,
    /// Queue description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_desc: Option<String>,
    /// Robot number(s).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub robots_no: Option<String>,
    /// Timeout, as a string; the document doesn't give its unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_out: Option<String>,
    /// Department code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_code: Option<String>,
}

impl Endpoint for Create {
    const ID: &'static str = "queue.create";
    const TITLE: &'static str = "新增空间";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/queue";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

/// Delete a queue, by id or by name
///
/// Section 3.11.8.
///
/// At least one of `queueId` and `queueName` is needed; an empty string counts as absent. Where
/// both are given, only the id is sent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["queueId"], "properties": { "queueId": { "minLength": 1 } } },
    { "required": ["queueName"], "properties": { "queueName": { "minLength": 1 } } },
]))]
pub struct Delete {
    /// Id of the queue, as `queue.list` gives it, as a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    /// Queue name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_name: Option<String>,
}

impl Endpoint for Delete {
    const ID: &'static str = "queue.delete";
    const TITLE: &'static str = "删除空间";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/queue";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;

    fn check(&self) -> Vec<Violation> {
        params::at_least_one(self, &["queueId", "queueName"])
    }

    fn params(&self) -> Result<Map<String, Value>, Failure> {
        params::prefer(self, "queueId", "queueName")
    }
}

/// Remove all items of a queue
///
/// Section 3.11.9.
///
/// At least one of `queueId` and `queueName` is needed; an empty string counts as absent. Where
/// both are given, only the id is sent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["queueId"], "properties": { "queueId": { "minLength": 1 } } },
    { "required": ["queueName"], "properties": { "queueName": { "minLength": 1 } } },
]))]
pub struct Clear {
    /// Id of the queue, as `queue.list` gives it, as a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    /// Queue name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_name: Option<String>,
}

impl Endpoint for Clear {
    const ID: &'static str = "queue.clear";
    const TITLE: &'static str = "清空空间";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/oapi/v1/queue/clear";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;

    fn check(&self) -> Vec<Violation> {
        params::at_least_one(self, &["queueId", "queueName"])
    }

    fn params(&self) -> Result<Map<String, Value>, Failure> {
        params::prefer(self, "queueId", "queueName")
    }
}
