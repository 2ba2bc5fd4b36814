//! Every documented operation and its parameters.

use std::sync::LazyLock;

use crate::operation::Kind::{Array, Integer, IntegerOrText, Text};
use crate::operation::{Operation, Param, Payload, Place, Role, file, json, part, query, query_and_json};

const PAGE: Param = query("page", Integer).required();
const SIZE: Param = query("size", Integer).required();
const YES_NO: &[&str] = &["yes", "no"];
const PRIORITY: &[&str] = &["high", "normal", "low"];
const ITEM_STATUS: &[&str] = &["failed", "success", "running", "retry", "pending"];

/// Those whose tables print `application/x-www-form-urlencoded` over a body.
const FORMS: [&str; 5] = [
    "user.create",
    "user.update",
    "org.create",
    "org.update",
    "org.delete",
];

/// The same operations, with forms where their tables print them.
pub(super) static WITH_FORMS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let as_printed = |operation: &Operation| {
        if !FORMS.contains(&operation.id) {
            return *operation;
        }
        let fields = operation.params.iter().map(|param| Param {
            place: Place::Form,
            ..*param
        });
        Operation {
            payload: Payload::Form,
            params: fields.collect::<Vec<_>>().leak(),
            ..*operation
        }
    };
    OPERATIONS.iter().map(as_printed).collect()
});

