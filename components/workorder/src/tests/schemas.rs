//! What the manifest says of each operation, against the document's tables.

use std::collections::BTreeSet;

use patchbay_sdk::operations::{Description, all};
use patchbay_sdk::testing::{declarations_hold, json};
use patchbay_sdk::{Advance, Connector as _, Effect, Pages, SettingKind};
use serde_json::Value;

use super::*;

/// The parameters of an operation on a task.
const TASK: &[&str] = &[
    "taskId",
    "taskName",
    "userId",
    "comment",
    "procInsId",
    "targetKey",
    "variables",
    "assignee",
    "candidateUsers",
    "candidateGroups",
    "copyUserIds",
    "nextUserIds",
];

const PAGE: &[&str] = &["pageNum", "pageSize"];
const TYPES: &[&str] = &["pageNo", "pageSize"];
const PROCESS: &[&str] = &["processKey", "processName", "category"];
const TIMES: &[&str] = &["proStartBeginTime", "proStartEndTime"];
const ORDER: &[&str] = &["processId", "taskId", "params", "systemId", "projectId", "title"];
const ORDER_OPTIONAL: &[&str] = &[
    "workorderId",
    "workorderIdExtend",
    "workorderNumber",
    "workorderStatus",
    "source",
    "compensation",
    "evaluate",
    "roomNumber",
    "description",
    "attachmentUrls",
    "procInstId",
    "processStatus",
];

type Row = (
    &'static str,
    Effect,
    &'static [&'static str],
    &'static [&'static [&'static str]],
);

/// Operation, effect, required and optional parameters, in the order of the document.
const DOCUMENTED: &[Row] = &[
    ("process.list", Effect::Read, PAGE, &[PROCESS]),
    (
        "process-form.get",
        Effect::Read,
        &["definitionId", "deployId"],
        &[&["procInsId"]],
    ),
    ("app-workorder-type.list", Effect::Read, TYPES, &[]),
    ("synthesis-workorder-type.list", Effect::Read, TYPES, &[]),
    ("workorder.create", Effect::Write, ORDER, &[ORDER_OPTIONAL]),
    (
        "process.start",
        Effect::Write,
        &["processDefId", "variables"],
        &[],
    ),
    ("own-process.list", Effect::Read, PAGE, &[PROCESS, TIMES]),
    ("todo-task.list", Effect::Read, PAGE, &[&["processName"], TIMES]),
    ("task.complete", Effect::Write, &[], &[TASK]),
    (
        "finished-task.list",
        Effect::Read,
        PAGE,
        &[&["processName"], TIMES],
    ),
    ("task.reject", Effect::Write, &[], &[TASK]),
    ("task.delegate", Effect::Write, &[], &[TASK]),
    ("task.transfer", Effect::Write, &[], &[TASK]),
    ("process.stop", Effect::Idempotent, &[], &[TASK]),
    ("task.return", Effect::Write, &[], &[TASK]),
    ("task.delete", Effect::Idempotent, &["taskId"], &[TASK]),
];

fn describe(operation: &str) -> Description {
    match all::<WorkOrder>().find(|row| row.id() == operation) {
        Some(row) => row.describe(),
        None => panic!("no operation {operation}"),
    }
}

#[test]
fn the_operations_are_the_documented_ones() {
    let mut ids: Vec<&str> = all::<WorkOrder>().map(patchbay_sdk::Operation::id).collect();
    let mut documented: Vec<&str> = DOCUMENTED.iter().map(|row| row.0).collect();
    ids.sort_unstable();
    documented.sort_unstable();
    assert_eq!(ids, documented);
}

#[test]
fn the_parameters_and_effects_are_the_documented_ones() {
    for (operation, effect, required, optional) in DOCUMENTED {
        let description = describe(operation);
        assert_eq!(description.effect, *effect, "{operation}");
        let input = json(&description.input);
        let declared: BTreeSet<&str> = input["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let documented: BTreeSet<&str> = required
            .iter()
            .chain(optional.iter().copied().flatten())
            .copied()
            .collect();
        assert_eq!(declared, documented, "{operation}");
        let declared: BTreeSet<&str> = input["required"]
            .as_array()
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        assert_eq!(declared, required.iter().copied().collect(), "{operation}");
        assert_eq!(input["additionalProperties"], false, "{operation}");
    }
}

#[test]
fn the_declarations_hold() {
    declarations_hold::<WorkOrder>();
}

/// In words and with the document's name, which is what people search for.
#[test]
fn every_operation_and_parameter_is_described() {
    for (operation, ..) in DOCUMENTED {
        let description = describe(operation);
        assert!(!description.summary.is_empty(), "{operation}");
        assert!(
            description.reference.ends_with(description.title),
            "{operation}: {}",
            description.title
        );
        assert!(
            description.reference.starts_with("统一工单中心 API, section "),
            "{operation}: {}",
            description.reference
        );
        for (name, property) in json(&description.input)["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{operation}: {name}");
            assert!(
                property["title"].as_str().is_some_and(|title| !title.is_ascii()),
                "{operation}: {name}"
            );
        }
    }
}

