//! The transport of a component: `waki` over `wasi:http`.

use waki::ErrorCode;

use crate::endpoint::Method;
use crate::transport::{Request, Response, Transport, TransportError, origin};

/// How much of a body is read at once where its length isn't known, in bytes.
const CHUNK: usize = 1024 * 1024;
/// The most that is read at once, in bytes: a host may make room for as much as is asked for.
const LARGEST_CHUNK: usize = 16 * 1024 * 1024;

/// Sends requests through `wasi:http`.
pub(crate) struct Waki {
    /// `User-Agent` (RFC 9110, section 10.1.5) of requests that have none of their own.
    pub(crate) user_agent: String,
}

impl Transport for Waki {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let Request {
            method,
            url,
            headers,
            body,
        } = request;
        let method = match method {
            Method::GET => waki::Method::Get,
            Method::HEAD => waki::Method::Head,
            Method::POST => waki::Method::Post,
            Method::PUT => waki::Method::Put,
            Method::PATCH => waki::Method::Patch,
            Method::DELETE => waki::Method::Delete,
            _ => waki::Method::Other(method.to_string()),
        };
        let mut builder = waki::Client::new().request(method, &url).body(body);
        let named = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let unnamed = named
            .clone()
            .all(|(name, _)| !name.eq_ignore_ascii_case("user-agent"));
        let own = unnamed.then_some(("user-agent", self.user_agent.as_str()));
        for (name, value) in named.chain(own) {
            let name = waki::header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                TransportError::Unsendable(format!("{name:?} can't be the name of a header field"))
            })?;
            let value = waki::header::HeaderValue::from_str(value).map_err(|_| {
                TransportError::Unsendable(format!(
                    "the value of the header field {name:?} has characters that a header can't carry"
                ))
            })?;
            builder = builder.header(name, value);
        }
        let received = builder.send().map_err(|error| classify(&error, &origin(&url)))?;
        let headers = received.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), value.into_owned())
        });
        let mut response = Response {
            status: received.status_code(),
            headers: headers.collect(),
            body: Vec::new(),
        };
        response.body = read(&received, length(&response)).map_err(|_| TransportError::Unreachable {
            message: format!(
                "the connection to {} broke before the response was complete",
                origin(&url)
            ),
            request_sent: true,
        })?;
        Ok(response)
    }
}

/// Reads a body to its end. Where its length is known that takes one read, which makes the body without a copy, on
/// hosts that have it whole.
fn read(response: &waki::Response, length: Option<usize>) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let left = match length {
            Some(length) if body.len() >= length => return Ok(body),
            Some(length) => (length - body.len()).min(LARGEST_CHUNK),
            None => CHUNK,
        };
        match response.chunk(left as u64)? {
            Some(chunk) if body.is_empty() => body = chunk,
            Some(chunk) => body.extend_from_slice(&chunk),
            None => return Ok(body),
        }
    }
}

/// Returns the length of a body, where it is known. A host that has decoded the body may have left the length that it
/// had before.
fn length(response: &Response) -> Option<usize> {
    if response.header("content-encoding").is_some() {
        return None;
    }
    response.header("content-length")?.parse().ok()
}

/// What a failed exchange means. What isn't known to have failed before the request was sent counts as
/// sent: a caller must not repeat a write on a guess.
fn classify(error: &anyhow::Error, target: &str) -> TransportError {
    let unreachable = |message: String, request_sent: bool| TransportError::Unreachable {
        message,
        request_sent,
    };
    let timeout = |message: String, request_sent: bool| TransportError::Timeout {
        message,
        request_sent,
    };
    let Some(code) = error.downcast_ref::<ErrorCode>() else {
        return unreachable(format!("the request to {target} failed: {error}"), true);
    };
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            TransportError::Denied(target.to_owned())
        }
        ErrorCode::DnsTimeout => timeout(format!("the name in {target} wasn't resolved in time"), false),
        ErrorCode::ConnectionTimeout => timeout(format!("no connection to {target} in time"), false),
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => timeout(format!("{target} took too long to answer"), true),
        ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            unreachable(format!("the name in {target} can't be resolved"), false)
        }
        ErrorCode::ConnectionRefused => unreachable(format!("no connection to {target}: refused"), false),
        ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionLimitReached => unreachable(format!("no connection to {target}"), false),
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            unreachable(format!("no secure connection to {target}: {code}"), false)
        }
        ErrorCode::HttpResponseBodySize(_) => {
            TransportError::Malformed(format!("the response of {target} is larger than the host allows"))
        }
        ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_)
        | ErrorCode::HttpResponseTransferCoding(_)
        | ErrorCode::HttpResponseContentCoding(_) => {
            TransportError::Malformed(format!("the response of {target} can't be read: {code}"))
        }
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestUriTooLong => {
            TransportError::Unsendable(format!("the request to {target} has a URL that can't be sent"))
        }
        ErrorCode::InternalError(Some(reason)) => {
            unreachable(format!("the request to {target} failed: {reason}"), true)
        }
        _ => unreachable(format!("the connection to {target} broke"), true),
    }
}
