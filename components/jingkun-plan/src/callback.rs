//! What the platform calls back about (section 7).

use jingkun_oauth::callback::Run;
use patchbay_sdk::callbacks::Payload;

/// A run of a plan has reached a state
///
/// Section 7.
///
/// Comes to the `callbackUrl` that `plan.execute`, `plan.run` or `plan-schedule.create` was given, and up to three times
/// more until it is answered. A run may be reported once in each of its states; `SUCCESS` and `FAIL` are
/// final. It isn't signed, and no operation gives the state of a run: keep the callback's address secret.
/// States that the document doesn't list, and other members of the body, pass through.
#[derive(Debug, Payload)]
#[payload(kind = "plan-run", rename_all = "camelCase")]
pub struct PlanRun {
    /// Id of the run: `planInstanceId` of `plan.execute` and `plan.run`. Runs of a schedule are named here only.
    #[schema(title = "任务实例 ID")]
    pub plan_instance_id: String,
    /// Plan ID: `processPlanId` of `plan.list`.
    #[schema(title = "预案 ID")]
    pub process_plan_id: String,
    /// `DEFAULT` (默认), `RUNNING` (执行中, it is executed), `PENDING` (挂起, it is suspended), `SUCCESS` (成功, it has
    /// succeeded) or `FAIL` (失败, it has failed).
    #[schema(
        title = "状态",
        example = "DEFAULT",
        example = "RUNNING",
        example = "PENDING",
        example = "SUCCESS",
        example = "FAIL"
    )]
    pub status: String,
}

impl Run for PlanRun {
    const IDS: [&'static str; 2] = ["planInstanceId", "processPlanId"];
}
