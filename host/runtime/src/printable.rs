//! Text from outside, made fit to be shown.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every control character escaped: `\n`, `\u{1b}`. So it stays on its line, and does nothing to the
/// terminal that shows it.
///
/// Control characters are those of Unicode (C0, C1 and DEL), its separators of lines and paragraphs, and what
/// changes the direction of text.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |out, character| out.extend(character.escape_debug()))
}

/// A JSON text with every control character escaped as JSON has it, line feeds and tabs between values excepted.
#[must_use]
pub fn printable_json(json: &str) -> Cow<'_, str> {
    escaped(json, |out, character| match character {
        // Within a string they are escaped already.
        '\n' | '\t' => out.push(character),
        _ => {
            // Writing to a string can't fail; each is in the first plane.
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        }
    })
}

fn escaped(text: &str, escape: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if is_control(character) {
            escape(&mut escaped, character);
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_nothing_else() {
        let text = "a\tb\nc\r\u{1b}[31m\u{7f}\u{9b}\u{2028}\u{202e}\u{2066}é密😀\u{200d}\\\"";
        assert_eq!(
            printable(text),
            r"a\tb\nc\r\u{1b}[31m\u{7f}\u{9b}\u{2028}\u{202e}\u{2066}é密😀".to_owned() + "\u{200d}\\\""
        );
        assert!(matches!(printable("é密 \\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_the_same_json() {
        let value = serde_json::json!({ "a\u{9b}": ["\u{1b}\n\u{202e}\u{7f}", 1] });
        let text = format!("{value:#}");
        let shown = printable_json(&text);
        assert!(
            !shown.contains(|character: char| is_control(character) && character != '\n'),
            "{shown}"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
