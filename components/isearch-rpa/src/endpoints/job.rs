//! Jobs: runs of a process (section 3.9).

use patchbay_sdk::{Effect, Endpoint, Method, Nothing, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Retry, Stop, Delete];

/// List the jobs of a process, page by page
///
/// Section 3.9.1.
///
/// There is no way to ask for one job: follow it in this list. It has ended when `STATUS` is `success`,
/// `failed`, `stopped`, `pendout`, `runout` or `cancelled`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Id of the process, not of a job.
    pub id: i64,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "job.list";
    const TITLE: &'static str = "获取流程任务";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/job";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Job>;
}

/// A job. The vendor prints these names in capitals.
#[derive(Debug, JsonSchema)]
pub struct Job {
    /// Run start, epoch ms.
    #[serde(rename = "START_TIME")]
    pub start_time: Option<i64>,
    /// Robot currently executing.
    #[serde(rename = "CURR_ROBOT_NO")]
    pub curr_robot_no: Option<String>,
    /// Manual execution time, minutes 0-99999.
    #[serde(rename = "PROC_HAND_DO_MIN")]
    pub proc_hand_do_min: Option<i64>,
    /// Owner ID (sic).
    #[serde(rename = "OWBER_USER_ID")]
    pub owber_user_id: Option<i64>,
    /// Process code.
    #[serde(rename = "PROC_CODE")]
    pub proc_code: Option<String>,
    /// Time the job was created, epoch ms.
    #[serde(rename = "JOB_TIME")]
    pub job_time: Option<i64>,
    /// Priority: 0 urgent, 1 normal, 2 low.
    #[serde(rename = "PRIORITY")]
    pub priority: Option<i64>,
    /// Users: -department code-,-user name-, comma-separated.
    #[serde(rename = "APPLY_USERS")]
    pub apply_users: Option<String>,
    /// Waiting time, seconds.
    #[serde(rename = "PENDING_TIME")]
    pub pending_time: Option<i64>,
    /// Alias of the robot currently executing.
    #[serde(rename = "CURR_ROBOT_NAME")]
    pub curr_robot_name: Option<String>,
    /// Version publish time, epoch ms.
    #[serde(rename = "PUBLISH_TIME")]
    pub publish_time: Option<i64>,
    /// Run time, seconds.
    #[serde(rename = "RUN_TIME_SEC")]
    pub run_time_sec: Option<i64>,
    /// Process version.
    #[serde(rename = "PROC_VER")]
    pub proc_ver: Option<String>,
    /// Pending waiting, running, success, failing being failed, failed, stopping about to stop, stopped,
    /// pendout dispatch timeout, runout run timeout, cancelled.
    #[serde(rename = "STATUS")]
    pub status: Option<String>,
    /// Run end, epoch ms.
    #[serde(rename = "END_TIME")]
    pub end_time: Option<i64>,
    /// Owner name (sic).
    #[serde(rename = "OWBER_USER")]
    pub owber_user: Option<String>,
    /// Retries on failure.
    #[serde(rename = "FAIL_TRY_TIMES")]
    pub fail_try_times: Option<i64>,
    /// Description.
    #[serde(rename = "DESCRIPTION")]
    pub description: Option<String>,
    /// Process name.
    #[serde(rename = "PROC_NAME")]
    pub proc_name: Option<String>,
    /// Job ID; the id of job.retry/stop/delete.
    #[serde(rename = "ID")]
    pub id: Option<i64>,
    /// How it was produced: table '手工执行 任务调度' (manual / schedule), example '手工运行'.
    #[serde(rename = "PRODUCE_TYPE")]
    pub produce_type: Option<String>,
    /// Creation time, epoch ms.
    #[serde(rename = "CREATE_TIME")]
    pub create_time: Option<i64>,
    /// Job number (UUID).
    #[serde(rename = "JOB_NO")]
    pub job_no: Option<String>,
    /// Candidate robots, comma-separated.
    #[serde(rename = "EXEC_ROBOTS_NO")]
    pub exec_robots_no: Option<String>,
    /// Number of runs.
    #[serde(rename = "RUN_TIMES")]
    pub run_times: Option<i64>,
    /// Robot start, epoch ms.
    #[serde(rename = "ROBOT_START_TIME")]
    pub robot_start_time: Option<i64>,
    /// Schedule type: manager, `unManager`.
    #[serde(rename = "SCH_TYPE")]
    pub sch_type: Option<String>,
    /// Wait timeout, minutes 0-1440, 0 = none.
    #[serde(rename = "PENDING_TIMEOUT")]
    pub pending_timeout: Option<i64>,
    /// Number of waits.
    #[serde(rename = "WAIT_TIMES")]
    pub wait_times: Option<i64>,
    /// Automatic stop, minutes 0-10080, 0 = none.
    #[serde(rename = "AUTO_STOP_TIME")]
    pub auto_stop_time: Option<i64>,
    /// Job order, current milliseconds.
    #[serde(rename = "JOB_ORDER")]
    pub job_order: Option<i64>,
    /// Candidate robots' host names, comma-separated.
    #[serde(rename = "EXEC_ROBOTS_NAMES")]
    pub exec_robots_names: Option<String>,
    /// Developer user name.
    #[serde(rename = "DEVELOPER_USER")]
    pub developer_user: Option<String>,
    /// Run timeout, minutes 0-10080, 0 = none.
    #[serde(rename = "RUNNING_TIMEOUT")]
    pub running_timeout: Option<i64>,
    /// Owning department code.
    #[serde(rename = "ORG_CODE")]
    pub org_code: Option<String>,
    /// Candidate robots' aliases, comma-separated.
    #[serde(rename = "EXEC_ROBOTS_ALIAS")]
    pub exec_robots_alias: Option<String>,
    /// 'plan' for a scheduled job, otherwise the user name ('plan 计划 用户名'); 'cff' in the example.
    #[serde(rename = "JOB_TYPE")]
    pub job_type: Option<String>,
    /// Current department name.
    #[serde(rename = "CUR_ORG_NAME")]
    pub cur_org_name: Option<String>,
    /// Process file.
    #[serde(rename = "PROC_FILE")]
    pub proc_file: Option<String>,
    /// Robot end, epoch ms.
    #[serde(rename = "ROBOT_END_TIME")]
    pub robot_end_time: Option<i64>,
    /// Modification time, epoch ms.
    #[serde(rename = "MODIFY_TIME")]
    pub modify_time: Option<i64>,
}

