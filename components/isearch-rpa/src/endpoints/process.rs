//! RPA processes and their versions (sections 3.6 and 3.7).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use super::common::PAGES;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Delete, ListVersions];

/// List the processes, page by page
///
/// Section 3.6.1.
///
/// There is no filter for `procCode`, by which schedules name their process: look through the list.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "process.list",
    title = "获取流程列表",
    route = "GET /oapi/v1/process",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Process>,
    example = r#"{"page":1,"size":10}"#
)]
pub struct List {
    /// Only processes of this name. The document doesn't say whether a part of the name is enough.
    #[param(title = "流程名")]
    pub proc_name: Option<String>,
    /// Only processes of this developer: a user name, as in `developerUser` of this list.
    #[param(title = "开发者用户名")]
    pub deve_user_name: Option<String>,
    /// Only processes of this owner: a user name, as in `owberUser` of this list.
    #[param(title = "所有者用户名")]
    pub own_user_name: Option<String>,
    /// Only processes of this department: a code as in `orgCode` of this list, with those of the departments
    /// above it. The document doesn't say whether `curCode` of `org.list` is taken too.
    #[param(title = "所属部门编号")]
    pub org_code: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many processes a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// A process.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Process {
    /// Process ID: `id` of `job.list` and `process.delete`, `procId` of `process-version.list`.
    #[schema(title = "流程 id")]
    pub id: Option<i64>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    #[schema(title = "修改时间")]
    pub modify_time: Option<i64>,
    /// Process code: `procCode` of `schedule.list`, `PROC_CODE` of `job.list`.
    #[schema(title = "流程编号")]
    pub proc_code: Option<String>,
    /// Name of the process.
    #[schema(title = "流程名称")]
    pub proc_name: Option<String>,
    /// File of the process: `1.0.0.0_caa_1.ipkg`.
    #[schema(title = "流程文件")]
    pub proc_file: Option<String>,
    /// Version of the process.
    #[schema(title = "流程版本")]
    pub proc_ver: Option<String>,
    /// User name of the developer.
    #[schema(title = "开发者用户名")]
    pub developer_user: Option<String>,
    /// ID of the owner, in the vendor's spelling.
    #[schema(title = "所有者 ID")]
    pub owber_user_id: Option<i64>,
    /// User name of the owner, in the vendor's spelling.
    #[schema(title = "所有者用户名")]
    pub owber_user: Option<String>,
    /// Department code with those of the departments above it: `-010-025-`.
    #[schema(title = "所属部门编号 (级联编号)")]
    pub org_code: Option<String>,
    /// Name of the department itself.
    #[schema(title = "当前部门名称")]
    pub cur_org_name: Option<String>,
    /// Department; `null` in the document's example.
    #[schema(title = "部门")]
    pub cur_name: Option<String>,
    /// When this version was published, in milliseconds since 1970.
    #[schema(title = "版本发布时间")]
    pub publish_time: Option<i64>,
    /// Description.
    #[schema(title = "流程描述信息")]
    pub proc_desc: Option<String>,
    /// How long a job may wait, in minutes.
    #[schema(title = "等待超时时间，分钟")]
    pub pending_timeout: Option<i64>,
    /// How long a job may run, in minutes.
    #[schema(title = "运行超时时间，分钟")]
    pub running_timeout: Option<i64>,
    /// How long the work takes by hand, in minutes.
    #[schema(title = "人工执行耗时，分钟")]
    pub hand_do_min: Option<i64>,
    /// After how long a job is stopped, in minutes.
    #[schema(title = "自动停止时长，分钟")]
    pub auto_stop_time: Option<i64>,
    /// How often a job that has failed is repeated.
    #[schema(title = "失败重试次数")]
    pub fail_try_times: Option<i64>,
    /// Name of the icon.
    // Printed as `proclcon`: a capital I that was misread, as in `proclid`.
    #[schema(title = "图标名称")]
    pub proc_icon: Option<String>,
    /// Keywords, separated by spaces.
    #[schema(title = "关键字多个用空格")]
    pub key_words: Option<String>,
    /// State of the process.
    #[schema(title = "状态（ workflow状态）")]
    pub work_status: Option<WorkStatus>,
    /// When the state changed, in milliseconds since 1970.
    #[schema(title = "状态上次修改时间")]
    pub status_ctime: Option<i64>,
    /// Whether it is an assistant: `0` in the document's example.
    #[schema(title = "是否助手")]
    pub is_assistant: Option<i64>,
    /// Whether it starts with the computer: `0` in the document's example.
    #[schema(title = "是否开机启动")]
    pub is_start_up: Option<i64>,
}

