//! Every documented operation and its parameters.

use crate::jingkun::{AUTHORIZE, TOKEN};
use crate::operation::Kind::{Boolean, Integer, Object, Text};
use crate::operation::{Operation, Param, json, path, query};

const FLAG: &[&str] = &["true", "false"];

const LIST: Operation = Operation::post("workflow.list", "/api/dpa/process/processModel/listAll", &[]);

const VARIABLES: Operation = Operation::post(
    "workflow-variable.list",
    "/api/dpa/process/variable/listVar",
    &[
        json("processModelId", Text).required(),
        json("type", Text).required().one_of(&["running"]),
    ],
);

const STATUS: Operation = Operation::get(
    "workflow-run-status.get",
    "/api/dpa/process/processrun/getProcessRunStatus",
    &[
        query("modelId", Text).required(),
        query("instanceId", Text).required(),
    ],
);

/// Its path is the simulator's own.
const fn execute(params: &'static [Param]) -> Operation {
    Operation::post(
        "workflow.execute",
        "/api/dpa/process/processrun/execute/{processModelId}",
        params,
    )
}

const fn outputs(params: &'static [Param]) -> Operation {
    Operation::post(
        "workflow-run-output.list",
        "/api/dpa/process/processModel/getOutParamByModelId",
        params,
    )
}

/// The operations of the document, two of them for the session.
pub const OPERATIONS: &[Operation] = &[
    // 1: session
    AUTHORIZE,
    TOKEN,
    // 2
    VARIABLES,
    // 3
    execute(&[
        path("processModelId", Text),
        json("callbackUrl", Text),
        json("mapParam", Object),
        json("sync", Boolean),
        json("second", Integer),
        json("paramFlag", Boolean),
    ]),
    // 4
    STATUS,
    // 6
    LIST,
    // 7
    outputs(&[
        json("modelId", Text).required(),
        json("instanceId", Text).required(),
        json("paramFlag", Boolean),
    ]),
];

/// The same, with booleans and integers as strings, as the examples have them.
pub(super) const STRINGIFIED: &[Operation] = &[
    AUTHORIZE,
    TOKEN,
    VARIABLES,
    execute(&[
        path("processModelId", Text),
        json("callbackUrl", Text),
        json("mapParam", Object),
        json("sync", Text).one_of(FLAG),
        json("second", Text),
        json("paramFlag", Text).one_of(FLAG),
    ]),
    STATUS,
    LIST,
    outputs(&[
        json("modelId", Text).required(),
        json("instanceId", Text).required(),
        json("paramFlag", Text).one_of(FLAG),
    ]),
];
