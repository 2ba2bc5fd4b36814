//! Tells quickly that nothing of many patterns is in a text: it is searched for a short fragment of each, many bytes
//! at a time, and only where one stands the pattern itself is compared.

use std::collections::HashMap;

use aho_corasick::Span;
use aho_corasick::packed::Searcher;

use super::finder::Pattern;
use super::work;

/// How long a fragment is, in bytes. No pattern is shorter.
const LENGTH: usize = 3;
/// A fragment of letters stands for all their cases. As many are preferred at most: each takes a place in the search.
const MAX_CASES: usize = 4;
/// A comparison that fails costs time; so many bytes may be compared, and one in so many bytes of the text.
const COMPARED: usize = 1024;
const COMPARED_PART: usize = 4;

type Fragment = [u8; LENGTH];

/// Fragments of many patterns.
pub(super) struct Fragments {
    searcher: Searcher,
    /// Which patterns have the fragment, and where in them it is; by the fragment's index.
    owners: Vec<Vec<(u32, u32)>>,
}

impl Fragments {
    /// Fragments of these patterns. `None` where they are too many, or the processor has no vectors.
    pub(super) fn new(patterns: &[Pattern]) -> Option<Self> {
        let mut indices = HashMap::new();
        let mut fragments: Vec<Fragment> = Vec::new();
        let mut owners: Vec<Vec<(u32, u32)>> = Vec::new();
        for (index, pattern) in (0..).zip(patterns) {
            let offset = rarest(pattern)?;
            let at = u32::try_from(offset).ok()?;
            let fragment = pattern.bytes[offset..].first_chunk()?;
            for cased in cases(*fragment, pattern.exactly) {
                let place = *indices.entry(cased).or_insert_with(|| {
                    fragments.push(cased);
                    owners.push(Vec::new());
                    owners.len() - 1
                });
                owners[place].push((index, at));
            }
        }
        Some(Self {
            searcher: Searcher::new(fragments)?,
            owners,
        })
    }

    /// Whether one of the patterns, which are those that this was made of, is in the text. `None` where so many
    /// fragments are in it that something else tells it faster.
    pub(super) fn are_in(&self, text: &[u8], patterns: &[Pattern]) -> Option<bool> {
        work(text.len());
        let mut comparable = COMPARED + text.len() / COMPARED_PART;
        let mut at = 0;
        // All fragments are equally long, so those that begin at one place are one.
        while let Some(found) = self.searcher.find_in(text, Span::from(at..text.len())) {
            for (index, offset) in &self.owners[found.pattern()] {
                let pattern = &patterns[*index as usize];
                comparable = comparable.checked_sub(pattern.bytes.len())?;
                work(pattern.bytes.len());
                let place = found.start().checked_sub(*offset as usize);
                let piece = place.and_then(|start| text.get(start..start + pattern.bytes.len()));
                if piece.is_some_and(|piece| pattern.is(piece)) {
                    return Some(true);
                }
            }
            at = found.start() + 1;
        }
        Some(false)
    }
}

/// Where in a pattern the fragment is that texts have least often.
fn rarest(pattern: &Pattern) -> Option<usize> {
    let windows = pattern.bytes.windows(LENGTH).enumerate();
    let rarest = windows.min_by_key(|(_, window)| {
        let letters = window.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        let is_costly = !pattern.exactly && 1 << letters > MAX_CASES;
        (
            is_costly,
            window.iter().map(|byte| frequency(*byte)).product::<u32>(),
        )
    });
    rarest.map(|(offset, _)| offset)
}

/// How often a byte is in texts such as vendors send, roughly, in a thousand.
fn frequency(byte: u8) -> u32 {
    match byte {
        b'"' => 120,
        b'e' | b'a' | b't' | b'i' | b'n' | b'o' | b's' | b'r' => 45,
        b'0' | b'1' | b',' | b':' | b' ' => 35,
        b'2'..=b'9' => 20,
        b'q' | b'x' | b'z' | b'j' | b'k' | b'v' | b'w' => 5,
        b'a'..=b'z' => 15,
        b'A'..=b'Z' | b'-' | b'_' | b'.' | b'/' | b'{' | b'}' | 0x80.. => 8,
        _ => 2,
    }
}

/// The fragment, with its letters in every case where that may be any.
fn cases(fragment: Fragment, exactly: bool) -> Vec<Fragment> {
    let mut cased = vec![fragment];
    if exactly {
        return cased;
    }
    for place in 0..LENGTH {
        if fragment[place].is_ascii_alphabetic() {
            for index in 0..cased.len() {
                let mut other = cased[index];
                other[place] ^= 0x20;
                cased.push(other);
            }
        }
    }
    cased
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// What the fragments tell, whatever the processor can do; where they tell nothing, what is true.
    fn told(text: &[u8], patterns: &[Pattern]) -> bool {
        let truth = || {
            let mut windows = patterns.iter().flat_map(|pattern| {
                text.windows(pattern.bytes.len())
                    .map(move |window| (pattern, window))
            });
            windows.any(|(pattern, window)| pattern.is(window))
        };
        let fragments = Fragments::new(patterns);
        let told = fragments.and_then(|fragments| fragments.are_in(text, patterns));
        assert!(told.is_none_or(|told| told == truth()), "{told:?}");
        told.unwrap_or_else(truth)
    }

    proptest! {
        #[test]
        fn fragments_tell_the_truth(
            patterns in vec(("[abAB1\\-é\"]{4,12}", any::<bool>()), 1..24),
            text in "[abAB1\\-é\"]{0,300}",
            cut in any::<prop::sample::Index>(),
            place in any::<prop::sample::Index>(),
            upper in any::<bool>(),
        ) {
            let patterns: Vec<_> = patterns
                .iter()
                .map(|(bytes, exactly)| Pattern::of(bytes.as_bytes(), *exactly))
                .collect();
            told(text.as_bytes(), &patterns);
            // One of them somewhere in it.
            let mut planted = cut.get(&patterns).bytes.to_vec();
            if upper {
                planted.make_ascii_uppercase();
            }
            let mut text = text.into_bytes();
            let at = place.index(text.len() + 1);
            text.splice(at..at, planted);
            let exactly = cut.get(&patterns).exactly;
            prop_assert!(told(&text, &patterns) || (exactly && upper));
        }
    }

    #[test]
    fn texts_full_of_fragments_are_left_to_the_automaton() {
        let pattern = [Pattern::of(format!("{}b", "a".repeat(400)).as_bytes(), false)];
        if let Some(fragments) = Fragments::new(&pattern) {
            assert_eq!(fragments.are_in("aab ".repeat(10_000).as_bytes(), &pattern), None);
            assert_eq!(
                fragments.are_in("aa b ".repeat(10_000).as_bytes(), &pattern),
                Some(false)
            );
        }
    }
}
