//! Percent-encoding, as strict as RFC 3986.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Takes `a=b&c=d` apart and decodes it.
pub(crate) fn pairs(what: &str, raw: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    if raw.is_empty() {
        return Ok(pairs);
    }
    for piece in raw.split('&') {
        let Some((name, value)) = piece.split_once('=') else {
            return Err(format!("{what}: a piece without \"=\""));
        };
        let name = decode(name, true).map_err(|why| format!("{what}: a name {why}"))?;
        let value = decode(value, true).map_err(|why| format!("{what}: {name:?} {why}"))?;
        if pairs.iter().any(|(other, _)| *other == name) {
            return Err(format!("{what}: {name:?} is there twice"));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// Percent-decodes, refusing what RFC 3986 does not allow in a path segment or a query value.
pub(crate) fn decode(raw: &str, plus_is_space: bool) -> Result<String, String> {
    let bytes = raw.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let fine = match byte {
            b'%' => bytes
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
            _ => byte.is_ascii_alphanumeric() || b"-._~!$'()*+,;=:@/?".contains(&byte),
        };
        if !fine {
            return Err(format!("is not percent-encoded properly at byte {at}"));
        }
    }
    let raw = if plus_is_space {
        Cow::Owned(raw.replace('+', " "))
    } else {
        Cow::Borrowed(raw)
    };
    match percent_decode_str(&raw).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err("does not decode to UTF-8".into()),
    }
}
