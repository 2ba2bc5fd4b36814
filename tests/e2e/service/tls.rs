//! TLS: a certificate of its own, HTTP/2 and HTTP/1.1.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;

use super::rig::{Raw, odd};
use crate::support::{Served, Setup, run};

/// A service with a certificate for localhost, and the certificate.
fn served(limits: &str, permissions: u32) -> (Served, CertificateDer<'static>) {
    let serve = format!("tls = {{ certificate = \"cert.pem\", key = \"key.pem\" }}\n{limits}");
    let setup = Setup::new(&serve, &odd(""));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    setup.write("cert.pem", &made.cert.pem());
    let key = setup.write("key.pem", &made.signing_key.serialize_pem());
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(permissions)).unwrap();
    (setup.start(), made.cert.der().clone())
}

fn trusting(certificate: CertificateDer<'static>) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[test]
fn both_versions_of_http_are_spoken_over_tls() {
    run(async {
        let (served, certificate) = served("", 0o600);
        assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
        for (version, http2) in [(http::Version::HTTP_2, true), (http::Version::HTTP_11, false)] {
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(trusting(certificate.clone()))
                .https_only();
            let connector = if http2 {
                connector.enable_all_versions().build()
            } else {
                connector.enable_http1().build()
            };
            let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
            let url = format!("{}/v1/connections/odd/operations/well", served.url);
            let request = http::Request::post(url).body(Full::from("{}")).unwrap();
            let response = client.request(request).await.unwrap();
            assert_eq!((response.version(), response.status().as_u16()), (version, 200));
            assert!(response.headers().contains_key("x-call-id"));
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert!(body.starts_with(b"{\"calls\":"), "{body:?}");
        }
        assert!(
            !served.log().contains("key of the certificate"),
            "{}",
            served.log()
        );
        assert!(!served.log().contains("PRIVATE KEY"));
    });
}

#[test]
fn a_handshake_that_does_not_end_is_cut_and_plain_http_is_refused() {
    run(async {
        let (served, _) = served("limits = { request = \"500ms\" }", 0o644);
        served.said("every user of this machine can read the key");
        for (sent, silent) in [
            ("", true),
            ("\x16\x03", true),
            ("GET /healthz HTTP/1.1\r\n\r\n", false),
        ] {
            let mut raw = Raw::connect(&served).await;
            raw.write(sent).await;
            let answer = raw.read_to_end().await;
            assert!(!answer.contains("HTTP/1.1"), "{answer}");
            assert!(!silent || answer.is_empty(), "{answer:?}");
        }
    });
}

#[test]
fn a_handshake_does_not_hold_up_the_end() {
    run(async {
        let (mut served, _) = served("", 0o600);
        let mut raw = Raw::connect(&served).await;
        raw.write("\x16\x03").await;
        served.signal("TERM");
        assert_eq!(served.ended().0, Some(0));
        assert!(!served.log().contains("WARN"), "{}", served.log());
    });
}
