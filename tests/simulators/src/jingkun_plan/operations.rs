//! Every documented operation and its parameters.

use crate::jingkun::{AUTHORIZE, TOKEN};
use crate::operation::Kind::{Array, Object, Text};
use crate::operation::{Operation, Payload, form, json, path, query};

/// The operations of the document, two of them for the session.
pub const OPERATIONS: &[Operation] = &[
    // 1: session
    AUTHORIZE,
    TOKEN,
    // 2
    Operation::get("plan.list", "/api/dpa/process/processPlan/queryPlanByUserId", &[]),
    // 3
    Operation::post(
        "plan-workflow.list",
        "/api/dpa/process/processPlan/queryModelByPlanId",
        &[json("processPlanId", Text).required()],
    ),
    // 4
    Operation::post(
        "plan-schedule.create",
        "/api/dpa/process/processPlan/saveTimingParam",
        &[
            form("processPlanId", Text).required(),
            form("callbackUrl", Text).required(),
            form("dimension", Text)
                .required()
                .one_of(&["seconds", "minutes", "hours", "day", "weeks", "month"]),
            form("intervals", Text).required(),
            form("executeStrategy", Text)
                .required()
                .one_of(&["single", "cycle"]),
            form("sceneName", Text).required(),
            // A JSON list, as one string.
            form("modelVarReq", Text),
        ],
    )
    .payload(Payload::Form),
    // 5
    Operation::post(
        "plan.execute",
        "/api/dpa/process/processPlan/opExecutePlanByApi/{processPlanId}",
        &[
            path("processPlanId", Text),
            json("processPlanId", Text).required(),
            json("callbackUrl", Text),
            json("modelVarReq", Array),
            json("modelVarReq[].modelId", Text),
            json("modelVarReq[].mapParam", Object),
        ],
    ),
    // 6
    Operation::get(
        "plan-run-output.list",
        "/api/dpa/process/processPlan/queryPlanRunOutParam",
        &[
            query("processPlanId", Text).required(),
            query("planInstanceId", Text).required(),
        ],
    ),
];
