//! Multipart bodies (RFC 7578).

use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher, RandomState};

use serde_json::{Map, Value};

use super::scalar;
use crate::answer::file_content;
use crate::failure::Failure;
use crate::shape::FilePart;

/// One part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Name of the form field.
    pub name: String,
    /// Name of the file, for a file part.
    pub file_name: Option<String>,
    /// Its media type; `text/plain` goes without saying.
    pub media_type: Option<&'static str>,
    /// Content of the part.
    pub content: Vec<u8>,
}

impl Part {
    /// A text field.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            file_name: None,
            media_type: None,
            content: text.into().into_bytes(),
        }
    }

    /// A file, sent as `application/octet-stream`.
    pub fn file(name: impl Into<String>, file_name: impl Into<String>, content: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            file_name: Some(file_name.into()),
            media_type: Some("application/octet-stream"),
            content,
        }
    }
}

/// The parts of a multipart body: a text for each parameter but the files and their names. `media_types` are those
/// that texts have.
pub(super) fn parts(
    params: &Map<String, Value>,
    files: &[(&str, &FilePart)],
    media_types: &[(&str, &'static str)],
) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::new();
    for (name, value) in params {
        if let Some((_, file)) = files.iter().find(|(field, _)| field == name) {
            let content = file_content(&format!("/{name}"), value.as_str().unwrap_or_default())?;
            let file_name = file.file_name.and_then(|name| params.get(name)).map(scalar);
            parts.push(Part {
                media_type: Some(file.media_type),
                ..Part::file(
                    file.part,
                    file_name.unwrap_or_else(|| file.part.to_owned()),
                    content,
                )
            });
        } else if !files.iter().any(|(_, file)| file.file_name == Some(name)) {
            let media_type = media_types.iter().find(|(field, _)| field == name);
            parts.push(Part {
                media_type: media_type.map(|(_, media_type)| *media_type),
                ..Part::text(name, scalar(value))
            });
        }
    }
    Ok(parts)
}

/// A multipart body with its content type. Names are escaped as the WHATWG's form encoding does: UTF-8,
/// with `"`, CR and LF percent-encoded.
pub(super) fn multipart(parts: &[Part]) -> (String, Vec<u8>) {
    let boundary = boundary(parts, || {
        let random = || RandomState::new().build_hasher().finish();
        format!("patchbay-{:016x}{:016x}", random(), random())
    });
    let mut bytes = Vec::new();
    for part in parts {
        let mut head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&part.name)
        );
        if let Some(file_name) = &part.file_name {
            // Writing to a string can't fail.
            let _ = write!(head, "; filename=\"{}\"", quoted(file_name));
        }
        if let Some(media_type) = part.media_type {
            let _ = write!(head, "\r\nContent-Type: {media_type}");
        }
        head.push_str("\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&part.content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), bytes)
}

fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The first candidate that no part contains.
fn boundary(parts: &[Part], mut candidate: impl FnMut() -> String) -> String {
    loop {
        let boundary = candidate();
        let contained = parts.iter().any(|part| {
            part.content
                .windows(boundary.len())
                .any(|window| window == boundary.as_bytes())
        });
        if !contained {
            return boundary;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_that_a_part_contains_is_not_taken() {
        let parts = [
            Part::text("a", "of one"),
            Part::file("b", "b", b"\0two\xff".to_vec()),
        ];
        let mut candidates = ["one", "two", "three", "four"].into_iter().map(str::to_owned);
        assert_eq!(boundary(&parts, || candidates.next().unwrap()), "three");
    }
}
