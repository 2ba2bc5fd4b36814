//! Shared files (section 3.12).

use patchbay_sdk::answer::{File, file_content};
use patchbay_sdk::encode::{Part, scalar};
use patchbay_sdk::{
    Answer, Effect, Encoding, Endpoint, Failure, Method, Nothing, Operation, Page, Pages, operations, params,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::YesNo;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Upload, Download, Delete];

/// List the shared files, page by page
///
/// Section 3.12.1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
    /// User ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
    /// Only files of this name. It is in the document's example alone, which doesn't say whether a part of
    /// the name is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
}

impl Endpoint for List {
    const ID: &'static str = "file.list";
    const TITLE: &'static str = "获取文件列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/share/file";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<SharedFile>;
}

/// A shared file.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedFile {
    /// File name.
    pub file_name: Option<String>,
    /// File size as text, e.g. '5M'.
    pub file_size: Option<String>,
    /// File ID; the id of file.delete; in the table only.
    pub file_id: Option<String>,
    /// Creation time, 'yyyy-MM-dd HH:mm:ss'.
    pub create_time: Option<String>,
    /// Full file path.
    pub file_all_path: Option<String>,
    /// File description.
    pub file_desc: Option<String>,
}

/// Upload a shared file
///
/// Section 3.12.2.
///
/// The answer has no id of the file; find it with `file.list`. A file has at most 8 MiB.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Upload {
    /// Name of the file at the vendor.
    pub file_name: String,
    /// Its bytes in Base64; at most 8 MiB before encoding.
    #[schemars(extend("contentEncoding" = "base64"))]
    pub content: String,
    /// Whether a file of this name is replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_overwrite: Option<YesNo>,
    /// Tags, separated by commas: `a,b`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_tag: Option<String>,
    /// User ID.
    pub user_id: i64,
}

impl Endpoint for Upload {
    const ID: &'static str = "file.upload";
    const TITLE: &'static str = "文件上传 (postman 测试)";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/share/file";
    const EFFECT: Effect = Effect::Write;
    const ENCODING: Encoding = Encoding::Multipart;
    type Response = Nothing;

    fn parts(&self) -> Result<Vec<Part>, Failure> {
        let content = file_content("/content", &self.content)?;
        let mut parts = vec![Part::file("uploadFile", self.file_name.as_str(), content)];
        for (name, value) in params::of(self)? {
            if !matches!(name.as_str(), "fileName" | "content") {
                parts.push(Part::text(name, scalar(&value)));
            }
        }
        Ok(parts)
    }
}

/// Download a shared file
///
/// Section 3.12.3.
///
/// A file has at most 8 MiB.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Download {
    /// File name.
    pub file_name: String,
    /// User ID.
    pub user_id: i64,
}

impl Endpoint for Download {
    const ID: &'static str = "file.download";
    const TITLE: &'static str = "下载文件";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/share/file/download";
    const EFFECT: Effect = Effect::Read;
    const ANSWER: Answer = Answer::File;
    type Response = File;
}

/// Delete a shared file
///
/// Section 3.12.4.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// Id of the file: `fileId` in what `file.list` gives.
    pub id: String,
}

impl Endpoint for Delete {
    const ID: &'static str = "file.delete";
    const TITLE: &'static str = "删除文件(Postman 测试)";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/share/file";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}
