//! Plans that execute by themselves (section 4).

use jingkun_oauth::Unspecified;
use patchbay_sdk::{Effect, Encoding, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ModelVariables;
use crate::client::JingkunPlan;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunPlan>] = operations![Create];

/// Schedule a plan, once or again and again
///
/// Section 4.
///
/// Hard to take back: the answer has no id of the schedule, and no operation lists, changes or ends one. The
/// document's example of the answer belongs to another operation; what comes passes through. It doesn't say
/// what `dimension` and `intervals` mean for `single` either, though both are required.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// Plan ID.
    pub process_plan_id: String,
    /// Where the platform calls back about the runs.
    pub callback_url: String,
    /// Unit of the interval.
    pub dimension: Dimension,
    /// How many units lie between two executions: a number, as a string.
    pub intervals: String,
    /// Once or again and again.
    pub execute_strategy: Strategy,
    /// Name of the scene (场景名称).
    pub scene_name: String,
    /// Values for the variables of the plan's workflows; needed where they have some. Travels as one form
    /// field that holds JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_var_req: Option<Vec<ModelVariables>>,
}

impl Endpoint for Create {
    const ID: &'static str = "plan-schedule.create";
    const TITLE: &'static str = "预案定时场景执行";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/api/dpa/process/processPlan/saveTimingParam";
    const EFFECT: Effect = Effect::Write;
    const ENCODING: Encoding = Encoding::Form;
    type Response = Unspecified;
}

/// Unit of an interval, as the vendor spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Day,
    /// Weeks.
    Weeks,
    /// Months.
    Month,
}

/// How often a plan is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Once.
    Single,
    /// Again and again.
    Cycle,
}
