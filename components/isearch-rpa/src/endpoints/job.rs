//! Jobs: runs of a process (section 3.9).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use super::common::{PAGES, Urgency};
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Retry, Stop, Delete];

/// List the jobs of a process, page by page
///
/// Section 3.9.1.
///
/// Takes the id of a process, not of a job; each job's own id is `ID` in what it gives. No operation gives a
/// single job: `job.wait` follows one in this list. The document doesn't say how the list is sorted.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "job.list",
    title = "获取流程任务",
    route = "GET /oapi/v1/job",
    effect = Read,
    pages = PAGES,
    response = Page<Job>,
    example = r#"{"id":45,"page":1,"size":10}"#
)]
pub struct List {
    /// Process ID: `id` of `process.list`. For a schedule: the `id` of the process that has its `procCode`.
    #[param(title = "流程 ID")]
    pub id: i64,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many jobs a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// A job. The vendor prints these names in capitals.
#[derive(Debug, Schema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct Job {
    /// When the run began, in milliseconds since 1970.
    #[schema(title = "开始运行时间")]
    pub start_time: Option<i64>,
    /// The robot that executes it: `-cff-`.
    #[schema(title = "当前执行机器人")]
    pub curr_robot_no: Option<String>,
    /// How long the work takes by hand, in minutes, 0 to 99999.
    #[schema(title = "人工执行耗时, 分钟 0~99999")]
    pub proc_hand_do_min: Option<i64>,
    /// ID of the owner, in the vendor's spelling.
    #[schema(title = "所有者 id")]
    pub owber_user_id: Option<i64>,
    /// Process code: `procCode` of `process.list`.
    #[schema(title = "流程编号")]
    pub proc_code: Option<String>,
    /// When the job came to be, in milliseconds since 1970.
    #[schema(title = "任务产生时间")]
    pub job_time: Option<i64>,
    /// Its priority.
    #[schema(title = "优先级")]
    pub priority: Option<Urgency>,
    /// Its users: `-department code-,-user name-`, several separated by commas.
    #[schema(title = "使用者信息-部门编号-, -用户名-多个逗号分隔")]
    pub apply_users: Option<String>,
    /// How long it waited, in seconds.
    #[schema(title = "等待时长, 秒")]
    pub pending_time: Option<i64>,
    /// Alias of the robot that executes it.
    #[schema(title = "当前执行机器人别名")]
    pub curr_robot_name: Option<String>,
    /// When the version was published, in milliseconds since 1970.
    #[schema(title = "版本发布时间")]
    pub publish_time: Option<i64>,
    /// How long it ran, in seconds.
    #[schema(title = "运行时长, 秒")]
    pub run_time_sec: Option<i64>,
    /// Version of the process.
    #[schema(title = "流程版本")]
    pub proc_ver: Option<String>,
    /// Its state.
    #[schema(title = "状态")]
    pub status: Option<Status>,
    /// When the run ended, in milliseconds since 1970.
    #[schema(title = "结束运行时间")]
    pub end_time: Option<i64>,
    /// Name of the owner, in the vendor's spelling.
    #[schema(title = "所有者名称")]
    pub owber_user: Option<String>,
    /// How often it is repeated after a failure.
    #[schema(title = "失败重试次数")]
    pub fail_try_times: Option<i64>,
    /// Description: `机器人执行成功`.
    #[schema(title = "描述")]
    pub description: Option<String>,
    /// Name of the process.
    #[schema(title = "流程名称")]
    pub proc_name: Option<String>,
    /// Id of the job: `id` of `job.retry`, `job.stop` and `job.delete`, `jobId` of `job.wait`.
    #[schema(title = "ID")]
    pub id: Option<i64>,
    /// How it came to be: `手工执行` (by hand) or `任务调度` (by a schedule) in the document's table, `手工运行` in its
    /// example.
    #[schema(title = "产生方式")]
    pub produce_type: Option<String>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// Number of the job, a UUID. No operation takes it.
    #[schema(title = "任务编号")]
    pub job_no: Option<String>,
    /// Robots that may execute it, separated by commas.
    #[schema(title = "候选机器人信息 逗号分隔多个")]
    pub exec_robots_no: Option<String>,
    /// How often it has run.
    #[schema(title = "运行次数")]
    pub run_times: Option<i64>,
    /// When the robot began, in milliseconds since 1970.
    #[schema(title = "机器人开始时间")]
    pub robot_start_time: Option<i64>,
    /// Type of the scheduling.
    #[schema(title = "调度类型")]
    pub sch_type: Option<Scheduling>,
    /// How long it may wait, in minutes, 0 to 1440; 0: without limit.
    #[schema(title = "等待超时时间，分钟 0~1440 0 无等待超时")]
    pub pending_timeout: Option<i64>,
    /// How often it has waited.
    #[schema(title = "等待次数")]
    pub wait_times: Option<i64>,
    /// After how long it is stopped, in minutes, 0 to 10080; 0: never.
    #[schema(title = "自动停止时长，分钟 0~10080 0 不进行自动停止")]
    pub auto_stop_time: Option<i64>,
    /// Its place among the jobs: a time in milliseconds.
    #[schema(title = "任务顺序，当前毫秒值")]
    pub job_order: Option<i64>,
    /// Host names of the robots that may execute it, separated by commas.
    #[schema(title = "候选机器人主机名 逗号分隔多个")]
    pub exec_robots_names: Option<String>,
    /// User name of the developer.
    #[schema(title = "开发者用户名")]
    pub developer_user: Option<String>,
    /// How long it may run, in minutes, 0 to 10080; 0: without limit.
    #[schema(title = "运行超时时间，分钟 0~10080 0 无运行超时")]
    pub running_timeout: Option<i64>,
    /// Department code with those of the departments above it: `-010-025-`.
    #[schema(title = "所属部门编号")]
    pub org_code: Option<String>,
    /// Aliases of the robots that may execute it, separated by commas.
    #[schema(title = "候选机器人别名 逗号分隔多个")]
    pub exec_robots_alias: Option<String>,
    /// `plan` (计划), or a user name (用户名).
    #[schema(title = "任务类型")]
    pub job_type: Option<String>,
    /// Name of the department itself.
    #[schema(title = "当前部门名称")]
    pub cur_org_name: Option<String>,
    /// File of the process.
    #[schema(title = "流程文件")]
    pub proc_file: Option<String>,
    /// When the robot ended, in milliseconds since 1970.
    #[schema(title = "机器人结束时间")]
    pub robot_end_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    #[schema(title = "修改时间")]
    pub modify_time: Option<i64>,
}

