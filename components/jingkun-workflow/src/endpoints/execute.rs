//! Execution of a workflow (section 3).

use jingkun_oauth::Unspecified;
use patchbay_sdk::encode::Encoded;
use patchbay_sdk::{
    Connector as _, Effect, Endpoint, Failure, Handler, Method, Operation, Payload, Violation, operations,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::JingkunWorkflow;
use crate::target::Target;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunWorkflow>] = operations![; Execute];

/// Execute a workflow
///
/// Section 3.
///
/// Where to: the document has no address. Either give `executeUrl`, or `processModelId` for a workflow that
/// the setting `execute_urls` has the URL of; exactly one of the two; an empty string counts as
/// absent. The access token goes to that URL as
/// to every other, as far as the host's policy lets requests go there.
///
/// What comes out isn't documented either and passes through; `instanceId`, which the operations on runs
/// need, is expected in it. With `sync` the call lasts as long as the run, or `second` seconds: give it a
/// deadline that is longer. A workflow that is running or pending can't be executed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["executeUrl"], "properties": { "executeUrl": { "minLength": 1 } } },
    { "required": ["processModelId"], "properties": { "processModelId": { "minLength": 1 } } },
]))]
pub struct Execute {
    /// URL that executes the workflow, from the API button of its card: absolute, or a path after
    /// `base_url`. What a URL can't carry, such as spaces and Chinese characters, is percent-encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execute_url: Option<String>,
    /// Workflow ID, a key of the setting `execute_urls`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_model_id: Option<String>,
    /// Where the platform calls back when the run has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Values of the variables that `workflow-variable.list` names, by their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_param: Option<Map<String, Value>>,
    /// Whether the answer waits for the end of the run. Without it, it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<bool>,
    /// How many seconds it waits at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<i64>,
    /// Whether only the outputs of designated nodes come back; otherwise those of all nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param_flag: Option<bool>,
}

impl Endpoint for Execute {
    const ID: &'static str = "workflow.execute";
    const TITLE: &'static str = "工作流执行接口";
    const METHOD: Method = Method::POST;
    /// Not documented; see [`Target`].
    const PATH: &'static str = "";
    const EFFECT: Effect = Effect::Write;
    type Response = Unspecified;

    fn check(&self) -> Vec<Violation> {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if given(&self.execute_url) == given(&self.process_model_id) {
            vec![Violation::new(
                "",
                "needs exactly one of \"executeUrl\" and \"processModelId\"",
            )]
        } else {
            Vec::new()
        }
    }
}

impl Handler<JingkunWorkflow> for Execute {
    fn handle(&self, connector: &JingkunWorkflow) -> Result<Payload, Failure> {
        self.send(connector)
    }
}

impl Execute {
    /// Sends it to where the workflow is executed.
    pub(super) fn send(&self, connector: &JingkunWorkflow) -> Result<Payload, Failure> {
        let client = connector.client();
        let target = Target::find(
            connector.host().settings(),
            client.base_url(),
            Self::ID,
            self.execute_url.as_deref(),
            self.process_model_id.as_deref(),
        )?;
        // Neither is a parameter of the vendor's; a path from `path_overrides` may name the workflow.
        let named = target.path.contains("{processModelId}");
        let parameters = Self {
            execute_url: None,
            process_model_id: self.process_model_id.clone().filter(|_| named),
            ..self.clone()
        };
        let request = Encoded::endpoint(&parameters, &target.path)?;
        client.call_at(&target.base_url, &request)
    }
}