/// Run a schedule once, now
///
/// Section 3.9.2.
///
/// The answer has no id of the job that it creates: find it with `job.list` for the schedule's process.
/// Data can't be handed to the run; use variables or queues.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// Id of the schedule, from `schedule.list`.
    pub id: i64,
}

impl Endpoint for Create {
    const ID: &'static str = "job.create";
    const TITLE: &'static str = "立即执行一次调度";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/job/create";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

/// Run a job again
///
/// Section 3.9.3.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Retry {
    /// Id of the job.
    pub id: i64,
}

impl Endpoint for Retry {
    const ID: &'static str = "job.retry";
    const TITLE: &'static str = "流程任务重新执行";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/job/retry";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

/// Stop a running job, or cancel a waiting one
///
/// Section 3.9.4.
///
/// Success means that the vendor has accepted it; `job.list` tells what becomes of the job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stop {
    /// Id of the job.
    pub id: i64,
}

impl Endpoint for Stop {
    const ID: &'static str = "job.stop";
    const TITLE: &'static str = "停止取消流程任务";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/job/stop";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// Delete a job
///
/// Section 3.9.5.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// Id of the job, as a string.
    pub id: String,
}

impl Endpoint for Delete {
    const ID: &'static str = "job.delete";
    const TITLE: &'static str = "删除流程任务";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/job";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}
