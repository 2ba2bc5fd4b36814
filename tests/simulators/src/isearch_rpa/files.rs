//! Shared files: every user has a name once.

use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::store::{Outcome, SharedFile, Store, done, paged};
use crate::clock::{self, now_ms};
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

/// RFC 8187's attr-char, less the marks that nobody needs.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    match call.operation.id {
        "file.list" => {
            let user = call.integer("userId");
            let files = store.files.iter();
            let mine = files.filter(|file| user.is_none_or(|user| file.user == user));
            let name = call.text("fileName").unwrap_or_default();
            let rows: Vec<Value> = mine.filter(|file| file.name.contains(name)).map(row).collect();
            paged(call, &rows)
        }
        "file.upload" => upload(store, call),
        "file.download" => download(store, call),
        _ => {
            let id = call.text("id").unwrap_or_default();
            let at = store.files.iter().position(|file| file.id == id);
            store.files.remove(at.ok_or_else(missing)?);
            done()
        }
    }
}

fn missing() -> Refusal {
    Refusal::vendor(10001, "文件不存在")
}

fn row(file: &SharedFile) -> Value {
    let bytes = file.content.len();
    let size = match bytes {
        0..1024 => format!("{bytes}B"),
        1024..1_048_576 => format!("{}K", bytes / 1024),
        _ => format!("{}M", bytes / 1_048_576),
    };
    json!({
        "fileName": file.name,
        "fileSize": size,
        "fileId": file.id,
        "createTime": clock::format(file.created),
        "fileAllPath": format!("/share/{}/{}", file.user, file.name),
        "fileDesc": null,
        "fileTag": file.tag,
        "byteCount": bytes,
    })
}

fn find(store: &Store, name: &str, user: Option<i64>) -> Option<usize> {
    let mut files = store.files.iter();
    files.position(|file| file.name == name && Some(file.user) == user)
}

fn upload(store: &mut Store, call: &Call) -> Outcome {
    let Some(part) = call.file("uploadFile") else {
        return Err(missing());
    };
    let name = part.file_name.clone().unwrap_or_default();
    let user = call.integer("userId");
    let tag = call.text("fileTag").map(str::to_owned);
    if let Some(at) = find(store, &name, user) {
        if call.text("isOverwrite") != Some("yes") {
            return Err(Refusal::vendor(10002, "文件已存在"));
        }
        let file = &mut store.files[at];
        file.content = part.content.clone();
        file.tag = tag;
        file.created = now_ms();
    } else {
        let id = store.next_id().to_string();
        store.files.push(SharedFile {
            id,
            name,
            user: user.unwrap_or_default(),
            tag,
            created: now_ms(),
            content: part.content.clone(),
        });
    }
    done()
}

fn download(store: &Store, call: &Call) -> Outcome {
    let name = call.text("fileName").unwrap_or_default();
    let at = find(store, name, call.integer("userId")).ok_or_else(missing)?;
    let file = &store.files[at];
    let mut answer = Answer::new(StatusCode::OK, content_type(name), file.content.clone());
    let encoded = utf8_percent_encode(name, ESCAPED);
    let disposition = format!("attachment; filename*=UTF-8''{encoded}");
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        answer.headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(answer)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("txt") => "text/plain;charset=UTF-8",
        Some("csv") => "text/csv;charset=UTF-8",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}
