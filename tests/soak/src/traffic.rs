//! The callers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use crate::Plan;
use crate::ledger::Ledger;
use crate::service::Service;
use crate::vendors::{BAD, SHAKY, SWAPPED};

/// What one caller does, again and again.
pub(crate) type Calls = Vec<Template>;

/// A call, but for the mark that tells it from others.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    connection: &'static str,
    operation: &'static str,
    input: fn(&str) -> Value,
    /// Whether the vendor sees the mark, and must see it once.
    marked: bool,
    deadline: Option<&'static str>,
    /// How it may end.
    expected: &'static [&'static str],
}

/// The kinds that a vendor which falters is to blame for.
const FALTERING: &[&str] = &[
    "success",
    "rejected",
    "unreachable",
    "malformed-response",
    "throttled",
    "timeout",
];

fn steady(operation: &'static str, input: fn(&str) -> Value, marked: bool) -> Template {
    Template {
        connection: SWAPPED,
        operation,
        input,
        marked,
        deadline: None,
        expected: &["success"],
    }
}

fn other(
    connection: &'static str,
    operation: &'static str,
    input: fn(&str) -> Value,
    expected: &'static [&'static str],
) -> Template {
    Template {
        connection,
        operation,
        input,
        marked: false,
        deadline: None,
        expected,
    }
}

/// The callers of a plan.
pub(crate) fn callers(plan: &Plan) -> Vec<Calls> {
    let page = |_: &str| json!({ "page": 1, "size": 10 });
    let nothing = |_: &str| json!({});
    let swapped = vec![
        steady("robot.list", page, false),
        steady(
            "robot.update",
            |mark| json!({ "id": "101", "robotAlias": mark }),
            true,
        ),
        steady("robot.list", page, false),
        steady(
            "queue-item.create",
            |mark| {
                json!({
                    "queueName": "RPA_admin", "priority": "low", "deadline": "2030-04-16 23:50:40",
                    "keys": [{ "key": "mark", "value": mark }],
                })
            },
            true,
        ),
        steady("queue.clear", |_| json!({ "queueId": "4" }), false),
    ];
    let mut callers = vec![swapped; plan.callers];
    if !plan.mixed {
        return callers;
    }
    let shaky = vec![
        other(SHAKY, "robot.list", page, FALTERING),
        other(
            SHAKY,
            "robot.update",
            |mark| json!({ "id": "101", "robotAlias": mark }),
            FALTERING,
        ),
        other(SHAKY, "job.create", |_| json!({ "id": 74 }), FALTERING),
    ];
    let others = vec![
        other("dabei", "app.list", nothing, &["success"]),
        other(
            "dabei",
            "user.get",
            |_| json!({ "user_id": "nobody" }),
            &["success", "rejected"],
        ),
        other(
            "workorder",
            "app-workorder-type.list",
            |_| json!({ "pageNo": 1, "pageSize": 5 }),
            &["success"],
        ),
        other("jingkun-workflow", "workflow.list", nothing, &["success"]),
        other("jingkun-plan", "plan.list", nothing, &["success"]),
        // Callers make mistakes.
        other(
            "dabei",
            "app.list",
            |_| json!({ "nome": "x" }),
            &["invalid-input"],
        ),
        other("jingkun-plan", "plan.lst", nothing, &["unknown-operation"]),
        other("nobody", "plan.list", nothing, &["unknown-connection"]),
    ];
    let bad = vec![
        other(BAD, "well", nothing, &["success"]),
        other(BAD, "trap", nothing, &["trapped"]),
        other(BAD, "overflow", nothing, &["trapped"]),
        other(BAD, "bomb", nothing, &["limit-exceeded"]),
        // It makes the host hold what it can: header fields, bodies that it never sends, claims on long keys.
        other(
            BAD,
            "hoard",
            |_| json!({ "what": "fields", "count": 4000, "bytes": 56_000, "authority": "127.0.0.1:1" }),
            &["limit-exceeded"],
        ),
        other(
            BAD,
            "hoard",
            |_| json!({ "what": "unsent", "count": 4000, "bytes": 65_536, "authority": "127.0.0.1:1" }),
            &["limit-exceeded"],
        ),
        other(
            BAD,
            "hoard",
            |_| json!({ "what": "keys", "count": 20, "bytes": 1_048_576, "authority": "127.0.0.1:1" }),
            &["success"],
        ),
        other(
            BAD,
            "visit",
            |_| json!({ "url": "http://192.0.2.1/" }),
            &["denied"],
        ),
        Template {
            deadline: Some("100ms"),
            ..other(BAD, "spin", nothing, &["timeout"])
        },
    ];
    callers.extend([shaky.clone(), shaky, others.clone(), others, bad]);
    callers
}

/// Calls until the plan stops it.
pub(crate) async fn call(service: &Service, ledger: &Ledger, stop: &AtomicBool, caller: usize, calls: Calls) {
    for round in 0_u64.. {
        for template in &calls {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let mark = format!("mark-{caller}-{round}-{}", template.operation);
            one(service, ledger, template, mark).await;
            if template.connection != SWAPPED {
                // They are company, not the main thing.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }
}

async fn one(service: &Service, ledger: &Ledger, template: &Template, mark: String) {
    let begun = Instant::now();
    let input = (template.input)(&mark);
    let answer = service
        .invoke(template.connection, template.operation, &input, template.deadline)
        .await;
    let elapsed = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
    let mut told = ledger.told();
    let outcome = match &answer {
        Ok(answer) if answer.status == 200 => "success".to_owned(),
        Ok(answer) => answer.body["kind"]
            .as_str()
            .unwrap_or("no problem document")
            .to_owned(),
        Err(_) => "no answer from the service".to_owned(),
    };
    if !template.expected.contains(&outcome.as_str()) && told.unexplained.len() < 10 {
        let what = match &answer {
            Ok(answer) => format!("HTTP {} {}", answer.status, answer.body),
            Err(error) => error.to_string(),
        };
        told.unexplained.push(format!(
            "{} on {}: {what}",
            template.operation, template.connection
        ));
    }
    if let Ok(answer) = answer {
        if answer.call_id.is_none() {
            told.unexplained.push(format!(
                "{} on {}: an answer without x-call-id",
                template.operation, template.connection
            ));
        }
        if template.marked && outcome == "success" {
            told.versions.insert(mark, answer.version.unwrap_or_default());
        }
    }
    let connection = template.connection.to_owned();
    told.latencies
        .entry(connection.clone())
        .or_default()
        .push(elapsed);
    *told.outcomes.entry((connection, outcome)).or_default() += 1;
}
