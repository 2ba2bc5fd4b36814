//! What the simulator can be set to.

use clap::Args;

use super::auth::Credentials;
use super::{Dabei, REVOKE_PATH};

/// What the simulator can be set to.
#[derive(Debug, Clone, Args)]
pub struct Setup {
    #[command(flatten)]
    pub(super) credentials: Credentials,
    #[arg(skip = REVOKE_PATH)]
    pub(super) revoke_path: &'static str,
    /// Answer task.list with the envelope
    #[arg(long)]
    pub(super) task_list_envelope: bool,
}

/// How a simulator starts.
pub type Builder = crate::Builder<Dabei>;

impl Builder {
    /// The client id it takes.
    #[must_use]
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.setup.credentials.client_id = id.into();
        self
    }

    /// The client secret it takes.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.setup.credentials.client_secret = secret.into();
        self
    }

    /// The headers that every business call must have, with their values.
    #[must_use]
    pub fn auth_headers<N: AsRef<str>, V: Into<String>>(
        mut self,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let headers = headers.into_iter();
        let headers = headers.map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into()));
        self.setup.credentials.headers = headers.collect();
        self
    }

    /// The query parameters that every business call must have, with their values.
    #[must_use]
    pub fn auth_query<N: Into<String>, V: Into<String>>(
        mut self,
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let parameters = parameters.into_iter();
        self.setup.credentials.query = parameters
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        self
    }

    /// Where `task.revoke` is. It may leave out `{task_id}`.
    #[must_use]
    pub fn revoke_path(mut self, path: &'static str) -> Self {
        self.setup.revoke_path = path;
        self
    }

    /// Whether `task.list` answers with the envelope, and not with a bare list as the document prints it.
    #[must_use]
    pub fn task_list_envelope(mut self, enveloped: bool) -> Self {
        self.setup.task_list_envelope = enveloped;
        self
    }
}
