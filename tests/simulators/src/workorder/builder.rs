//! What the simulator can be set to.

use clap::Args;

use super::{
    ACCESS_TOKEN, APP_ID, APP_SECRET, APPROVER, APPROVER_TOKEN, DISABLED_TOKEN, DISABLED_USER, RequestType,
    SECOND_APPROVER, SECOND_APPROVER_TOKEN, SERVER_ID, SERVER_SECRET, USER, WorkOrder,
};

/// What the simulator can be set to.
#[derive(Debug, Clone, Args)]
pub struct Setup {
    /// The appID it takes
    #[arg(long, default_value = APP_ID)]
    pub(super) app_id: String,
    /// The secretKey that goes with the appID
    #[arg(long, default_value = APP_SECRET)]
    pub(super) app_secret: String,
    /// The serverID it takes
    #[arg(long, default_value = SERVER_ID)]
    pub(super) server_id: String,
    /// The secretKey that goes with the serverID
    #[arg(long, default_value = SERVER_SECRET)]
    pub(super) server_secret: String,
    /// One more access token of the first user
    #[arg(long, default_value = ACCESS_TOKEN)]
    pub(super) access_token: String,
    /// Refuse with HTTP 401 and 403, not 200
    #[arg(long)]
    pub(super) http_refusals: bool,
    #[arg(skip)]
    pub(super) only: Option<RequestType>,
    #[arg(skip)]
    pub(super) authorization: Option<String>,
    #[arg(skip = tokens())]
    pub(super) tokens: Vec<(String, String)>,
    #[arg(skip = true)]
    pub(super) own_list_code: bool,
}

fn tokens() -> Vec<(String, String)> {
    let tokens = [
        (ACCESS_TOKEN, USER),
        (APPROVER_TOKEN, APPROVER),
        (SECOND_APPROVER_TOKEN, SECOND_APPROVER),
        (DISABLED_TOKEN, DISABLED_USER),
    ];
    tokens.map(|(token, user)| (token.into(), user.into())).into()
}

/// How a simulator starts.
pub type Builder = crate::Builder<WorkOrder>;

impl Builder {
    /// `appID` and `secretKey` of the request type `app`.
    #[must_use]
    pub fn app(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        (self.setup.app_id, self.setup.app_secret) = (id.into(), secret.into());
        self
    }

    /// `serverID` and `secretKey` of the request type `service`.
    #[must_use]
    pub fn service(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        (self.setup.server_id, self.setup.server_secret) = (id.into(), secret.into());
        self
    }

    /// Takes this request type only, and answers the other with 4000.
    #[must_use]
    pub fn only(mut self, request_type: RequestType) -> Self {
        self.setup.only = Some(request_type);
        self
    }

    /// What `Authorization` must be, in place of the access token.
    #[must_use]
    pub fn authorization(mut self, value: impl Into<String>) -> Self {
        self.setup.authorization = Some(value.into());
        self
    }

    /// One more access token, for a user.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>, user: impl Into<String>) -> Self {
        self.setup.tokens.push((token.into(), user.into()));
        self
    }

    /// Whether 4004 comes with HTTP 401 and 4001 with HTTP 403, and not with HTTP 200.
    #[must_use]
    pub fn http_refusals(mut self, on: bool) -> Self {
        self.setup.http_refusals = on;
        self
    }

    /// Whether `own-process.list` has `code` and `msg`, which its printed example lacks.
    #[must_use]
    pub fn own_list_code(mut self, on: bool) -> Self {
        self.setup.own_list_code = on;
        self
    }
}
