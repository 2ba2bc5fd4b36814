//! Every documented operation and its parameters.

use crate::operation::Kind::{Array, Boolean, Integer, Object, Text};
use crate::operation::{Operation, Param, json, path, query};

const APP: Param = path("app_id", Text);
const FORM: Param = path("form_id", Text);
const RECORD: Param = path("record_id", Text);
const TASK: Param = path("task_id", Text);
const IDENTITY: Param = query("client_id", Text).required();
const SECRET: Param = query("client_secret", Text).required().secret();
const ACTING: Param = json("userId", Text).required();
const APPROVE: Param = json("approve", Object);
const CONTENT: Param = json("approve.content", Text);
const ATTACHMENTS: Param = json("approve.attachments", Array);
const ATTACHMENT: Param = json("approve.attachments[]", Text);
const IMAGES: Param = json("approve.images", Array);
const IMAGE: Param = json("approve.images[]", Text);

/// An answer to a task: `task.submit` and `task.deny` take the same.
const DECISION: &[Param] = &[
    APP,
    FORM,
    RECORD,
    TASK,
    ACTING,
    APPROVE,
    CONTENT,
    ATTACHMENTS,
    ATTACHMENT,
    IMAGES,
    IMAGE,
    json("variables", Object).required(),
];

/// Where `task.revoke` is unless told otherwise: the document prints the path of `task.transfer`.
pub const REVOKE_PATH: &str = "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/revoke";

/// Every operation of the document.
pub const OPERATIONS: &[Operation] = &[
    // Identity
    Operation::get(
        "oauth-user.get",
        "/oauth2/users/user_info",
        &[
            IDENTITY,
            SECRET,
            query("grant_type", Text)
                .required()
                .one_of(&["authorization_code"]),
            query("code", Text).required().secret(),
        ],
    ),
    Operation::get(
        "authority-code.get",
        "/oauth2/authority_code",
        &[IDENTITY, SECRET, query("username", Text), query("phone", Text)],
    ),
    // 1 to 3: applications and forms
    Operation::get("app.list", "/apps", &[query("name", Text)]),
    Operation::get(
        "form.list",
        "/apps/{app_id}/forms",
        &[
            APP,
            query("name", Text),
            query("page_no", Integer),
            query("page_size", Integer),
        ],
    ),
    Operation::get(
        "form-field.list",
        "/apps/{app_id}/forms/{form_id}/fields",
        &[APP, FORM],
    ),
    // 4 to 7: records and the tasks of their flows
    Operation::post(
        "record.create",
        "/apps/{app_id}/forms/{form_id}/record_create",
        &[
            APP,
            FORM,
            query("start_flow", Boolean),
            query("flow_code", Text),
            json("user_id", Text).required(),
        ],
    )
    .free_fields(),
    Operation::post(
        "record.update",
        "/apps/{app_id}/forms/{form_id}/record_update",
        &[
            APP,
            FORM,
            json("user_id", Text).required(),
            json("record_id", Text).required(),
        ],
    )
    .free_fields(),
    Operation::post(
        "task.submit",
        "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/submit",
        DECISION,
    ),
    Operation::post(
        "task.deny",
        "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/deny",
        DECISION,
    ),
    Operation::post(
        "task.transfer",
        "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/transfer",
        &[
            APP,
            FORM,
            RECORD,
            TASK,
            ACTING,
            APPROVE,
            CONTENT,
            ATTACHMENTS,
            ATTACHMENT,
            IMAGES,
            IMAGE,
            json("transferIds", Array).required(),
            json("transferIds[]", Text),
        ],
    ),
    Operation::post(
        "task.revoke",
        REVOKE_PATH,
        &[APP, FORM, RECORD, TASK, json("user_id", Text).required()],
    ),
    Operation::post(
        "record.delete",
        "/apps/{app_id}/forms/{form_id}/record_delete",
        &[
            APP,
            FORM,
            json("user_id", Text).required(),
            json("record_id", Text).required(),
        ],
    ),
    Operation::post(
        "record.list",
        "/apps/{app_id}/forms/{form_id}/records",
        &[
            APP,
            FORM,
            json("filter", Object),
            json("user_id", Text).required(),
            json("page_no", Integer),
            json("page_size", Integer),
        ],
    ),
    Operation::get(
        "record.get",
        "/apps/{app_id}/forms/{form_id}/records/{record_id}",
        &[APP, FORM, RECORD, query("user_id", Text).required()],
    ),
    Operation::get(
        "task.list",
        "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks",
        &[APP, FORM, RECORD, query("user_id", Text).required()],
    ),
    // The second list: organisations and users
    Operation::get(
        "org.list",
        "/orgs",
        &[query("parentId", Text), query("recursion", Boolean)],
    ),
    Operation::get("org.get", "/orgs/{org_id}", &[path("org_id", Text)]),
    Operation::get(
        "user.list",
        "/users",
        &[query("org_id", Text).required(), query("recursion", Boolean)],
    ),
    Operation::post("user.get", "/users/user_id", &[json("user_id", Text).required()]),
];
