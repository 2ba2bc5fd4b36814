//! Texts from outside, at the length that an answer, a log and the memory of calls can bear.

use std::borrow::Cow;

/// Room for what follows a text that is cut: `… (8,388,608 bytes in all)`.
const SUFFIX: usize = 64;

/// Cuts a text to at most so many bytes, and says how many it had. A secret must not be searched for after this: it
/// may have been cut in half.
pub(crate) fn cut(text: &mut String, most: usize) {
    if text.len() <= most {
        return;
    }
    let head = text.floor_char_boundary(most.saturating_sub(SUFFIX));
    // A new text, so that the memory of the old one is free.
    *text = format!("{}… ({} bytes in all)", &text[..head], grouped(text.len()));
}

/// A text to be quoted in a message: as it is, or its length where it has more than so many bytes.
pub(crate) fn shown(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        text.into()
    } else {
        format!("({} bytes)", grouped(text.len())).into()
    }
}

/// A number with its digits in groups: `8,388,608`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_once_and_between_characters() {
        for length in [100, 1000] {
            let mut text = "字".repeat(length);
            let whole = text.clone();
            cut(&mut text, 300);
            if length == 100 {
                assert_eq!(text, whole);
                continue;
            }
            assert!(
                text.len() <= 300 && text.ends_with("字… (3,000 bytes in all)"),
                "{text}"
            );
            let again = text.clone();
            cut(&mut text, 300);
            assert_eq!(text, again);
        }
    }

    #[test]
    fn digits_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (8_388_608, "8,388,608")] {
            assert_eq!(grouped(number), text);
        }
    }
}
