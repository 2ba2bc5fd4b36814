//! Values in XML.

/// Whether a body is XML, or as good as, whatever its content type says.
pub(super) fn is_in(body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

/// A value as it stands in text, in an attribute, or in a CDATA section, where nothing is escaped.
pub(super) fn escape(value: &str, in_section: bool) -> Vec<u8> {
    if in_section {
        // What would end the section is cut in two.
        return value.replace("]]>", "]]]]><![CDATA[>").into_bytes();
    }
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        escaped.push_str(match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&apos;",
            // As they are, a parser makes spaces or line feeds of them.
            '\t' => "&#9;",
            '\n' => "&#10;",
            '\r' => "&#13;",
            other => {
                escaped.push(other);
                continue;
            }
        });
    }
    escaped.into_bytes()
}

/// Follows the CDATA sections of a text that only grows.
#[derive(Debug, Default)]
pub(super) struct Sections {
    seen: usize,
    open: bool,
}

impl Sections {
    /// Whether the text ends in a section.
    pub(super) fn is_open(&mut self, text: &[u8]) -> bool {
        loop {
            let mark: &[u8] = if self.open { b"]]>" } else { b"<![CDATA[" };
            let rest = &text[self.seen..];
            let Some(index) = rest.windows(mark.len()).position(|window| window == mark) else {
                // The mark may have begun.
                self.seen = self.seen.max((text.len() + 1).saturating_sub(mark.len()));
                return self.open;
            };
            self.seen += index + mark.len();
            self.open = !self.open;
        }
    }
}
