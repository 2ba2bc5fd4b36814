//! Bearer tokens of callers.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The bearer tokens that the service takes. Their digests are kept, never they themselves.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    digests: Arc<[[u8; 32]]>,
}

/// How many, and nothing of them.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} tokens", self.digests.len())
    }
}

/// A text can't be a token. It isn't quoted: it may be one with a mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// Everybody would know it.
    #[error("a token is empty; give it a random text, such as `openssl rand -hex 32` prints")]
    Empty,
    /// No caller could send it.
    #[error(
        "a token has characters that can't stand in the header authorization; it may have visible ASCII characters only"
    )]
    Characters,
}

impl Tokens {
    /// Takes these tokens.
    ///
    /// # Errors
    ///
    /// Where a token is empty, or has characters that a header field can't have.
    pub fn new(tokens: impl IntoIterator<Item = String>) -> Result<Self, InvalidToken> {
        let digests = tokens.into_iter().map(|token| {
            if token.is_empty() {
                return Err(InvalidToken::Empty);
            }
            if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(InvalidToken::Characters);
            }
            Ok(digest(&token))
        });
        Ok(Self {
            digests: digests.collect::<Result<_, _>>()?,
        })
    }

    /// Whether there are none, so that every client that reaches the service may call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Whether it is one of them. It takes as long for each.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        let given = digest(token);
        let found = self
            .digests
            .iter()
            .fold(Choice::from(0), |found, known| found | known.ct_eq(&given));
        found.into()
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_tokens_is_taken_and_nothing_else() {
        let tokens = Tokens::new(["one".to_owned(), "two".to_owned()]).unwrap();
        assert!(tokens.contains("one") && tokens.contains("two"));
        for other in ["", "on", "ones", "One", "onetwo"] {
            assert!(!tokens.contains(other), "{other}");
        }
        assert!(!Tokens::default().contains(""));
    }

    #[test]
    fn a_token_that_protects_nothing_is_refused() {
        let token = |text: &str| Tokens::new([text.to_owned()]).map(|_| ());
        assert_eq!(token(""), Err(InvalidToken::Empty));
        for text in ["a b", "a\n", "schlüssel"] {
            assert_eq!(token(text), Err(InvalidToken::Characters), "{text:?}");
        }
    }

    #[test]
    fn debug_tells_nothing_of_a_token() {
        let tokens = Tokens::new(["one".to_owned()]).unwrap();
        assert_eq!(format!("{tokens:?}"), "1 tokens");
    }
}
