//! The connector: settings, operations, callbacks.

use jingkun_oauth::{Client, settings as jingkun};
use patchbay_sdk::callbacks::{Callback, InboundRequest, Receipt, Receiver};
use patchbay_sdk::{Call, Connector, Failure, Host, Operation, Setting, operations, settings};
use serde_json::Value;

use crate::callback::WorkflowRun;
use crate::endpoints::{execute, follow, run, workflow};
use crate::target::EXECUTE_URLS;

/// One connection to a JingKun platform, for its workflows.
pub struct JingkunWorkflow {
    client: Client,
}

impl Connector for JingkunWorkflow {
    const ID: &'static str = "jingkun-workflow";
    const VENDOR: &'static str = "JingKun (鲸鲲)";
    const SUMMARY: &'static str =
        "DPA workflows: list and execute them, follow their runs, read their outputs";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "JingKun DPA workflow API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        jingkun::CLIENT_ID,
        jingkun::CLIENT_SECRET,
        jingkun::SCOPE,
        jingkun::USER_ID,
        EXECUTE_URLS,
        settings::PATH_OVERRIDES,
        jingkun::STRINGIFY_SCALARS,
    ];
    const OPERATIONS: &'static [Operation<Self>] = operations![
        workflow::List,
        workflow::ListVariables,
        run::GetStatus,
        run::ListOutputs;
        execute::Execute,
        follow::Run,
    ];
    const CALLBACKS: &'static [Callback] = &[Callback::of::<WorkflowRun>()];

    fn open(host: Host) -> Result<Self, Failure> {
        let client = Client::open(host, Self::ID)?;
        Ok(Self { client })
    }

    fn host(&self) -> &Host {
        self.client.host()
    }

    fn call(&self, call: &Call) -> Result<Value, Failure> {
        self.client.call(call)
    }
}

impl Receiver for JingkunWorkflow {
    fn receive(request: &InboundRequest) -> Receipt {
        jingkun_oauth::callback::receive::<WorkflowRun>(request)
    }
}

impl JingkunWorkflow {
    /// The connection itself, for requests that don't go to `base_url`.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}
