//! Why a text doesn't name a place for state.

/// A text doesn't name a place where state can be kept.
///
/// The message never repeats a URL, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidState(String);

impl InvalidState {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}
