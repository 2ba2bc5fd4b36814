//! What the tests of Dabei share.

use patchbay_simulators::dabei::{self, APP, Dabei, FLOW_RECORD, FLOW_TASK, FORM, USER};
use serde_json::{Value, json};

use crate::support::Rig;

impl Rig<Dabei> {
    /// Authenticated by header fields, with the client's credentials for single sign-on, and a path for
    /// `task.revoke`.
    pub(crate) async fn dabei() -> Self {
        let sim = dabei::Simulator::builder()
            .auth_headers([("x-api-key", "key-of-the-tenant"), ("x-tenant", "tenant-7")]);
        let headers = r#"{"x-api-key":"key-of-the-tenant","x-tenant":"tenant-7"}"#;
        let paths = format!(r#"{{"task.revoke":"{}"}}"#, dabei::REVOKE_PATH);
        let settings = [("auth_headers", headers), ("path_overrides", &paths)];
        Self::at(sim.start().await.unwrap(), &settings).await
    }
}

/// The path and the body that every answer to a task has, and this besides.
pub(super) fn on_flow(more: Value) -> Value {
    with(
        json!({ "app_id": APP, "form_id": FORM, "record_id": FLOW_RECORD, "task_id": FLOW_TASK }),
        more,
    )
}

pub(super) fn on_form(more: Value) -> Value {
    with(json!({ "app_id": APP, "form_id": FORM, "user_id": USER }), more)
}

pub(super) fn with(mut input: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("no object");
    };
    input.as_object_mut().unwrap().extend(more);
    input
}
