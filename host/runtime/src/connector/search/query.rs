//! What is searched for.

/// The longest query, in bytes.
const QUERY: usize = 256;
/// How many words a query has at most.
const WORDS: usize = 16;

/// The words of a search. All of them must be found, each anywhere, in upper or lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) words: Vec<String>,
}

/// A text can't be searched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidQuery {
    /// There is no word in it.
    #[error("the search has no word; give one or more, such as part of an operation's name")]
    Empty,
    /// It is too long.
    #[error("the search has more than {QUERY} bytes or {WORDS} words; give fewer")]
    TooLong,
}

impl Query {
    /// Takes a text apart at white space.
    ///
    /// # Errors
    ///
    /// Where it has no word, more than 16, or more than 256 bytes.
    pub fn new(text: &str) -> Result<Self, InvalidQuery> {
        if text.len() > QUERY {
            return Err(InvalidQuery::TooLong);
        }
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        match words.len() {
            0 => Err(InvalidQuery::Empty),
            1..=WORDS => Ok(Self { words }),
            _ => Err(InvalidQuery::TooLong),
        }
    }
}

impl std::str::FromStr for Query {
    type Err = InvalidQuery;

    fn from_str(text: &str) -> Result<Self, InvalidQuery> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_bounded() {
        assert_eq!(Query::new(" \t"), Err(InvalidQuery::Empty));
        assert_eq!(Query::new(&"x".repeat(257)), Err(InvalidQuery::TooLong));
        assert_eq!(Query::new(&"x ".repeat(17)), Err(InvalidQuery::TooLong));
    }
}
