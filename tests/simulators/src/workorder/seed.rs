//! What a new simulator holds. All of it invented.

use serde_json::{Map, Value, json};

use super::store::{BIG, Definition, Ending, Instance, Step, Store, Task, User};
use super::{
    APPROVER, DEFINITION_ID, DEPLOYMENT_ID, DISABLED_USER, HOSTILE, INSTANCE_ID, PROCESS_KEY,
    SECOND_APPROVER, TASK_ID, USER,
};

const DAY: i64 = 86_400_000;
const START: i64 = 1_700_000_000_000;

const TYPES: [&str; 5] = ["统一工单中心", "物业报修", "设备巡检", "投诉建议", "符号 & 应用"];

/// From person to person.
const REVIEW: &[Step] = &[
    step("Activity_apply", "提交申请", None),
    step("Activity_dept", "部门审批", Some(APPROVER)),
    step("Activity_final", "终审", Some(SECOND_APPROVER)),
];
/// At the user's desk.
const REPAIR: &[Step] = &[
    step("Activity_report", "报修登记", None),
    step("Activity_repair", "维修处理", Some(USER)),
    step("Activity_confirm", "确认", None),
];
const ODD: &[Step] = &[step("Activity_odd", "符号 & 任务", Some(HOSTILE))];

const fn step(key: &'static str, name: &'static str, user: Option<&'static str>) -> Step {
    Step { key, name, user }
}

pub(super) fn store() -> Store {
    let mut store = Store {
        users: users(),
        definitions: definitions(),
        app_types: (1..).zip(TYPES).map(app_type).collect(),
        synthesis_types: (1..=3).map(synthesis_type).collect(),
        last_id: 10_000,
        ..Store::default()
    };
    for n in 1..=11 {
        finished(&mut store, n);
    }
    let began = START + 20 * DAY;
    store
        .instances
        .push(instance(INSTANCE_ID, 1, APPROVER, began, None));
    store
        .tasks
        .push(task("task-report", INSTANCE_ID, 0, APPROVER, began, true));
    store
        .tasks
        .push(task(TASK_ID, INSTANCE_ID, 1, USER, began + 60_000, false));
    store
}

fn users() -> Vec<User> {
    let user = |id, name, disabled| User { id, name, disabled };
    vec![
        user(USER, "李娜", false),
        user(APPROVER, "王伟", false),
        user(SECOND_APPROVER, "张敏", false),
        user(DISABLED_USER, "周离", true),
        user(HOSTILE, "符号 & 用户", false),
    ]
}

fn definitions() -> Vec<Definition> {
    let mut definitions = vec![
        definition(DEFINITION_ID, PROCESS_KEY, "租户审核", DEPLOYMENT_ID, REVIEW),
        definition(
            "Process_repair:3:d-2",
            "Process_repair",
            "设备报修",
            "deploy-2",
            REPAIR,
        ),
        definition(&format!("{HOSTILE}:1:d-3"), HOSTILE, "符号 & 流程", HOSTILE, ODD),
        definition(
            "Process_frozen:1:d-4",
            "Process_frozen",
            "已停用流程",
            "deploy-4",
            REVIEW,
        ),
        definition(
            "Process_plain:1:d-5",
            "Process_plain",
            "无表单流程",
            "deploy-5",
            REVIEW,
        ),
    ];
    definitions[2].category = HOSTILE.into();
    definitions[3].suspended = true;
    definitions[4].form = None;
    for n in 6..=12 {
        let (id, key) = (format!("Process_{n:02}:1:d-{n}"), format!("Process_{n:02}"));
        definitions.push(definition(
            &id,
            &key,
            &format!("业务流程 {n:02}"),
            &format!("deploy-{n}"),
            REVIEW,
        ));
    }
    definitions
}

fn definition(id: &str, key: &str, name: &str, deployment: &str, steps: &'static [Step]) -> Definition {
    let version = id.rsplit(':').nth(1).and_then(|version| version.parse().ok());
    Definition {
        id: id.into(),
        key: key.into(),
        name: name.into(),
        category: "1878032733533601793".into(),
        version: version.unwrap_or(1),
        deployment: deployment.into(),
        deployed: START,
        suspended: false,
        form: Some(json!({
            "formName": format!("{name}表单"),
            "formId": BIG,
            "remark": null,
            "fields": [
                {"key": "input58922", "label": "名称", "required": true},
                {"key": "textarea79127", "label": "说明", "required": false},
            ],
        })),
        steps,
    }
}

fn instance(id: &str, definition: usize, by: &str, started: i64, ended: Option<i64>) -> Instance {
    let mut variables = Map::new();
    variables.insert("input58922".into(), "空调".into());
    variables.insert("daterange29917".into(), Value::Null);
    variables.insert("assetNo".into(), BIG.into());
    Instance {
        id: id.into(),
        definition,
        starter: by.into(),
        started,
        ended,
        status: if ended.is_some() { "completed" } else { "running" },
        variables,
        copies: Vec::new(),
    }
}

fn task(id: &str, instance: &str, step: usize, user: &str, created: i64, done: bool) -> Task {
    let ending = Ending {
        by: user.into(),
        at: created + 60_000,
        kind: "0",
        comment: None,
    };
    Task {
        id: id.into(),
        instance: instance.into(),
        step,
        assignees: vec![user.into()],
        owner: None,
        created,
        ending: done.then_some(ending),
    }
}

/// A process of the user's that has gone its way.
fn finished(store: &mut Store, n: i64) {
    let id = format!("instance-{n:02}");
    let began = START + n * DAY;
    store
        .instances
        .push(instance(&id, 0, USER, began, Some(began + 3 * 60_000)));
    for (step, user) in [USER, APPROVER, SECOND_APPROVER].iter().enumerate() {
        let name = format!("task-{n:02}-{step}");
        store.tasks.push(task(&name, &id, step, user, began, true));
    }
}

fn app_type((n, name): (i64, &str)) -> Value {
    json!({
        "appId": format!("187798113476770201{n}"),
        "applicationName": name,
        "applicationId": format!("application-{n}"),
        "applicationSecret": format!("application-secret-{n}"),
        "appFlag": if n % 2 == 0 { "1" } else { "0" },
        "images": "https://files.example.com/icon.png",
        "tenantId": BIG,
        "remark": null,
    })
}

fn synthesis_type(n: i64) -> Value {
    json!({
        "synthesisId": format!("187800158355998310{n}"),
        "parentId": if n == 1 { Value::Null } else { json!("1878001583559983101") },
        "categoryName": format!("{n}-工单-综合"),
        "description": "",
        "childFlag": n == 1,
        "tenantId": BIG,
    })
}
