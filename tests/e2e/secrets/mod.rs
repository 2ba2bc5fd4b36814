//! That no secret and no token leaves the host, that none enters the sandbox, and that the vendor gets each
//! as it is.
//!
//! | module | what it proves |
//! | --- | --- |
//! | [`said`] | output, errors and logs of calls that go well and wrong |
//! | [`spy`] | a connector that gives away all it knows |
//!
//! What each vendor receives is among the vendor's own tests.

mod said;
pub(crate) mod search;
mod spy;

/// A secret that no encoding leaves as it is.
pub(crate) const SECRET: &str = "p&ss w/rd+密码~*\"\\";
