//! The transport of a component: `waki` over `wasi:http`.

use waki::ErrorCode;

use crate::endpoint::Method;
use crate::transport::{Request, Response, Transport, TransportError, origin};

/// Sends requests through `wasi:http`.
pub(crate) struct Waki {
    /// `User-Agent` (RFC 9110, section 10.1.5) of requests that have none of their own.
    pub(crate) user_agent: String,
}

impl Transport for Waki {
    fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let method = match request.method {
            Method::GET => waki::Method::Get,
            Method::HEAD => waki::Method::Head,
            Method::POST => waki::Method::Post,
            Method::PUT => waki::Method::Put,
            Method::PATCH => waki::Method::Patch,
            Method::DELETE => waki::Method::Delete,
            _ => waki::Method::Other(request.method.to_string()),
        };
        let mut builder = waki::Client::new()
            .request(method, &request.url)
            .body(request.body.as_slice());
        let own = [("user-agent".to_owned(), self.user_agent.clone())];
        let own = own.iter().filter(|(name, _)| {
            request
                .headers
                .iter()
                .all(|(other, _)| !other.eq_ignore_ascii_case(name))
        });
        for (name, value) in request.headers.iter().chain(own) {
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
        let target = origin(&request.url);
        let response = builder.send().map_err(|error| classify(&error, &target))?;
        let status = response.status_code();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = response
            .body()
            .map_err(|error| match error.downcast_ref::<ErrorCode>() {
                Some(_) => classify(&error, &target),
                None => TransportError::Unreachable {
                    message: format!("the connection to {target} broke before the response was complete"),
                    request_sent: true,
                },
            })?;
        Ok(Response {
            status,
            headers,
            body,
        })
    }
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
