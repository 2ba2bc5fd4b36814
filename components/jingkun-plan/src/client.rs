//! One connection of the connector.

use jingkun_oauth::Client;
use patchbay_sdk::{Connector as _, Failure, Host};

/// One connection to a JingKun platform, for its plans.
pub struct JingkunPlan {
    client: Client,
}

impl JingkunPlan {
    /// Reads the settings. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where a setting is missing or unusable.
    pub fn new(host: Host) -> Result<Self, Failure> {
        let client = Client::open(host, Self::ID)?;
        Ok(Self { client })
    }

    /// The connection to the platform.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}
