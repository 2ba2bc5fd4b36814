//! Who may call.
//!
//! With tokens: every client that has one. Without: every client that can reach a loopback address, which includes every web
//! page in a browser on this machine, so that what looks like one is refused. A page of another name that
//! resolves to this machine has that name in `Host`; a page that calls across has its own in `Origin`.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Request as HttpRequest};

use super::api::PROBES;
use super::app::Service;
use super::tokens::Tokens;
use patchbay::{Error, Kind};

/// Refuses who may not call. Probes may always: they reveal nothing.
pub(super) async fn check(State(service): State<Service>, request: Request, next: Next) -> Response {
    let tokens = service.tokens();
    let allowed = if PROBES.contains(&request.uri().path()) {
        Ok(())
    } else if tokens.is_empty() {
        no_web_page(&request)
    } else {
        authenticate(request.headers(), &tokens)
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(error) => super::problem::Problem::from(error).into_response(),
    }
}

fn authenticate(headers: &HeaderMap, tokens: &Tokens) -> Result<(), Error> {
    let refused = |message: &str| Err(Error::new(Kind::Unauthenticated, message));
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return refused("the request has no token; send the header authorization: Bearer TOKEN, once");
    };
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            if tokens.contains(token.trim()) {
                Ok(())
            } else {
                refused("the token isn't one of serve.tokens in the configuration")
            }
        }
        _ => refused("the header authorization must be: Bearer TOKEN"),
    }
}

fn no_web_page<B>(request: &HttpRequest<B>) -> Result<(), Error> {
    let denied = |message: String| Err(Error::new(Kind::Denied, message));
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let target = request
        .uri()
        .authority()
        .map(|authority| authority.as_str().to_owned());
    let named = request.headers().get_all(HOST).iter().map(text);
    let hosts: Vec<String> = target.into_iter().chain(named).collect();
    let Some(host) = hosts.first() else {
        return denied("the request has no header host; send it".to_owned());
    };
    if let Some(host) = hosts.iter().find(|host| !is_this_machine(host)) {
        return denied(format!(
            "the request is for the host {host:?}, but without tokens the service answers to localhost and loopback addresses only; call it so, or set serve.tokens"
        ));
    }
    let mut origins = request.headers().get_all(ORIGIN).iter().map(text);
    let own = |origin: &str| {
        let rest = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
    };
    match origins.find(|origin| !own(origin)) {
        None => Ok(()),
        Some(origin) => denied(format!(
            "the request comes from a web page of {origin:?}, but without tokens the service answers no pages of others; set serve.tokens"
        )),
    }
}

/// Whether the host of `host:port` can only be this machine.
fn is_this_machine(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let address = address.unwrap_or(name).parse::<IpAddr>();
    !host.contains('@')
        && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, fields: &[(&str, &str)]) -> HttpRequest<()> {
        let request = HttpRequest::get(uri);
        let request = fields
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap()
    }

    #[test]
    fn without_tokens_only_this_machine_is_named() {
        for host in [
            "localhost",
            "LOCALHOST:7878",
            "127.0.0.1:7878",
            "127.9.9.9",
            "[::1]:7878",
        ] {
            assert!(no_web_page(&request("/", &[("host", host)])).is_ok(), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:7878",
            "10.0.0.1",
            "[2001:db8::1]",
            "localhost@evil.example",
            "evil.example@localhost",
            "",
        ] {
            let error = no_web_page(&request("/", &[("host", host)])).unwrap_err();
            assert_eq!(error.kind, Kind::Denied, "{host}");
        }
        assert!(no_web_page(&request("/", &[])).is_err(), "no host at all");
        assert!(no_web_page(&request("http://localhost/", &[])).is_ok());
        let two = request("http://evil.example/", &[("host", "localhost")]);
        assert!(no_web_page(&two).is_err());
        let two = request("/", &[("host", "localhost"), ("host", "evil.example")]);
        assert!(no_web_page(&two).is_err());
    }

    #[test]
    fn without_tokens_no_page_of_others_is_answered() {
        let from = |origin| no_web_page(&request("/", &[("host", "localhost:7878"), ("origin", origin)]));
        assert!(from("http://localhost:7878").is_ok(), "its own page");
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost:3000",
            "http://localhost",
            "localhost:7878",
        ] {
            assert!(from(origin).is_err(), "{origin}");
        }
    }

    #[test]
    fn a_token_is_given_once_as_bearer() {
        let tokens = Tokens::new(["one".to_owned()]).unwrap();
        let with = |values: &[&str]| {
            let fields: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
            authenticate(request("/", &fields).headers(), &tokens)
        };
        for good in ["Bearer one", "bearer one", "BEARER  one"] {
            assert!(with(&[good]).is_ok(), "{good}");
        }
        for bad in [
            "one",
            "Basic one",
            "Bearer two",
            "Bearer",
            "Bearer ",
            "Bearer one two",
        ] {
            let error = with(&[bad]).unwrap_err();
            assert_eq!(error.kind, Kind::Unauthenticated, "{bad}");
            assert!(!error.message.contains("two"), "what was given isn't repeated");
        }
        assert!(with(&[]).is_err());
        assert!(with(&["Bearer two", "Bearer one"]).is_err());
    }
}
