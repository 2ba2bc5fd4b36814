//! Every documented operation and its parameters.

use crate::operation::Kind::{Array, Integer, Object, Text};
use crate::operation::{Operation, Param, json, path, query};

const PAGE_NUM: Param = query("pageNum", Integer).required();
const PAGE_NO: Param = query("pageNo", Integer).required();
const PAGE_SIZE: Param = query("pageSize", Integer).required();
const PROCESS_NAME: Param = query("processName", Text);
const STARTED_FROM: Param = query("proStartBeginTime", Text);
const STARTED_TO: Param = query("proStartEndTime", Text);

/// What every operation on a task takes; all but `task.delete` leave every one of them optional.
const TASK: &[Param] = &task(json("taskId", Text));
const DELETED_TASK: &[Param] = &task(json("taskId", Text).required());

const fn task(id: Param) -> [Param; 12] {
    [
        id,
        json("taskName", Text),
        json("userId", Text),
        json("comment", Text),
        json("procInsId", Text),
        json("targetKey", Text),
        json("variables", Object),
        json("assignee", Text),
        json("candidateUsers", Array),
        json("candidateGroups", Array),
        json("copyUserIds", Text),
        json("nextUserIds", Text),
    ]
}

/// Every operation of the document.
pub const OPERATIONS: &[Operation] = &[
    Operation::get(
        "process.list",
        "/workflow/process/list",
        &[
            PAGE_NUM,
            PAGE_SIZE,
            query("processKey", Text),
            PROCESS_NAME,
            query("category", Text),
        ],
    ),
    Operation::get(
        "process-form.get",
        "/workflow/process/getProcessForm",
        &[
            query("definitionId", Text).required(),
            query("deployId", Text).required(),
            query("procInsId", Text),
        ],
    ),
    // The next two have accessToken in their tables, beside the header of every request.
    Operation::get(
        "app-workorder-type.list",
        "/WorkOrder/app/list",
        &[PAGE_NO, PAGE_SIZE, query("accessToken", Text).required()],
    ),
    Operation::get(
        "synthesis-workorder-type.list",
        "/synthesis/list",
        &[PAGE_NO, PAGE_SIZE, query("accessToken", Text).required()],
    ),
    Operation::post(
        "workorder.create",
        "/workorder/workorder",
        &[
            json("processId", Text).required(),
            json("taskId", Text).required(),
            json("params", Object).required(),
            json("systemId", Text).required(),
            json("projectId", Text).required(),
            json("workorderId", Text),
            json("workorderIdExtend", Text),
            json("workorderNumber", Text),
            json("title", Text).required(),
            json("workorderStatus", Text),
            json("source", Text),
            json("compensation", Text),
            json("evaluate", Text),
            json("roomNumber", Text),
            json("description", Text),
            json("attachmentUrls", Text),
            json("procInstId", Text),
            json("processStatus", Text),
        ],
    ),
    Operation::post(
        "process.start",
        "/workflow/process/start/{processDefId}",
        &[
            path("processDefId", Text),
            json("processDefId", Text).required(),
            json("variables", Object).required(),
        ],
    ),
    Operation::get(
        "own-process.list",
        "/workflow/process/ownList",
        &[
            PAGE_NUM,
            PAGE_SIZE,
            query("processKey", Text),
            PROCESS_NAME,
            query("category", Text),
            STARTED_FROM,
            STARTED_TO,
        ],
    ),
    Operation::get(
        "todo-task.list",
        "/workflow/process/todoList",
        &[PAGE_NUM, PAGE_SIZE, PROCESS_NAME, STARTED_FROM, STARTED_TO],
    ),
    Operation::post("task.complete", "/workflow/task/complete", TASK),
    Operation::get(
        "finished-task.list",
        "/workflow/process/finishedList",
        &[PAGE_NUM, PAGE_SIZE, PROCESS_NAME, STARTED_FROM, STARTED_TO],
    ),
    Operation::post("task.reject", "/workflow/task/reject", TASK),
    Operation::post("task.delegate", "/workflow/task/delegate", TASK),
    Operation::post("task.transfer", "/workflow/task/transfer", TASK),
    Operation::post("process.stop", "/workflow/task/stopProcess", TASK),
    Operation::post("task.return", "/workflow/task/return", TASK),
    Operation::post("task.delete", "/workflow/task/delete", DELETED_TASK),
];
