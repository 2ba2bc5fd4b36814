//! Plans that execute by themselves (section 4).

use jingkun_oauth::Unspecified;
use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use super::ModelVariables;
use crate::client::JingkunPlan;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunPlan>] = operations![Create];

/// Schedule a plan, once or again and again
///
/// Section 4.
///
/// Names of workflows and their variables are in `plan-workflow.list`. Hard to take back: the answer has no id of the schedule, and no operation lists, changes or ends one. The
/// document's example of the answer belongs to another operation; what comes passes through. It doesn't say
/// what `dimension` and `intervals` mean for `single` either, though both are required.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "plan-schedule.create",
    title = "预案定时场景执行",
    route = "POST /api/dpa/process/processPlan/saveTimingParam",
    effect = Write,
    encoding = Form,
    rename_all = "camelCase",
    response = Unspecified,
    example = r#"{"processPlanId":"acf42dd3","callbackUrl":"https://hub.example.com/callbacks/plans","dimension":"hours","intervals":"1","executeStrategy":"cycle","sceneName":"每小时执行","modelVarReq":[{"modelId":"md1606743910508","mapParam":{"DPA_MODEL_WORKDIR":"/opt"}}]}"#
)]
pub struct Create {
    /// Plan ID: `processPlanId` of `plan.list`.
    #[param(title = "预案 ID")]
    pub process_plan_id: String,
    /// Where the platform calls back about the runs: see the callback `plan-run`, which alone has their ids.
    #[param(title = "需要回调的URL")]
    pub callback_url: String,
    /// Unit of the interval.
    #[param(title = "周期维度")]
    pub dimension: Dimension,
    /// How many units of `dimension` lie between two executions: a number, as a string. The document doesn't say
    /// which numbers are taken.
    #[param(title = "周期间隔", example = "1")]
    pub intervals: String,
    /// Once or again and again.
    #[param(title = "执行策略")]
    pub execute_strategy: Strategy,
    /// Name of the scene.
    #[param(title = "场景名称")]
    pub scene_name: String,
    /// Values for the variables of the plan's workflows; needed where `plan-workflow.list` names some
    /// (如有设置必填). Travels as one form field that holds JSON.
    #[param(title = "执行时定义的参数对象")]
    pub model_var_req: Option<Vec<ModelVariables>>,
}

/// Unit of an interval, as the vendor spells it.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Dimension {
    /// Seconds.
    #[schema(title = "秒")]
    Seconds,
    /// Minutes.
    #[schema(title = "分")]
    Minutes,
    /// Hours.
    #[schema(title = "小时")]
    Hours,
    /// Days.
    #[schema(title = "日")]
    Day,
    /// Weeks.
    #[schema(title = "周")]
    Weeks,
    /// Months.
    #[schema(title = "月")]
    Month,
}

/// How often a plan is executed.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Strategy {
    /// Once. The document doesn't say when.
    #[schema(title = "单次时间")]
    Single,
    /// Again and again, `intervals` times `dimension` apart.
    #[schema(title = "周期")]
    Cycle,
}
