//! Encodings taken off a text, one layer at a time, without knowing which place it comes from: percent and
//! form encoding, escapes of JSON and the like, entities of HTML.

/// How many layers are taken off at most: JSON in a string in a form, and one to spare.
pub(super) const MOST: usize = 4;

/// A text with one layer taken off.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) bytes: Vec<u8>,
    /// Where in the text before each byte comes from, where that was asked for.
    starts: Vec<usize>,
}

impl Layer {
    /// The text without its outermost layer; `None` where there is nothing to take off. `mapped` asks for
    /// the way back as well, which takes eight times the room.
    pub(super) fn of(text: &[u8], mapped: bool) -> Option<Self> {
        let mut layer = Self::default();
        let mut copied = 0;
        let mut at = 0;
        while let Some(next) = next_mark(text, at) {
            if let Some((length, decoded)) = escape(&text[next..]) {
                layer.push(&text[copied..next], copied, mapped, 1);
                layer.push(decoded.bytes(), next, mapped, 0);
                at = next + length;
                copied = at;
            } else {
                at = next + 1;
            }
        }
        if copied == 0 {
            return None;
        }
        layer.push(&text[copied..], copied, mapped, 1);
        if mapped {
            layer.starts.push(text.len());
        }
        Some(layer)
    }

    fn push(&mut self, bytes: &[u8], from: usize, mapped: bool, step: usize) {
        self.bytes.extend_from_slice(bytes);
        if mapped {
            self.starts
                .extend((0..bytes.len()).map(|index| from + index * step));
        }
    }

    /// The part of the text before that a part of this one stands for.
    pub(super) fn before(&self, start: usize, end: usize) -> (usize, usize) {
        let from = self.starts[start];
        // The bytes of one escape have one start: what ends within ends behind it.
        let to = self.starts[end..]
            .iter()
            .copied()
            .find(|next| *next > self.starts[end - 1]);
        (from, to.unwrap_or(self.starts[self.starts.len() - 1]))
    }
}

fn next_mark(text: &[u8], from: usize) -> Option<usize> {
    let mut rest = text[from..].iter();
    let found = rest.position(|byte| matches!(byte, b'%' | b'+' | b'\\' | b'&'));
    found.map(|index| from + index)
}

/// What an escape stands for: one character, or one byte of one.
enum Decoded {
    Byte([u8; 1]),
    Character([u8; 4], usize),
}

impl Decoded {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Byte(byte) => byte,
            Self::Character(bytes, length) => &bytes[..*length],
        }
    }
}

impl From<char> for Decoded {
    fn from(character: char) -> Self {
        let mut bytes = [0; 4];
        let length = character.encode_utf8(&mut bytes).len();
        Self::Character(bytes, length)
    }
}

/// The escape at the beginning of a text: how long it is, and what it stands for.
fn escape(text: &[u8]) -> Option<(usize, Decoded)> {
    match text {
        [b'+', ..] => Some((1, ' '.into())),
        [b'%', high, low, ..] => Some((3, Decoded::Byte([hexadecimal(&[*high, *low])?.try_into().ok()?]))),
        [b'\\', b'u', b'{', rest @ ..] => {
            let length = rest.iter().take(7).position(|byte| *byte == b'}')?;
            let character = char::from_u32(hexadecimal(&rest[..length])?)?;
            Some((length + 4, character.into()))
        }
        [b'\\', b'u', rest @ ..] => utf16(rest).map(|(length, character)| (length + 2, character.into())),
        [b'\\', b'x', high, low, ..] => {
            Some((4, Decoded::Byte([hexadecimal(&[*high, *low])?.try_into().ok()?])))
        }
        [b'\\', simple, ..] => {
            let character = match simple {
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'"' | b'\'' | b'\\' | b'/' => char::from(*simple),
                _ => return None,
            };
            Some((2, character.into()))
        }
        [b'&', rest @ ..] => entity(rest).map(|(length, character)| (length + 1, character.into())),
        _ => None,
    }
}

/// Four digits after `\u`, and the other half of the pair where they are one half.
fn utf16(text: &[u8]) -> Option<(usize, char)> {
    let first = hexadecimal(text.get(..4)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((4, character));
    }
    let [b'\\', b'u', rest @ ..] = text.get(4..)? else {
        return None;
    };
    let pair = [first, hexadecimal(rest.get(..4)?)?].map(|half| u16::try_from(half).unwrap_or(0));
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((10, character))
}

/// What follows `&`, the semicolon included.
fn entity(text: &[u8]) -> Option<(usize, char)> {
    let length = text.iter().take(10).position(|byte| *byte == b';')?;
    let name = str::from_utf8(&text[..length]).ok()?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => hexadecimal(digits.as_bytes())?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((length + 1, character))
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits.iter().try_fold(0, |value, digit| {
        Some(value * 16 + char::from(*digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_is_taken_off() {
        for (text, expected) in [
            ("a%26b+c%2b", "a&b c+"),
            (r#"a\"b\\c\/d\n"#, "a\"b\\c/d\n"),
            (r"\u5bC6\ud83d\ude00\u{5bc6}\x41", "密😀密A"),
            ("&amp;&#38;&#x5bc6;&quot;", "&&密\""),
            ("%E5%AF%86", "密"),
            (
                r"100% \q &nothing; \u12 %zz a\\nb",
                r"100% \q &nothing; \u12 %zz a\nb",
            ),
        ] {
            let layer = Layer::of(text.as_bytes(), true).unwrap();
            assert_eq!(String::from_utf8(layer.bytes).unwrap(), expected, "{text}");
        }
        for nothing in ["", "plain 密", r"100% \q &nothing; \ud83d"] {
            assert!(Layer::of(nothing.as_bytes(), false).is_none(), "{nothing}");
        }
    }

    #[test]
    fn the_way_back_covers_whole_escapes() {
        let text = r"a%26\u5bc6z";
        let layer = Layer::of(text.as_bytes(), true).unwrap();
        let part = |start, end| {
            let (from, to) = layer.before(start, end);
            &text[from..to]
        };
        assert_eq!(part(0, 1), "a");
        assert_eq!(part(1, 2), "%26");
        assert_eq!(part(2, 5), r"\u5bc6");
        assert_eq!(part(2, 3), r"\u5bc6", "half a character");
        assert_eq!(part(1, 6), r"%26\u5bc6z");
    }
}
