//! Regular expressions of a few words, so that a component carries no engine for them: `^`, `$`, characters,
//! `.`, classes (`[0-9a-f]`, `[^,]`), `\d`, `\w`, `\s`, escaped characters, and `?`, `*`, `+`, `{n}`, `{n,}` and
//! `{n,m}` behind one of them. Alternatives are what enumerations are for.

/// Whether `matches` knows everything in a pattern.
#[must_use]
pub const fn is_supported(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let mut at = 0;
    let mut repeatable = false;
    while at < bytes.len() {
        match bytes[at] {
            b'^' if at == 0 => {}
            b'$' if at + 1 == bytes.len() => {}
            b'(' | b')' | b'|' | b'^' | b'$' | b']' | b'}' => return false,
            b'?' | b'*' | b'+' => {
                if !repeatable {
                    return false;
                }
                repeatable = false;
            }
            b'{' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b',') {
                    at += 1;
                }
                // Numbers of three digits, so that they fit.
                let sound = at < bytes.len() && bytes[at] == b'}' && bytes[start].is_ascii_digit();
                if !repeatable || !sound || at - start > 7 {
                    return false;
                }
                repeatable = false;
            }
            b'[' => {
                at += 1;
                if at < bytes.len() && bytes[at] == b'^' {
                    at += 1;
                }
                let start = at;
                while at < bytes.len() && bytes[at] != b']' {
                    if bytes[at] == b'\\' {
                        at += 1;
                        if at == bytes.len() || !is_escape(bytes[at]) {
                            return false;
                        }
                    }
                    at += 1;
                }
                if at >= bytes.len() || at == start {
                    return false;
                }
                repeatable = true;
            }
            b'\\' => {
                at += 1;
                if at == bytes.len() || !is_escape(bytes[at]) {
                    return false;
                }
                repeatable = true;
            }
            _ => repeatable = true,
        }
        at += 1;
    }
    true
}

/// What a backslash may stand before: classes, and punctuation that stands for itself.
const fn is_escape(byte: u8) -> bool {
    matches!(byte, b'd' | b'w' | b's') || byte.is_ascii_punctuation()
}

/// Whether `text` matches `pattern`. As in JSON Schema, a pattern without anchors may match anywhere.
#[must_use]
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    if let Some(pattern) = pattern.strip_prefix('^') {
        return matches_here(pattern, text);
    }
    let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    starts.any(|at| matches_here(pattern, &text[at..]))
}

/// Whether `text` begins with what `pattern` says.
fn matches_here(pattern: &str, text: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    if pattern == "$" {
        return text.is_empty();
    }
    let (atom, rest) = pattern.split_at(atom_length(pattern));
    let (least, most, rest) = repetition(rest);
    let mut ends = vec![0];
    let mut end = 0;
    for character in text.chars().take(most) {
        if !is_in(atom, character) {
            break;
        }
        end += character.len_utf8();
        ends.push(end);
    }
    // The longest first, as regular expressions do.
    ends.get(least..)
        .is_some_and(|ends| ends.iter().rev().any(|end| matches_here(rest, &text[*end..])))
}

fn atom_length(pattern: &str) -> usize {
    let mut characters = pattern.char_indices();
    match characters.next() {
        Some((_, '\\')) => characters.next().map_or(1, |(at, next)| at + next.len_utf8()),
        Some((_, '[')) => {
            let mut escaped = false;
            for (at, character) in characters {
                if character == ']' && !escaped {
                    return at + 1;
                }
                escaped = character == '\\' && !escaped;
            }
            pattern.len()
        }
        Some((_, first)) => first.len_utf8(),
        None => 0,
    }
}

/// How often an atom may stand: at least, at most, and what follows in the pattern.
fn repetition(rest: &str) -> (usize, usize, &str) {
    match rest.as_bytes().first() {
        Some(b'?') => (0, 1, &rest[1..]),
        Some(b'*') => (0, usize::MAX, &rest[1..]),
        Some(b'+') => (1, usize::MAX, &rest[1..]),
        Some(b'{') => {
            let (numbers, after) = rest[1..].split_once('}').unwrap_or((&rest[1..], ""));
            let (least, most) = numbers.split_once(',').unwrap_or((numbers, numbers));
            let least = least.parse().unwrap_or(0);
            (least, most.parse().unwrap_or(usize::MAX), after)
        }
        _ => (1, 1, rest),
    }
}

fn is_in(atom: &str, character: char) -> bool {
    match atom.strip_prefix('[').and_then(|class| class.strip_suffix(']')) {
        Some(class) => match class.strip_prefix('^') {
            Some(class) => !is_in_class(class, character),
            None => is_in_class(class, character),
        },
        None => match atom.strip_prefix('\\') {
            Some(escape) => is_escaped(escape, character),
            None => atom == "." && !matches!(character, '\n' | '\r') || atom.chars().eq([character]),
        },
    }
}

fn is_escaped(escape: &str, character: char) -> bool {
    match escape {
        "d" => character.is_ascii_digit(),
        "w" => character.is_ascii_alphanumeric() || character == '_',
        "s" => character.is_whitespace(),
        other => other.chars().eq([character]),
    }
}

fn is_in_class(class: &str, character: char) -> bool {
    let mut rest = class;
    while !rest.is_empty() {
        let (atom, after) = rest.split_at(if rest.starts_with('\\') {
            atom_length(rest)
        } else {
            first(rest)
        });
        rest = after;
        if let Some(escape) = atom.strip_prefix('\\') {
            if is_escaped(escape, character) {
                return true;
            }
            continue;
        }
        // A range, but for a hyphen at the end, which is one.
        if let Some(last) = after.strip_prefix('-').filter(|last| !last.is_empty()) {
            let (last, after) = last.split_at(first(last));
            rest = after;
            if atom.chars().next() <= Some(character) && Some(character) <= last.chars().next() {
                return true;
            }
        } else if atom.chars().eq([character]) {
            return true;
        }
    }
    false
}

fn first(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_as_a_regular_expression_does() {
        let time = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$";
        for (pattern, text, expected) in [
            (time, "2024-01-31 08:09:10", true),
            (time, "2024-01-31 08:09", false),
            (time, "x2024-01-31 08:09:10", false),
            (time, "2024-01-31 08:09:10\n", false),
            ("^-?[0-9]+$", "-12", true),
            ("^-?[0-9]+$", "", false),
            ("^-?[0-9]+$", "--1", false),
            ("^/", "/a", true),
            ("^/", "a/", false),
            ("b", "abc", true),
            ("b$", "abc", false),
            ("", "anything", true),
            ("^[^,]*$", "密,", false),
            ("^[^,]*$", "密", true),
            ("^a{2,3}b?$", "aab", true),
            ("^a{2,3}b?$", "aaaa", false),
            ("^a{2,}$", "aaaa", true),
            (r"^\.[\]a-c-]*$", ".]b-", true),
            (r"^[\d一-龥]+$", "1密", true),
            (r"^a.*c$", "abcbc", true),
            (r"^a.c$", "a密c", true),
            (r"^\w+\s$", "a_1 ", true),
        ] {
            assert!(is_supported(pattern), "{pattern}");
            assert_eq!(matches(pattern, text), expected, "{pattern} {text:?}");
        }
    }

    #[test]
    fn what_it_does_not_know_is_no_pattern() {
        for pattern in [
            "(a)", "a|b", "*", "a**", "[", "[]", "a{", "a{x}", "a{2", r"\", r"\pL", r"\b", "a$b", "(?=a)",
        ] {
            assert!(!is_supported(pattern), "{pattern}");
        }
    }
}
