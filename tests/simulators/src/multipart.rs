//! Multipart forms, as the WHATWG's form-data encoding writes them (RFC 7578).

use bytes::Bytes;

/// One part of a multipart form.
#[derive(Debug, Clone)]
pub struct Part {
    /// The field.
    pub name: String,
    /// The file name, for a file part.
    pub file_name: Option<String>,
    /// The content type of the part.
    pub content_type: Option<String>,
    /// The content.
    pub content: Bytes,
}

/// The boundary named by a content type of `multipart/form-data`.
pub(crate) fn boundary(content_type: &str) -> Result<String, String> {
    let mut pieces = content_type.split(';').map(str::trim);
    let kind = pieces.next().unwrap_or_default();
    if !kind.eq_ignore_ascii_case("multipart/form-data") {
        return Err(format!(
            "content type: expected multipart/form-data, arrived {kind:?}"
        ));
    }
    let value = pieces
        .filter_map(|piece| piece.split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim_matches('"').to_owned());
    match value {
        Some(value) if (1..=70).contains(&value.len()) => Ok(value),
        _ => Err("content type: multipart/form-data without a boundary of 1 to 70 characters".into()),
    }
}

/// Takes a body apart.
pub(crate) fn parse(boundary: &str, body: &Bytes) -> Result<Vec<Part>, String> {
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n--{boundary}");
    let Some(mut rest) = body.strip_prefix(opening.as_bytes()) else {
        return Err("multipart: the body does not begin with the boundary".into());
    };
    let mut parts = Vec::new();
    loop {
        if let Some(tail) = rest.strip_prefix(b"--") {
            return match tail {
                b"" | b"\r\n" => Ok(parts),
                _ => Err("multipart: bytes after the closing boundary".into()),
            };
        }
        let Some(inner) = rest.strip_prefix(b"\r\n") else {
            return Err("multipart: a boundary is not followed by a line break".into());
        };
        let Some(end) = find(inner, delimiter.as_bytes()) else {
            return Err("multipart: the closing boundary is missing".into());
        };
        parts.push(part(body, &inner[..end])?);
        rest = &inner[end + delimiter.len()..];
    }
}

fn part(body: &Bytes, raw: &[u8]) -> Result<Part, String> {
    let Some(split) = find(raw, b"\r\n\r\n") else {
        return Err("multipart: a part without a blank line after its headers".into());
    };
    let head =
        std::str::from_utf8(&raw[..split]).map_err(|_| "multipart: the headers of a part are not UTF-8")?;
    let (mut disposition, mut content_type) = (None, None);
    for line in head.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else {
            return Err("multipart: a header line of a part without a colon".into());
        };
        if name.eq_ignore_ascii_case("content-disposition") {
            disposition = Some(value.trim());
        } else if name.eq_ignore_ascii_case("content-type") {
            content_type = Some(value.trim().to_owned());
        }
    }
    let disposition = disposition.ok_or("multipart: a part without a content disposition")?;
    let (name, file_name) = names(disposition)?;
    Ok(Part {
        name,
        file_name,
        content_type,
        content: body.slice_ref(&raw[split + 4..]),
    })
}

/// The name and file name in `form-data; name="…"; filename="…"`.
fn names(disposition: &str) -> Result<(String, Option<String>), String> {
    let Some(mut rest) = disposition.strip_prefix("form-data") else {
        return Err("multipart: a content disposition that is not form-data".into());
    };
    let (mut name, mut file_name) = (None, None);
    while !rest.trim().is_empty() {
        let broken = || format!("multipart: the content disposition is broken near {rest:?}");
        let after = rest.trim_start().strip_prefix(';').ok_or_else(broken)?;
        let (key, value) = after.trim_start().split_once('=').ok_or_else(broken)?;
        let quoted = value.strip_prefix('"').ok_or_else(broken)?;
        let (inner, tail) = quoted.split_once('"').ok_or_else(broken)?;
        match key {
            "name" if name.is_none() => name = Some(unescape(inner)),
            "filename" if file_name.is_none() => file_name = Some(unescape(inner)),
            _ => {
                return Err(format!(
                    "multipart: the content disposition has {key:?}, which form-data does not know, or has it twice"
                ));
            }
        }
        rest = tail;
    }
    let name = name.ok_or("multipart: a part without a name")?;
    Ok((name, file_name))
}

/// The three characters that form-data escapes; everything else stands as it is.
fn unescape(text: &str) -> String {
    text.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = hay[from..].iter().position(|&byte| byte == first) {
        let at = from + at;
        if hay[at..].starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_form_apart() {
        let body = Bytes::from_static(
            "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22; ü+/=~*%&?#.txt\"\r\nContent-Type: text/plain\r\n\r\n\r\n--\r\nx\r\n--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n\r\n--b--\r\n".as_bytes(),
        );
        let parts = parse("b", &body).unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].file_name.as_deref(), Some("a\"; ü+/=~*%&?#.txt"));
        assert_eq!(&parts[0].content[..], b"\r\n--\r\nx");
        assert_eq!(parts[1].name, "t");
        assert!(parts[1].content.is_empty());
    }

    #[test]
    fn refuses_a_broken_form() {
        for broken in ["", "--b", "--b\r\n\r\n", "--b\r\nX\r\n\r\n\r\n--b--", "--b--x"] {
            assert!(parse("b", &Bytes::from(broken)).is_err(), "{broken:?}");
        }
        assert!(boundary("multipart/form-data").is_err());
        assert!(boundary("application/json").is_err());
        assert_eq!(boundary("multipart/form-data; boundary=\"x y\"").unwrap(), "x y");
    }
}
