//! Headers, for vendors that check them all.

use http::{HeaderMap, HeaderName};

use crate::strict::Call;
use crate::vendor::Refusal;

/// What any HTTP client may send.
const OF_HTTP: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "expect",
    "host",
    "keep-alive",
    "pragma",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
];

/// The value of a header that is there at most once.
pub(crate) fn single<'a>(call: &'a Call, name: &str) -> Result<Option<&'a [u8]>, Refusal> {
    let mut all = call.headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_some() {
        let id = call.operation.id;
        return Err(Refusal::Breach(format!("{id}: header {name}: there twice")));
    }
    Ok(first.map(http::HeaderValue::as_bytes))
}

/// The first header that is neither of HTTP itself nor one of these.
pub(crate) fn unexpected(headers: &HeaderMap, known: impl Fn(&str) -> bool) -> Option<&str> {
    headers
        .keys()
        .map(HeaderName::as_str)
        .find(|name| !OF_HTTP.contains(name) && !known(name))
}
