//! RPA processes and their versions (sections 3.6 and 3.7).

use patchbay_sdk::{Effect, Endpoint, Method, Nothing, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Delete, ListVersions];

/// List the processes, page by page
///
/// Section 3.6.1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Process name filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_name: Option<String>,
    /// Developer user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deve_user_name: Option<String>,
    /// Owner user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_user_name: Option<String>,
    /// Owning department code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_code: Option<String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "process.list";
    const TITLE: &'static str = "获取流程列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/process";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Process>;
}

/// A process.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Process ID.
    pub id: Option<i64>,
    /// Creation time, epoch ms.
    pub create_time: Option<i64>,
    /// Modification time, epoch ms.
    pub modify_time: Option<i64>,
    /// Process code.
    pub proc_code: Option<String>,
    /// Process name.
    pub proc_name: Option<String>,
    /// Process file, e.g. `1.0.0.0_caa_1.ipkg`.
    pub proc_file: Option<String>,
    /// Process version.
    pub proc_ver: Option<String>,
    /// Developer user name.
    pub developer_user: Option<String>,
    /// Owner ID (sic).
    pub owber_user_id: Option<i64>,
    /// Owner user name (sic).
    pub owber_user: Option<String>,
    /// Owning department code (cascaded).
    pub org_code: Option<String>,
    /// Current department name.
    pub cur_org_name: Option<String>,
    /// Department.
    pub cur_name: Option<String>,
    /// Version publish time, epoch ms.
    pub publish_time: Option<i64>,
    /// Process description.
    pub proc_desc: Option<String>,
    /// Wait timeout, minutes.
    pub pending_timeout: Option<i64>,
    /// Run timeout, minutes.
    pub running_timeout: Option<i64>,
    /// Manual execution time, minutes.
    pub hand_do_min: Option<i64>,
    /// Automatic stop after, minutes.
    pub auto_stop_time: Option<i64>,
    /// Retries on failure.
    pub fail_try_times: Option<i64>,
    /// Icon name.
    pub proc_icon: Option<String>,
    /// Keywords, separated by spaces.
    pub key_words: Option<String>,
    /// Workflow state: edit, `pre_release` (to be released), release, deleted.
    pub work_status: Option<String>,
    /// Last state change, epoch ms.
    pub status_ctime: Option<i64>,
    /// Whether an assistant (0/1).
    pub is_assistant: Option<i64>,
    /// Whether started at boot (0/1).
    pub is_start_up: Option<i64>,
}

/// Delete a process
///
/// Section 3.6.2.
///
/// What becomes of its versions, schedules and running jobs isn't documented.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// Id of the process, as `process.list` gives it, as a string.
    pub id: String,
}

impl Endpoint for Delete {
    const ID: &'static str = "process.delete";
    const TITLE: &'static str = "删除流程";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/process";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// List the versions of processes, page by page
///
/// Section 3.7.1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListVersions {
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
    /// Id of the process; without it, the versions of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_id: Option<i64>,
}

impl Endpoint for ListVersions {
    const ID: &'static str = "process-version.list";
    const TITLE: &'static str = "获取流程版本";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/process/version";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Version>;
}

/// A version of a process.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Version ID.
    pub id: Option<i64>,
    /// Creation time, epoch ms.
    pub create_time: Option<i64>,
    /// Modification time, epoch ms.
    pub modify_time: Option<i64>,
    /// Time the version was last changed in the designer, '2020/07/08 14:22:25'.
    pub pro_change: Option<String>,
    /// Process name.
    pub proc_name: Option<String>,
    /// Department code.
    pub org_code: Option<String>,
    /// Process code.
    pub proc_code: Option<String>,
    /// Process file path.
    pub proc_file: Option<String>,
    /// Process version number.
    pub proc_ver: Option<String>,
    /// File size.
    pub file_size: Option<i64>,
    /// Developer user name.
    pub developer_user: Option<String>,
    /// Owner ID (sic).
    pub owber_user_id: Option<i64>,
    /// Owner user name (sic).
    pub owber_user: Option<String>,
    /// Whether active.
    pub is_activity: Option<bool>,
    /// Version publish time, 'yyyy-MM-dd HH:mm:ss'.
    pub publish_time: Option<String>,
    /// Process description.
    pub proc_desc: Option<String>,
    /// Version notes.
    pub ver_explain: Option<String>,
    /// State; 'release' in the example.
    pub work_status: Option<String>,
    /// Current department name.
    pub cur_org_name: Option<String>,
    /// Last state change, 'yyyy-MM-dd HH:mm:ss'.
    pub status_ctime: Option<String>,
}