/// State of a job.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Status {
    /// It waits to be run.
    #[schema(title = "等待运行")]
    Pending,
    /// It is being executed.
    #[schema(title = "正在执行")]
    Running,
    /// It has been executed with success: ended.
    #[schema(title = "执行成功")]
    Success,
    /// It is about to fail.
    #[schema(title = "失败中的")]
    Failing,
    /// It has failed: ended.
    #[schema(title = "已经失败")]
    Failed,
    /// It is about to be stopped.
    #[schema(title = "准备停止")]
    Stopping,
    /// It was stopped: ended.
    #[schema(title = "已停止")]
    Stopped,
    /// Its dispatch timed out: ended.
    #[schema(title = "派发超时")]
    Pendout,
    /// Its run timed out: ended.
    #[schema(title = "运行超时")]
    Runout,
    /// It was cancelled: ended.
    #[schema(title = "已取消")]
    Cancelled,
}

/// Type of a job's scheduling.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub enum Scheduling {
    /// Manager.
    #[schema(title = "管理者")]
    Manager,
    /// Not a manager.
    #[schema(title = "非管理者")]
    UnManager,
}

/// Run a schedule once, now
///
/// Section 3.9.2.
///
/// The answer has no id of the job that it creates. To find it: `procCode` of the schedule in `schedule.list`,
/// `id` of the process with that `procCode` in `process.list`, and with that `job.list`; which of several new
/// jobs is this one can't be known. Then `job.wait`. No data can be handed to the run but through variables
/// (`asset.update`) and queues (`queue-item.create`).
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "job.create",
    title = "立即执行一次调度",
    route = "POST /oapi/v1/job/create",
    effect = Write,
    response = Nothing,
    example = r#"{"id":3}"#
)]
pub struct Create {
    /// Schedule ID: `id` of `schedule.list`.
    #[param(title = "调度 id", lenient)]
    pub id: i64,
}

/// Run a job again
///
/// Section 3.9.3.
///
/// The document doesn't say whether the job keeps its id, nor when the list shows the new run. To wait for its
/// end, take `END_TIME` of the job from `job.list` before, and give it to `job.wait` as `previousEndTime`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "job.retry",
    title = "流程任务重新执行",
    route = "POST /oapi/v1/job/retry",
    effect = Write,
    response = Nothing,
    example = r#"{"id":4}"#
)]
pub struct Retry {
    /// Id of the job: `ID` of `job.list`.
    #[param(title = "任务 id", lenient)]
    pub id: i64,
}

/// Stop a running job, or cancel a waiting one
///
/// Section 3.9.4.
///
/// Success means that the vendor has accepted it: `job.wait` waits until the job has ended.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "job.stop",
    title = "停止取消流程任务",
    route = "POST /oapi/v1/job/stop",
    effect = Idempotent,
    response = Nothing,
    example = r#"{"id":5}"#
)]
pub struct Stop {
    /// Id of the job: `ID` of `job.list`.
    #[param(title = "任务 id", lenient)]
    pub id: i64,
}

/// Delete a job
///
/// Section 3.9.5.
///
/// The document doesn't say what becomes of a job that is under way; `job.stop` ends it.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "job.delete",
    title = "删除流程任务",
    route = "DELETE /oapi/v1/job",
    effect = Idempotent,
    response = Nothing,
    example = r#"{"id":"6"}"#
)]
pub struct Delete {
    /// Id of the job: `ID` of `job.list`. Travels as a string.
    #[param(title = "任务 id", lenient)]
    pub id: String,
}
