//! The connector: settings, operations, callbacks.

use jingkun_oauth::{Client, settings as jingkun};
use patchbay_sdk::callbacks::{Callback, InboundRequest, Receipt, Receiver};
use patchbay_sdk::{Call, Connector, Failure, Host, Operation, Setting, operations, settings};
use serde_json::Value;

use crate::callback::PlanRun;
use crate::endpoints::{plan, run, schedule};

/// One connection to a JingKun platform, for its plans.
pub struct JingkunPlan {
    client: Client,
}

impl Connector for JingkunPlan {
    const ID: &'static str = "jingkun-plan";
    const VENDOR: &'static str = "JingKun (鲸鲲)";
    const SUMMARY: &'static str =
        "DPA plans: list, schedule and execute them, read the outputs of their runs";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "JingKun DPA plan API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        jingkun::CLIENT_ID,
        jingkun::CLIENT_SECRET,
        jingkun::SCOPE,
        jingkun::USER_ID,
        settings::PATH_OVERRIDES,
        jingkun::STRINGIFY_SCALARS,
    ];
    const OPERATIONS: &'static [Operation<Self>] = operations![
        plan::List,
        plan::ListWorkflows,
        schedule::Create,
        run::ListOutputs;
        run::Execute,
    ];
    const CALLBACKS: &'static [Callback] = &[Callback::of::<PlanRun>()];

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

impl Receiver for JingkunPlan {
    fn receive(request: &InboundRequest) -> Receipt {
        jingkun_oauth::callback::receive::<PlanRun>(request)
    }
}