/// State of a process.
#[derive(Debug, Schema)]
#[schema(rename_all = "snake_case")]
pub enum WorkStatus {
    /// Being edited.
    #[schema(title = "编辑中")]
    Edit,
    /// To be released.
    #[schema(title = "待发布")]
    PreRelease,
    /// Released.
    #[schema(title = "已发布")]
    Release,
    /// Deleted.
    #[schema(title = "已删除")]
    Deleted,
}

/// Delete a process
///
/// Section 3.6.2.
///
/// The document doesn't say what becomes of its versions, schedules and running jobs.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "process.delete",
    title = "删除流程",
    route = "DELETE /oapi/v1/process",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"id":"54"}"#
)]
pub struct Delete {
    /// Process ID: `id` of `process.list`. Travels as a string.
    #[param(title = "流程 id", lenient)]
    pub id: String,
}

/// List the versions of processes, page by page
///
/// Section 3.7.1.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "process-version.list",
    title = "获取流程版本",
    route = "GET /oapi/v1/process/version",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Version>,
    example = r#"{"page":1,"size":10,"procId":54}"#,
    example = r#"{"page":1,"size":10}"#
)]
pub struct ListVersions {
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many versions a page has.
    #[param(title = "每页记录", min = 1)]
    pub size: i64,
    /// Only versions of this process: `id` of `process.list`. The document prints `proclid`, a misread capital I.
    #[param(title = "流程 id")]
    pub proc_id: Option<i64>,
}

/// A version of a process.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Version {
    /// Id of the version. No operation takes it.
    #[schema(title = "id")]
    pub id: Option<i64>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    #[schema(title = "修改时间")]
    pub modify_time: Option<i64>,
    /// When it was changed in the designer, `yyyy/MM/dd HH:mm:ss`.
    #[schema(title = "流程版本设计器修改时间")]
    pub pro_change: Option<String>,
    /// Name of the process.
    #[schema(title = "流程名称")]
    pub proc_name: Option<String>,
    /// Department code with those of the departments above it: `-010-025-`.
    #[schema(title = "部门编号")]
    pub org_code: Option<String>,
    /// Process code.
    #[schema(title = "流程编号")]
    pub proc_code: Option<String>,
    /// Path of the process's file.
    #[schema(title = "流程文件路径")]
    pub proc_file: Option<String>,
    /// Version number: `1.0.0.0`.
    #[schema(title = "流程版本号")]
    pub proc_ver: Option<String>,
    /// Size of the file; the document doesn't give the unit.
    #[schema(title = "文件大小")]
    pub file_size: Option<i64>,
    /// User name of the developer.
    #[schema(title = "开发者用户名")]
    pub developer_user: Option<String>,
    /// ID of the owner, in the vendor's spelling.
    #[schema(title = "所有者 ID")]
    pub owber_user_id: Option<i64>,
    /// User name of the owner, in the vendor's spelling.
    #[schema(title = "所有者用户名")]
    pub owber_user: Option<String>,
    /// Whether it is active.
    #[schema(title = "是否活动")]
    pub is_activity: Option<bool>,
    /// When it was published, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "版本发布时间")]
    pub publish_time: Option<String>,
    /// Description of the process.
    #[schema(title = "流程描述")]
    pub proc_desc: Option<String>,
    /// Notes on the version.
    #[schema(title = "版本说明")]
    pub ver_explain: Option<String>,
    /// Its state: `release` in the document's example. Section 3.6.1 lists the states of processes.
    #[schema(title = "状态")]
    pub work_status: Option<String>,
    /// Name of the department itself.
    #[schema(title = "当前部门名称")]
    pub cur_org_name: Option<String>,
    /// When the state changed, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "状态上次修改时间")]
    pub status_ctime: Option<String>,
}
