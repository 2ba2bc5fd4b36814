//! Shared files (section 3.12).

use patchbay_sdk::answer::File;
use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use super::common::{PAGES, YesNo};
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Upload, Download, Delete];

/// List the shared files, page by page
///
/// Section 3.12.1.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "file.list",
    title = "获取文件列表",
    route = "GET /oapi/v1/share/file",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<SharedFile>,
    example = r#"{"fileName":"a","page":1,"size":10}"#
)]
pub struct List {
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many files a page has.
    #[param(title = "每页记录", min = 1)]
    pub size: i64,
    /// Only files of this user: `id` of `user.list`.
    #[param(title = "用户 id", lenient)]
    pub user_id: Option<i64>,
    /// Only files of this name. It is in the document's example alone, which doesn't say whether a part of
    /// the name is enough.
    #[param(title = "文件名称")]
    pub file_name: Option<String>,
}

/// A shared file.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct SharedFile {
    /// Name of the file: `fileName` of `file.download`.
    #[schema(title = "文件名称")]
    pub file_name: Option<String>,
    /// Size of the file as text: `5M`.
    // The table has 响应信息, a slip.
    #[schema(title = "文件大小")]
    pub file_size: Option<String>,
    /// Id of the file: `id` of `file.delete`. In the document's table only.
    #[schema(title = "文件 id")]
    pub file_id: Option<String>,
    /// When it was created, `yyyy-MM-dd HH:mm:ss`.
    // The table has 总记录数, a slip.
    #[schema(title = "创建时间")]
    pub create_time: Option<String>,
    /// Full path of the file.
    #[schema(title = "文件全路径")]
    pub file_all_path: Option<String>,
    /// Description. In the document's example only.
    #[schema(title = "文件描述")]
    pub file_desc: Option<String>,
}

/// Upload a shared file
///
/// Section 3.12.2.
///
/// The answer has no id: find the file with `file.list`. A file has at most 8 MiB.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "file.upload",
    title = "文件上传 (postman 测试)",
    route = "POST /oapi/v1/share/file",
    effect = Write,
    encoding = Multipart,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"fileName":"a.txt","content":"aGVsbG8=","isOverwrite":"yes","fileTag":"a,b","userId":1}"#
)]
pub struct Upload {
    /// Name of the file at the vendor.
    #[param(title = "文件名")]
    pub file_name: String,
    /// Its bytes in Base64; at most 8 MiB before encoding. Travels as the file part `uploadFile`.
    #[param(file(part = "uploadFile", name = "fileName"))]
    pub content: String,
    /// Whether a file of this name is replaced. The document doesn't say what holds without it.
    #[param(title = "是否覆盖")]
    pub is_overwrite: Option<YesNo>,
    /// Tags, separated by commas: `a,b`.
    #[param(title = "标签")]
    pub file_tag: Option<String>,
    /// User whose file it is: `id` of `user.list`.
    #[param(title = "用户 id", lenient)]
    pub user_id: i64,
}

/// Download a shared file
///
/// Section 3.12.3.
///
/// A file has at most 8 MiB. The document shows only what a failure looks like: code `1000x` (文件不存在).
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "file.download",
    title = "下载文件",
    route = "GET /oapi/v1/share/file/download",
    effect = Read,
    answer = File,
    rename_all = "camelCase",
    response = File,
    example = r#"{"fileName":"a.txt","userId":1}"#
)]
pub struct Download {
    /// Name of the file: `fileName` of `file.list`.
    #[param(title = "文件名")]
    pub file_name: String,
    /// User whose file it is: `id` of `user.list`.
    #[param(title = "用户 id", lenient)]
    pub user_id: i64,
}

/// Delete a shared file
///
/// Section 3.12.4.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "file.delete",
    title = "删除文件(Postman 测试)",
    route = "DELETE /oapi/v1/share/file",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"id":"1"}"#
)]
pub struct Delete {
    /// Id of the file: `fileId` of `file.list`. Travels as a string.
    #[param(title = "文件 id", lenient)]
    pub id: String,
}