#[test]
fn lists_with_a_page_say_how_to_walk_them() {
    for (operation, ..) in DOCUMENTED {
        let Some(pages) = describe(operation).pages else {
            assert_eq!(operation.split_once(".list"), None, "{operation}");
            continue;
        };
        let (page, items, total) = if operation.contains("workorder-type") {
            ("/pageNo", "", None)
        } else {
            ("/pageNum", "/rows", Some("/total"))
        };
        let expected = Pages {
            advance: Advance::PageNumber { page, first: 1 },
            size: Some("/pageSize"),
            items,
            total,
            more: None,
        };
        assert_eq!(pages, expected);
    }
}

/// A missing parameter, an unknown one and one of another type, for every operation: nothing is sent.
#[test]
fn an_input_that_does_not_fit_is_refused() {
    for (operation, _, required, _) in DOCUMENTED {
        let mut inputs = vec![r#"{"unknown":1}"#.to_owned(), "[1]".to_owned(), "{".to_owned()];
        for left_out in *required {
            let rest = required.iter().filter(|name| *name != left_out);
            let input: serde_json::Map<String, Value> = rest
                .map(|name| {
                    let value = match *name {
                        "params" | "variables" => serde_json::json!({}),
                        name if name.starts_with("page") => Value::from(1),
                        _ => Value::from("x"),
                    };
                    ((*name).to_owned(), value)
                })
                .collect();
            inputs.push(Value::Object(input).to_string());
        }
        for input in inputs {
            let (sent, output) = exchange(SERVICE, json_response(200, "{}"), operation, &input);
            assert_eq!(sent, [], "{operation} {input}");
            assert!(
                matches!(output, Err(Failure::InvalidInput(_))),
                "{operation} {input}: {output:?}"
            );
        }
    }
}

#[test]
fn pages_and_times_have_the_documented_form() {
    let refused = |operation: &str, input: &str| {
        let (sent, output) = exchange(SERVICE, json_response(200, "{}"), operation, input);
        assert_eq!(sent, [], "{operation} {input}");
        assert!(
            matches!(output, Err(Failure::InvalidInput(_))),
            "{operation} {input}: {output:?}"
        );
    };
    for (operation, ..) in DOCUMENTED {
        let schema = json(&describe(operation).input);
        let Some(page) = PAGE
            .iter()
            .chain(TYPES)
            .find(|name| schema["properties"][name].is_object())
        else {
            continue;
        };
        for (number, size) in [("0", "10"), ("-1", "10"), ("1", "0"), ("1", "-5"), ("1", "\"0\"")] {
            refused(operation, &format!(r#"{{"{page}":{number},"pageSize":{size}}}"#));
        }
        for name in [*page, "pageSize"] {
            assert_eq!(schema["properties"][name]["minimum"], 1, "{operation} {name}");
        }
        for name in TIMES {
            let time = &schema["properties"][name];
            if time.is_null() {
                continue;
            }
            assert!(time["pattern"].is_string(), "{operation} {name}");
            for text in ["2025-01-23", "2025-01-23T00:00:00", "2025-1-23 0:00:00", ""] {
                refused(
                    operation,
                    &format!(r#"{{"{page}":1,"pageSize":10,"{name}":"{text}"}}"#),
                );
            }
        }
    }
}

#[test]
fn the_settings_are_the_documented_ones() {
    let declared: Vec<_> = WorkOrder::SETTINGS
        .iter()
        .map(|setting| (setting.name, setting.required, setting.kind))
        .collect();
    assert_eq!(
        declared,
        [
            ("base_url", true, SettingKind::Origin),
            ("request_type", true, SettingKind::Plain),
            ("app_id", false, SettingKind::Plain),
            ("server_id", false, SettingKind::Plain),
            ("secret_key", true, SettingKind::Secret),
            ("access_token", true, SettingKind::Secret),
            ("authorization", false, SettingKind::Secret),
            ("path_overrides", false, SettingKind::Plain),
            ("reveal_secrets", false, SettingKind::Plain),
        ]
    );
}