/// Every operation of the document, those for the session included.
pub const OPERATIONS: &[Operation] = &[
    // 2: session
    Operation::get(
        "token.create",
        "/oapi/v1/token",
        &[
            query("accessKey", Text).required(),
            query("secretKey", Text).required().secret(),
        ],
    )
    .role(Role::Login),
    Operation::get(
        "token.refresh",
        "/oapi/v1/token",
        &[query("refreshToken", Text).required().max(40).secret()],
    )
    .role(Role::Refresh),
    // 3.1: users
    Operation::get(
        "user.list",
        "/oapi/v1/user",
        &[query("userName", Text), PAGE, SIZE],
    ),
    Operation::post(
        "user.create",
        "/oapi/v1/user",
        &[
            json("userName", Text).required(),
            json("userAlias", Text),
            json("roleId", Text).required(),
            json("orgCode", Text).required(),
            json("userPassword", Text).required().secret(),
            json("description", Text),
        ],
    ),
    Operation::put(
        "user.update",
        "/oapi/v1/user",
        &[
            json("userName", Text).required(),
            json("userAlias", Text),
            json("roleId", Text).required(),
            json("orgCode", Text).required(),
            json("description", Text),
            json("id", Integer).required(),
            json("lodePass", Text).secret(),
            json("newPass", Text).secret(),
        ],
    ),
    Operation::delete("user.delete", "/oapi/v1/user", &[json("ids", Integer).required()]),
    // 3.2: roles
    Operation::get(
        "role.list",
        "/oapi/v1/role/list",
        &[query("roleName", Text), PAGE, SIZE],
    ),
    // 3.3: departments
    Operation::get("org.list", "/oapi/v1/orgDef/list", &[PAGE, SIZE]),
    Operation::post(
        "org.create",
        "/oapi/v1/orgDef/addOrg",
        &[
            json("curCode", Text).required().max(5),
            json("parentOrgCode", Text),
            json("curName", Text).required().max(30),
            json("orgPos", Integer),
            json("description", Text).max(200),
        ],
    ),
    Operation::put(
        "org.update",
        "/oapi/v1/orgDef/editOrgDef",
        &[
            json("id", Integer).required(),
            json("curName", Text),
            // A string in the table, a number in the example.
            json("orgPos", IntegerOrText),
            json("description", Text),
        ],
    ),
    Operation::delete(
        "org.delete",
        "/oapi/v1/orgDef/delOrgDef",
        &[json("id", Integer).required()],
    ),
    // 3.4: robots
    Operation::get("robot.list", "/oapi/v1/robot", &[query("tx", Text), PAGE, SIZE]),
    Operation::put(
        "robot.update",
        "/oapi/v1/robot",
        &[json("id", Text).required(), json("robotAlias", Text)],
    ),
    Operation::get(
        "robot.get",
        "/oapi/v1/robot/detail",
        &[query("id", Text).required()],
    ),
    // 3.5: designers
    Operation::get("studio.list", "/oapi/v1/studio", &[PAGE, SIZE]),
    Operation::put(
        "studio.update",
        "/oapi/v1/studio",
        &[json("id", Text).required(), json("studioAlias", Text)],
    ),
    // 3.6: processes
    Operation::get(
        "process.list",
        "/oapi/v1/process",
        &[
            query("procName", Text),
            query("deveUserName", Text),
            query("ownUserName", Text),
            query("orgCode", Text),
            PAGE,
            SIZE,
        ],
    ),
    Operation::delete(
        "process.delete",
        "/oapi/v1/process",
        &[json("id", Text).required()],
    ),
    // 3.7: versions
    Operation::get(
        "process-version.list",
        "/oapi/v1/process/version",
        &[PAGE, SIZE, query("procId", Integer)],
    ),
    // 3.8: schedules
    Operation::get("schedule.list", "/oapi/v1/schedule/list", &[PAGE, SIZE]),
    // 3.9: jobs
    Operation::get(
        "job.list",
        "/oapi/v1/job",
        &[query("id", Integer).required(), PAGE, SIZE],
    ),
    Operation::post(
        "job.create",
        "/oapi/v1/job/create",
        &[json("id", Integer).required()],
    ),
    Operation::post(
        "job.retry",
        "/oapi/v1/job/retry",
        &[json("id", Integer).required()],
    ),
    Operation::post("job.stop", "/oapi/v1/job/stop", &[json("id", Integer).required()]),
    Operation::delete("job.delete", "/oapi/v1/job", &[json("id", Text).required()]),
    // 3.10: variables
    Operation::get(
        "asset-log.list",
        "/oapi/v1/asset/vlog",
        &[
            query("assetId", Text).required(),
            query("action", Text).one_of(&["edit", "create", "read"]),
            query("procCode", Text),
            query("robotNo", Text),
            query("from", Text),
            query("to", Text),
            PAGE,
            SIZE,
        ],
    ),
    Operation::post(
        "asset.list",
        "/oapi/v1/asset/list",
        &[
            query_and_json("assetName", Text),
            query_and_json("page", Integer).required(),
            query_and_json("size", Integer).required(),
        ],
    ),
    Operation::post(
        "asset.create",
        "/oapi/v1/asset",
        &[
            json("robotsNo", Text).required(),
            json("isPythonExpr", Text).one_of(YES_NO),
            json("isClientEdit", Text).one_of(YES_NO),
            json("assetDesc", Text),
            json("assetName", Text).required(),
            json("assetValue", Text).required().secret(),
            json("assetType", Text)
                .required()
                .one_of(&["text", "passwd", "password"]),
            json("orgCode", Text),
        ],
    ),
    Operation::put(
        "asset.update",
        "/oapi/v1/asset",
        &[
            json("assetName", Text).required(),
            json("assetValue", Text).required().secret(),
        ],
    ),
    Operation::delete(
        "asset.delete",
        "/oapi/v1/asset",
        &[json("assetId", Integer), json("assetName", Text)],
    ),
    // 3.11: queues
    Operation::get(
        "queue-item.list",
        "/oapi/v1/queue/item",
        &[
            query("queueName", Text).required(),
            query("priority", Text).one_of(PRIORITY),
            query("from", Text),
            query("to", Text),
            query("status", Text).one_of(ITEM_STATUS),
            query("filter", Text),
        ],
    ),
    Operation::post(
        "queue-item.create",
        "/oapi/v1/queue/item",
        &[
            json("queueName", Text).required(),
            json("priority", Text).required().one_of(PRIORITY),
            json("deadline", Text).required(),
            json("keys", Text),
        ],
    ),
    Operation::put(
        "queue-item.update",
        "/oapi/v1/queue/item",
        &[
            json("itemNo", Text).required(),
            json("status", Text).required().one_of(ITEM_STATUS),
            json("queueName", Text).required(),
            json("result", Text),
        ],
    ),
    Operation::get(
        "queue-item.pop",
        "/oapi/v1/queue/item/pop",
        &[query("queueName", Text).required()],
    ),
    Operation::delete(
        "queue-item.delete",
        "/oapi/v1/queue/item",
        &[
            json("items", Array).required(),
            json("items[].itemNo", Text).required(),
            json("queueName", Text).required(),
        ],
    ),
    Operation::get(
        "queue.list",
        "/oapi/v1/queue",
        &[query("queueName", Text), PAGE, SIZE],
    ),
    Operation::post(
        "queue.create",
        "/oapi/v1/queue",
        &[
            json("queueName", Text).required(),
            json("queueMaxItems", Integer).required(),
            json("failTryTimes", Integer).required(),
            json("queueDesc", Text),
            json("robotsNo", Text),
            json("timeOut", Text),
            json("orgCode", Text),
        ],
    ),
    Operation::delete(
        "queue.delete",
        "/oapi/v1/queue",
        &[json("queueId", Text), json("queueName", Text)],
    ),
    Operation::put(
        "queue.clear",
        "/oapi/v1/queue/clear",
        &[json("queueId", Text), json("queueName", Text)],
    ),
    // 3.12: shared files
    Operation::get(
        "file.list",
        "/oapi/v1/share/file",
        &[PAGE, SIZE, query("userId", Integer), query("fileName", Text)],
    ),
    Operation::post(
        "file.upload",
        "/oapi/v1/share/file",
        &[
            file("uploadFile").required(),
            part("isOverwrite", Text).one_of(YES_NO),
            part("fileTag", Text),
            part("userId", Integer).required(),
        ],
    )
    .payload(Payload::Multipart),
    Operation::get(
        "file.download",
        "/oapi/v1/share/file/download",
        &[
            query("fileName", Text).required(),
            query("userId", Integer).required(),
        ],
    ),
    Operation::delete(
        "file.delete",
        "/oapi/v1/share/file",
        &[json("id", Text).required()],
    ),
];
