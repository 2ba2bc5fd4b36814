//! Schedules (section 3.8). The vendor documents no way to create or change one.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List];

/// List the schedules, page by page
///
/// Section 3.8.1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "schedule.list";
    const TITLE: &'static str = "获取调度列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/schedule/list";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Schedule>;
}

/// A schedule.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Schedule ID; the id of job.create.
    pub id: Option<i64>,
    /// Creation time.
    pub create_time: Option<String>,
    /// Modification time.
    pub modify_time: Option<String>,
    /// Mode: 0 timed, 1 every minute, 2 hourly, 3 daily, 4 weekly, 5 monthly, 6 custom.
    pub schedule_mode: Option<String>,
    /// Schedule command.
    pub schedule_command: Option<String>,
    /// Schedule time.
    pub schedule_time: Option<String>,
    /// Start of validity.
    pub start_time: Option<String>,
    /// End of validity.
    pub end_time: Option<String>,
    /// Cron expression.
    pub schedule_expre: Option<String>,
    /// Chinese description of the expression.
    pub schedule_expre_desc: Option<String>,
    /// Next execution time, epoch ms.
    pub next_exe_time: Option<i64>,
    /// Undocumented.
    pub is_holiday_except: Option<String>,
    /// Task type: 1 asynchronous, 2 synchronous.
    pub job_type: Option<i64>,
    /// 0 enabled, 1 disabled.
    pub status: Option<i64>,
    /// Task class path.
    pub job_class_path: Option<String>,
    /// Cluster task.
    pub cloud_job: Option<bool>,
    /// Current department name.
    pub cur_org_name: Option<String>,
    /// Owner ID (sic).
    pub owber_user_id: Option<i64>,
    /// Owner name (sic).
    pub owber_user: Option<String>,
    /// Schedule name.
    pub sch_name: Option<String>,
    /// Process code.
    pub proc_code: Option<String>,
    /// Process version.
    pub proc_ver: Option<String>,
    /// Priority: 0 urgent, 1 normal, 2 low.
    pub priority: Option<i64>,
    /// Owning department code.
    pub org_code: Option<String>,
    /// Candidate robots; '-all-' = all.
    pub exec_robots_no: Option<String>,
    /// Candidate robots' host names.
    pub exec_robots_names: Option<String>,
    /// Candidate robots' aliases.
    pub exec_robots_alias: Option<String>,
    /// JSON expression.
    pub sch_param: Option<String>,
    /// Run mode: time timed, startup at startup and timed, keep resident.
    pub run_mode: Option<String>,
    /// Wait timeout, minutes.
    pub pending_timeout: Option<i64>,
    /// Run timeout, minutes.
    pub running_timeout: Option<i64>,
    /// Manual execution time.
    pub hand_do_min: Option<i64>,
    /// Automatic stop after, minutes.
    pub auto_stop_time: Option<i64>,
    /// Retries on failure.
    pub fail_try_times: Option<i64>,
    /// Number of tasks generated.
    pub sch_job_nums: Option<i64>,
    /// Execution mode: 1 every day, 2 working days, 3 non-working days.
    pub script: Option<i64>,
    /// Calendar ID.
    pub calendar_id: Option<i64>,
    /// Developer.
    pub developer_user: Option<String>,
}
