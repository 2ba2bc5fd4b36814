//! Certificate and key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use patchbay::Error;

/// Files (PEM) that make the service speak TLS. They are read once, at start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by those that lead to its root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// TLS 1.2 and 1.3 with this certificate, for HTTP/2 and HTTP/1.1.
pub(super) fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, Error> {
    let TlsFiles { certificate, key } = files;
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable("certificate", certificate, &error))?;
    if chain.is_empty() {
        return Err(unusable(
            "certificate",
            certificate,
            &"it has no certificate (PEM)",
        ));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable("key", key, &error))?;
    warn_of_readers(key);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(rustls::ConfigBuilder::<rustls::ServerConfig, _>::with_no_client_auth)
        .and_then(|config| config.with_single_cert(chain, private))
        .map_err(|error| {
            Error::usage(format!(
                "serve.tls: the certificate {} can't be used with the key {}: {error}",
                certificate.display(),
                key.display()
            ))
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn unusable(what: &str, file: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::usage(format!(
        "serve.tls.{what}: {} can't be read: {error}",
        file.display()
    ))
}

/// A key that others can read isn't private.
fn warn_of_readers(key: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::metadata(key).map(|metadata| metadata.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o004 != 0) {
        tracing::warn!(key = %key.display(), "every user of this machine can read the key of the certificate; chmod it to 600");
    }
}
