//! Schedules (section 3.8). The vendor documents no way to create or change one.

use patchbay_sdk::{Endpoint, Operation, Page, Schema, operations};

use super::common::{PAGES, Urgency};
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List];

/// List the schedules, page by page
///
/// Section 3.8.1.
///
/// `job.create` runs one of them at once. No operation creates or changes one.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "schedule.list",
    title = "获取调度列表",
    route = "GET /oapi/v1/schedule/list",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Schedule>,
    example = r#"{"page":1,"size":10}"#
)]
pub struct List {
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many schedules a page has.
    #[param(title = "每页记录", min = 1)]
    pub size: i64,
}

/// A schedule.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Schedule {
    /// Schedule ID: `id` of `job.create`.
    #[schema(title = "id")]
    pub id: Option<i64>,
    /// When it was created, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "创建时间")]
    pub create_time: Option<String>,
    /// When it was changed, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "修改时间")]
    pub modify_time: Option<String>,
    /// How often it runs.
    #[schema(title = "调度模式")]
    pub schedule_mode: Option<Mode>,
    /// Command of the schedule: `1` in the document's example.
    #[schema(title = "调度命令")]
    pub schedule_command: Option<String>,
    /// Time of the schedule; empty in the document's example.
    #[schema(title = "调度时间")]
    pub schedule_time: Option<String>,
    /// When it begins to hold.
    #[schema(title = "调度开始时间")]
    pub start_time: Option<String>,
    /// When it ceases to hold.
    #[schema(title = "调度失效时间")]
    pub end_time: Option<String>,
    /// Cron expression: `0 0/1 * * * ?`.
    #[schema(title = "调度 cron 表达式")]
    pub schedule_expre: Option<String>,
    /// The expression in Chinese words: `每隔 1 分钟执行一次`.
    #[schema(title = "调度表达式中文描述")]
    pub schedule_expre_desc: Option<String>,
    /// When it runs next, in milliseconds since 1970.
    #[schema(title = "下次执行时间")]
    pub next_exe_time: Option<i64>,
    /// Only in the document's example, as `null`.
    pub is_holiday_except: Option<String>,
    /// Type of its jobs.
    #[schema(title = "任务类型")]
    pub job_type: Option<JobType>,
    /// Whether it is enabled.
    #[schema(title = "状态")]
    pub status: Option<Enabled>,
    /// Path of the class of its jobs.
    #[schema(title = "任务类路径")]
    pub job_class_path: Option<String>,
    /// Whether its jobs run in a cluster.
    #[schema(title = "集群任务")]
    pub cloud_job: Option<bool>,
    /// Name of the department itself.
    #[schema(title = "当前部门名称")]
    pub cur_org_name: Option<String>,
    /// ID of the owner, in the vendor's spelling.
    #[schema(title = "所有者 ID")]
    pub owber_user_id: Option<i64>,
    /// Name of the owner, in the vendor's spelling.
    #[schema(title = "所有者名称")]
    pub owber_user: Option<String>,
    /// Name of the schedule.
    #[schema(title = "调度名称")]
    pub sch_name: Option<String>,
    /// Code of its process: `procCode` of `process.list`, where the `id` is that `job.list` needs.
    #[schema(title = "流程编号")]
    pub proc_code: Option<String>,
    /// Version number of its process.
    #[schema(title = "流程版本号")]
    pub proc_ver: Option<String>,
    /// Priority of its jobs.
    #[schema(title = "优先级")]
    pub priority: Option<Urgency>,
    /// Department code with those of the departments above it: `-010-025-`.
    #[schema(title = "所属部门编号")]
    pub org_code: Option<String>,
    /// Robots that may run it: `-all-` in the document's example.
    #[schema(title = "候选机器人信息")]
    pub exec_robots_no: Option<String>,
    /// Host names of the robots that may run it.
    #[schema(title = "候选机器人主机名")]
    pub exec_robots_names: Option<String>,
    /// Aliases of the robots that may run it.
    #[schema(title = "候选机器人别名")]
    pub exec_robots_alias: Option<String>,
    /// A JSON expression; `null` in the document's example.
    #[schema(title = "json 表达式")]
    pub sch_param: Option<String>,
    /// How it is run.
    #[schema(title = "运行模式")]
    pub run_mode: Option<RunMode>,
    /// How long a job may wait, in minutes.
    #[schema(title = "等待超时时间，分钟")]
    pub pending_timeout: Option<i64>,
    /// How long a job may run, in minutes.
    #[schema(title = "运行超时时间，分钟")]
    pub running_timeout: Option<i64>,
    /// How long the work takes by hand; the document doesn't give the unit here.
    #[schema(title = "人工执行耗时")]
    pub hand_do_min: Option<i64>,
    /// After how long a job is stopped, in minutes.
    #[schema(title = "自动停止时长，分钟")]
    pub auto_stop_time: Option<i64>,
    /// How often a job that has failed is repeated.
    #[schema(title = "失败重试次数")]
    pub fail_try_times: Option<i64>,
    /// How many jobs it creates.
    #[schema(title = "生成任务数")]
    pub sch_job_nums: Option<i64>,
    /// On which days it runs.
    #[schema(title = "执行模式")]
    pub script: Option<Days>,
    /// ID of the calendar.
    #[schema(title = "日历 ID")]
    pub calendar_id: Option<i64>,
    /// Developer.
    #[schema(title = "开发者")]
    pub developer_user: Option<String>,
}

/// How often a schedule runs.
#[derive(Debug, Schema)]
pub enum Mode {
    /// At a set time.
    #[schema(title = "定时", value = "0")]
    Timed,
    /// Every minute.
    #[schema(title = "每分钟", value = "1")]
    Minutely,
    /// Every hour.
    #[schema(title = "每小时", value = "2")]
    Hourly,
    /// Every day.
    #[schema(title = "每天", value = "3")]
    Daily,
    /// Every week.
    #[schema(title = "每周", value = "4")]
    Weekly,
    /// Every month.
    #[schema(title = "每月", value = "5")]
    Monthly,
    /// Custom.
    #[schema(title = "自定义", value = "6")]
    Custom,
}

/// Type of a schedule's jobs.
#[derive(Debug, Schema)]
pub enum JobType {
    /// Asynchronous.
    #[schema(title = "异步任务", value = 1)]
    Asynchronous,
    /// Synchronous.
    #[schema(title = "同步任务", value = 2)]
    Synchronous,
}

/// Whether a schedule is enabled.
#[derive(Debug, Schema)]
pub enum Enabled {
    /// Enabled.
    #[schema(title = "启用", value = 0)]
    Yes,
    /// Disabled.
    #[schema(title = "停用", value = 1)]
    No,
}

/// How a schedule is run.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum RunMode {
    /// At its times.
    #[schema(title = "定时")]
    Time,
    /// At startup, and at its times.
    #[schema(title = "启动&定时")]
    Startup,
    /// Resident.
    #[schema(title = "常驻")]
    Keep,
}

/// On which days a schedule runs.
#[derive(Debug, Schema)]
pub enum Days {
    /// Every day.
    #[schema(title = "每日执行", value = 1)]
    Every,
    /// On working days.
    #[schema(title = "工作日执行", value = 2)]
    Working,
    /// On days that aren't working days.
    #[schema(title = "非工作日执行", value = 3)]
    Free,
}
