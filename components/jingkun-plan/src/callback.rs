//! What the platform calls back about (section 7).

use jingkun_oauth::callback::Run;
use patchbay_sdk::callbacks::Payload;

/// A run of a plan has reached a state
///
/// Section 7.
///
/// Comes to the `callbackUrl` that `plan.execute` or `plan-schedule.create` was given, and up to three times
/// more until it is answered. A run may be reported once in each of its states; `SUCCESS` and `FAIL` are
/// final. It isn't signed, and no operation gives the state of a run: keep the callback's address secret.
/// States that the document doesn't list, and other members of the body, pass through.
#[derive(Debug, Payload)]
#[payload(kind = "plan-run", rename_all = "camelCase")]
pub struct PlanRun {
    /// Id of the run.
    pub plan_instance_id: String,
    /// Plan ID.
    pub process_plan_id: String,
    /// `DEFAULT`, `RUNNING`, `PENDING` (suspended), `SUCCESS` or `FAIL`.
    pub status: String,
}

impl Run for PlanRun {
    const IDS: [&'static str; 2] = ["planInstanceId", "processPlanId"];
}
