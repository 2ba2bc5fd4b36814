//! Where words were found.

use serde::Serialize;
use serde_json::Value;

use super::query::Query;
use crate::connector::fields::Field;

/// How many places of one operation are given.
const PLACES: usize = 5;
/// The longest text that is given of a place, in bytes.
const EXCERPT: usize = 160;
/// How much of it stands before the word, in bytes.
const BEFORE: usize = 48;

/// Where in an operation a word was found. Those before others weigh more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Place {
    /// In its id.
    Id,
    /// In the vendor's name for it.
    Title,
    /// In its summary.
    Summary,
    /// In method and path.
    Route,
    /// In the name or the title of a field of the input.
    Input,
    /// In the name or the title of a field of the output.
    Output,
    /// In its description.
    Description,
    /// In the description of a field of the input.
    InputDescription,
    /// In the description of a field of the output.
    OutputDescription,
}

impl Place {
    fn weight(self) -> u32 {
        match self {
            Self::Id => 60,
            Self::Title => 50,
            Self::Summary => 40,
            Self::Route => 30,
            Self::Input => 20,
            Self::Output => 15,
            Self::Description => 10,
            Self::InputDescription => 8,
            Self::OutputDescription => 5,
        }
    }
}

/// A place where a word was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Matched {
    /// What it is.
    pub place: Place,
    /// The field, where it is one: names with dots between them, `[]` for the items of an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What stands there. A long text is cut to what is around the word.
    pub text: String,
}

/// Where the words of a query were found in one operation.
pub(super) struct Hits<'q> {
    query: &'q Query,
    /// For each word, the most that a place where it was found weighs; 0 where it wasn't found.
    best: Vec<u32>,
    /// The places with the numbers of their words.
    matched: Vec<(Vec<usize>, Matched)>,
}

impl<'q> Hits<'q> {
    pub(super) fn new(query: &'q Query) -> Self {
        Self {
            query,
            best: vec![0; query.words.len()],
            matched: Vec::new(),
        }
    }

    /// How well the words were found; `None` where one wasn't.
    pub(super) fn score(&self) -> Option<u32> {
        (!self.best.contains(&0)).then(|| self.best.iter().sum())
    }

    pub(super) fn look(&mut self, place: Place, field: Option<&Field<'_>>, text: &str) {
        if text.is_empty() {
            return;
        }
        let lower = text.to_lowercase();
        let mut words = Vec::new();
        let mut first = None;
        for (number, word) in self.query.words.iter().enumerate() {
            let Some(at) = lower.find(word.as_str()) else {
                continue;
            };
            let whole = if lower == *word {
                40
            } else if is_bounded(&lower, at, word.len()) {
                5
            } else {
                0
            };
            let best = &mut self.best[number];
            *best = (place.weight() + whole).max(*best);
            words.push(number);
            first.get_or_insert(at);
        }
        if let Some(at) = first {
            // Lower case may be longer or shorter, and then the word is elsewhere.
            let at = if lower.len() == text.len() { at } else { 0 };
            let matched = Matched {
                place,
                field: field.map(ToString::to_string),
                text: excerpt(text, at),
            };
            if !self.matched.iter().any(|(_, known)| *known == matched) {
                self.matched.push((words, matched));
            }
        }
    }

    pub(super) fn look_into(&mut self, schema: &Value, names: Place, descriptions: Place) {
        for field in Field::all(schema) {
            let title = field.keyword("title");
            let name = match (field.name(), title) {
                (name, "") => name.to_owned(),
                (name, title) => format!("{name} {title}"),
            };
            self.look(names, Some(&field), &name);
            self.look(descriptions, Some(&field), field.keyword("description"));
        }
    }

    /// The best places, those first that have words which the ones before don't have.
    pub(super) fn places(mut self) -> Vec<Matched> {
        self.matched.sort_by_key(|(_, matched)| matched.place);
        let mut seen = vec![false; self.query.words.len()];
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for (words, matched) in self.matched {
            if words.iter().all(|word| seen[*word]) {
                rest.push(matched);
            } else {
                for word in words {
                    seen[word] = true;
                }
                first.push(matched);
            }
        }
        first.extend(rest);
        first.truncate(PLACES);
        first
    }
}

/// Whether a word stands by itself: between what are no letters and no digits.
fn is_bounded(text: &str, at: usize, length: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at + length..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// What is around a place in a text.
fn excerpt(text: &str, at: usize) -> String {
    if text.len() <= EXCERPT {
        return text.to_owned();
    }
    let start = text.floor_char_boundary(at.saturating_sub(BEFORE));
    let end = text.floor_char_boundary(start + EXCERPT);
    let (before, after) = (
        if start > 0 { "…" } else { "" },
        if end < text.len() { "…" } else { "" },
    );
    format!("{before}{}{after}", text[start..end].trim())
}
