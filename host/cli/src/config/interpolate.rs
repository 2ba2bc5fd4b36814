//! Secrets and other values that stand outside of the configuration.

use std::path::Path;

/// Replaces `${env:NAME}` by an environment variable, and `${file:PATH}` by a file's content without the
/// line end at its end. `$${` stands for `${`. Paths are relative to `folder`.
pub(crate) fn interpolate(text: &str, folder: &Path) -> Result<String, String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        if rest[..start].ends_with('$') {
            result.push_str(&rest[..start - 1]);
            result.push_str("${");
            rest = &rest[start + 2..];
            continue;
        }
        result.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some((reference, after)) = inner.split_once('}') else {
            return Err("has \"${\" without \"}\"; write \"$${\" for the characters themselves".to_owned());
        };
        match reference.split_once(':') {
            Some(("env", name)) => match std::env::var(name) {
                Ok(value) => result.push_str(&value),
                Err(_) => return Err(format!("the environment variable {name:?} isn't set")),
            },
            Some(("file", path)) => result.push_str(&read_secret(&folder.join(path))?),
            _ => {
                return Err(format!(
                    "\"${{{reference}}}\" isn't known; there are ${{env:NAME}} and ${{file:PATH}}"
                ));
            }
        }
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

/// A file's content, without the line end at its end.
pub(crate) fn read_secret(path: &Path) -> Result<String, String> {
    let content = std::fs::read_to_string(path)
        .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
    let content = content.strip_suffix('\n').unwrap_or(&content);
    Ok(content.strip_suffix('\r').unwrap_or(content).to_owned())
}
