//! That no secret and no token leaves the host, that none enters the sandbox, and that the vendor gets each
//! as it is.
//!
//! | module | what it proves |
//! | --- | --- |
//! | [`said`] | output, errors and logs of calls that go well and wrong |
//! | [`spy`] | a connector that gives away all it knows |
//! | [`vendors`] | what each vendor receives |

mod said;
pub(crate) mod search;
mod spy;
mod vendors;

/// A secret that no encoding leaves as it is.
const SECRET: &str = "p&ss w/rd+密码~*\"\\";
