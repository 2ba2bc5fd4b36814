//! Execution of a workflow (section 3).

use jingkun_oauth::Unspecified;
use patchbay_sdk::encode::Encoded;
use patchbay_sdk::{Connector as _, Endpoint, Failure, Handler, Operation, Params, Payload, operations};
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
/// the setting `execute_urls` has the URL of; exactly one of the two; an empty string counts as absent. The access
/// token goes to that URL as to every other, as far as the host's policy lets requests go there.
///
/// What comes out isn't documented either and passes through; `instanceId`, which the operations on runs
/// need, is expected in it. With `sync` the call lasts as long as the run, or `second` seconds: give it a
/// deadline that is longer. Without, ask `workflow-run-status.get`, or wait for the callback `workflow-run`.
///
/// A workflow that is running or pending can't be executed. `workflow.run` executes and waits in one.
// Where it is, see `Target`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "workflow.execute",
    title = "工作流执行接口",
    effect = Write,
    rename_all = "camelCase",
    one_of("executeUrl", "processModelId"),
    response = Unspecified,
    example = r#"{"processModelId":"mddae8b163","sync":false,"mapParam":{"DPA_MODEL_WORKDIR":"/opt"},"paramFlag":false,"callbackUrl":"http://localhost:8081/test/sec","second":3}"#
)]
pub struct Execute {
    /// URL that executes the workflow, from the API button of its card: absolute, or a path after
    /// `base_url`. What a URL can't carry, such as spaces and Chinese characters, is percent-encoded.
    #[param(title = "工作流执行接口 URL")]
    pub execute_url: Option<String>,
    /// Workflow ID, a key of the setting `execute_urls`: `processModelId` of `workflow.list`.
    #[param(title = "工作流 ID")]
    pub process_model_id: Option<String>,
    /// Where the platform calls back when the run has ended, with a `workflow-run`.
    #[param(title = "回调URL")]
    pub callback_url: Option<String>,
    /// Values of the variables of the workflow. Member names are `name` of `workflow-variable.list`; left out
    /// where that lists none.
    #[param(title = "执行参数")]
    pub map_param: Option<Map<String, Value>>,
    /// `true`: the answer waits for the end of the run (同步). `false`: it doesn't (异步). The document's name for it
    /// reads the other way round; its values count.
    #[param(title = "是否异步执行", lenient, default = false)]
    pub sync: Option<bool>,
    /// How many seconds the answer waits at most, where `sync` is true.
    #[param(title = "同步返回结果超时时间", lenient)]
    pub second: Option<i64>,
    /// Whether only the outputs of designated nodes (指定节点) come back; otherwise those of all nodes.
    #[param(title = "是否查询指点节点出参", lenient, default = false)]
    pub param_flag: Option<bool>,
}

impl Handler<JingkunWorkflow> for Execute {
    fn handle(connector: &JingkunWorkflow, params: Params) -> Result<Payload, Failure> {
        execute(connector, params)
    }
}

/// Sends it to where the workflow is executed.
pub(super) fn execute(connector: &JingkunWorkflow, mut params: Params) -> Result<Payload, Failure> {
    let client = connector.client();
    let declaration = Execute::DECLARATION;
    let url = params.remove("executeUrl");
    let target = Target::find(
        connector.host().settings(),
        client.base_url(),
        declaration.id,
        url.as_ref().and_then(Value::as_str),
        params.text("processModelId"),
    )?;
    // Neither is a parameter of the vendor's; a path from `path_overrides` may name the workflow.
    if !target.path.contains("{processModelId}") {
        params.remove("processModelId");
    }
    let request = Encoded::endpoint(declaration, params, &target.path)?;
    client.call_at(&target.base_url, &request)
}
