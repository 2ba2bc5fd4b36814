//! Encodings taken off a text, one layer at a time, without knowing which place it comes from: percent and
//! form encoding, escapes of JSON and the like, entities of HTML and XML, the zero bytes of UTF-16.

use memchr::{memchr2, memchr3};

/// How many layers are taken off at most: JSON in a string in a form in UTF-16, and one to spare.
pub(super) const MOST: usize = 5;

/// A text with one layer taken off.
#[derive(Debug, Default)]
pub(super) struct Layer {
    pub(super) bytes: Vec<u8>,
    /// Where something was taken off, where that was asked for.
    pub(super) back: Back,
}

/// The way back from a text to the one before a layer was taken off.
#[derive(Debug, Default)]
pub(super) struct Back(Vec<Escape>);

/// A piece of the text before that wasn't copied: an escape, or a run of pluses or of zero bytes. Offsets are 32
/// bits wide, because there are as many of these as the text has escapes.
#[derive(Debug, Clone, Copy)]
struct Escape {
    /// Where what it stands for begins.
    at: u32,
    /// Where it begins in the text before.
    from: u32,
    /// How long it is there.
    taken: u16,
    /// How long what it stands for is.
    decoded: u16,
}

/// The longest text in which places can be told, in bytes.
pub(super) const LONGEST: usize = u32::MAX as usize;

impl Layer {
    /// The text without its outermost layer; `None` where there is nothing to take off. `mapped` asks for
    /// the way back as well; the text has [`LONGEST`] bytes at most then.
    pub(super) fn of(text: &[u8], mapped: bool) -> Option<Self> {
        let mut layer = Self::default();
        let mut marks = Marks::new(text);
        let mut copied = 0;
        let mut at = 0;
        while let Some(next) = marks.next(at) {
            super::work(next - at + 1);
            if let Some((length, decoded)) = escape(&text[next..]) {
                layer.bytes.extend_from_slice(&text[copied..next]);
                if mapped {
                    layer
                        .back
                        .add(layer.bytes.len(), next, length, decoded.bytes().len());
                }
                layer.bytes.extend_from_slice(decoded.bytes());
                at = next + length;
                copied = at;
            } else {
                at = next + 1;
            }
        }
        if copied == 0 {
            return None;
        }
        layer.bytes.extend_from_slice(&text[copied..]);
        Some(layer)
    }
}

impl Escape {
    /// Whether each byte of it stands for one byte.
    fn is_even(self) -> bool {
        self.taken == self.decoded
    }

    fn end(self) -> usize {
        self.at as usize + usize::from(self.decoded)
    }

    /// Whether the next one is of the same sort and follows at once, so that one entry can hold both.
    fn continues(self, at: usize, from: usize, taken: usize, decoded: usize) -> bool {
        let alike = (self.is_even() && taken == decoded) || (self.decoded == 0 && decoded == 0);
        alike
            && self.end() == at
            && self.from as usize + usize::from(self.taken) == from
            && u16::try_from(usize::from(self.taken) + taken).is_ok()
    }
}

impl Back {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "texts are no longer than LONGEST, and no escape is longer than a few bytes"
    )]
    fn add(&mut self, at: usize, from: usize, taken: usize, decoded: usize) {
        if let Some(last) = self.0.last_mut()
            && last.continues(at, from, taken, decoded)
        {
            last.taken += taken as u16;
            last.decoded += decoded as u16;
            return;
        }
        self.0.push(Escape {
            at: at as u32,
            from: from as u32,
            taken: taken as u16,
            decoded: decoded as u16,
        });
    }

    /// Whether a part of the text isn't a part of the text before, to the byte.
    pub(super) fn touches(&self, start: usize, end: usize) -> bool {
        let first = self.0.partition_point(|escape| escape.end() <= start);
        let mut after = self.0[first..].iter();
        after.next().is_some_and(|escape| (escape.at as usize) < end)
    }

    /// The part of the text before that a part of this one stands for: whole escapes.
    pub(super) fn before(&self, start: usize, end: usize) -> (usize, usize) {
        (self.place(start).0, self.place(end - 1).1)
    }

    /// Where the byte, or the escape that it comes from, begins and ends in the text before.
    fn place(&self, at: usize) -> (usize, usize) {
        let next = self.0.partition_point(|escape| escape.at as usize <= at);
        let Some(escape) = next.checked_sub(1).map(|last| self.0[last]) else {
            return (at, at + 1);
        };
        let from = escape.from as usize;
        if at >= escape.end() {
            let start = from + usize::from(escape.taken) + (at - escape.end());
            (start, start + 1)
        } else if escape.is_even() {
            let start = from + (at - escape.at as usize);
            (start, start + 1)
        } else {
            (from, from + usize::from(escape.taken))
        }
    }
}

/// The bytes of a text that escapes begin with. Those of either sort are looked for apart, many bytes at a time.
struct Marks<'t> {
    text: &'t [u8],
    next: [Option<usize>; 2],
}

impl<'t> Marks<'t> {
    fn new(text: &'t [u8]) -> Self {
        let next = [Self::first(text, 0), Self::first(text, 1)];
        Self { text, next }
    }

    fn first(text: &[u8], sort: usize) -> Option<usize> {
        match sort {
            0 => memchr3(b'%', b'+', b'\\', text),
            _ => memchr2(0, b'&', text),
        }
    }

    /// The first one from a place on. Places only grow.
    fn next(&mut self, from: usize) -> Option<usize> {
        for sort in 0..self.next.len() {
            if self.next[sort].is_some_and(|next| next < from) {
                self.next[sort] = Self::first(&self.text[from..], sort).map(|index| from + index);
            }
        }
        self.next.into_iter().flatten().min()
    }
}

/// What an escape stands for: one character, or one byte of one, or nothing.
enum Decoded {
    Nothing,
    Byte([u8; 1]),
    Character([u8; 4], usize),
}

impl Decoded {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Nothing => &[],
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
        // What encodes ASCII in UTF-16, in either order, has one beside each character.
        [0, ..] => Some((1, Decoded::Nothing)),
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
            ("\u{0}a\u{0}%\u{0}2\u{0}6b\u{0}\u{0}", "a%26b"),
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
            let (from, to) = layer.back.before(start, end);
            &text[from..to]
        };
        assert_eq!(part(0, 1), "a");
        assert_eq!(part(1, 2), "%26");
        assert_eq!(part(2, 5), r"\u5bc6");
        assert_eq!(part(2, 3), r"\u5bc6", "half a character");
        assert_eq!(part(1, 6), r"%26\u5bc6z");
        for (start, end, touches) in [(0, 1, false), (0, 2, true), (2, 3, true), (5, 6, false)] {
            assert_eq!(layer.back.touches(start, end), touches, "{start}..{end}");
        }
    }

    #[test]
    fn the_way_back_takes_little_room_and_no_wrong_turn() {
        let text = [b"a++b\0\0c".as_slice(), &vec![0; 100_000], b"%41d"].concat();
        let layer = Layer::of(&text, true).unwrap();
        assert_eq!(layer.bytes, b"a  bcAd");
        assert!(layer.back.0.len() < 8, "{}", layer.back.0.len());
        let part = |start, end| {
            let (from, to) = layer.back.before(start, end);
            &text[from..to]
        };
        assert_eq!(part(1, 2), b"+");
        assert_eq!(part(1, 5), b"++b\0\0c");
        assert_eq!(part(5, 6), b"%41");
        assert_eq!(part(6, 7), b"d");
        assert!(layer.back.touches(3, 5) && !layer.back.touches(3, 4));
    }
}
