//! What a new simulator holds. All of it invented.

use serde_json::{Map, Value, json};

use super::store::{BIG, Flow, Form, Record, Store, User};
use super::{APP, FLOW_CODE, FLOW_RECORD, FLOW_TASK, FORM, HOSTILE, USER};
use super::{APPROVER, SECOND_APPROVER, tasks};

const DAY: i64 = 86_400_000;
const START: i64 = 1_600_000_000_000;

pub(super) fn store() -> Store {
    let mut store = Store {
        apps: apps(),
        forms: forms(),
        flows: flows(),
        orgs: orgs(),
        users: users(),
        last_id: 10_000,
        ..Store::default()
    };
    store.records = (1..=24).map(expense).collect();
    let mut running = expense(25);
    running.id = FLOW_RECORD.into();
    let mut process = tasks::started(&mut store, 0, USER);
    process.task = FLOW_TASK.into();
    running.process = Some(process);
    store.records.push(running);
    let mut odd = expense(26);
    (odd.app, odd.form, odd.id) = (HOSTILE.into(), HOSTILE.into(), HOSTILE.into());
    store.records.push(odd);
    store
}

fn apps() -> Vec<Value> {
    let apps = [
        (APP, "财务管理"),
        ("app-hr", "人事管理"),
        (HOSTILE, "符号 & 应用"),
    ];
    apps.iter()
        // The last two are not in the document: they pass through, digits and all.
        .map(|(id, name)| json!({"id": id, "name": name, "tenantId": BIG, "icon": null}))
        .collect()
}

fn forms() -> Vec<Form> {
    let mut forms = vec![form(APP, FORM, "费用报销"), form(APP, "form-invoice", "发票登记")];
    for n in 3..=12 {
        forms.push(form(APP, &format!("form-{n:02}"), &format!("普通表单 {n:02}")));
    }
    forms.push(form("app-hr", "form-leave", "请假申请"));
    forms.push(form(HOSTILE, HOSTILE, "符号 & 表单"));
    forms
}

fn form(app: &str, id: &str, name: &str) -> Form {
    let fields = [
        ("title", "单行文本"),
        ("amount", "数字"),
        ("reason", "事由"),
        ("items", "明细"),
    ];
    let fields = fields
        .iter()
        .map(|(id, name)| json!({"fieldId": id, "name": name, "sort": BIG}));
    Form {
        app: app.into(),
        id: id.into(),
        name: name.into(),
        fields: fields.collect(),
    }
}

/// A number with exactly these digits.
fn exact(digits: &str) -> Value {
    serde_json::from_str(digits).unwrap_or(Value::Null)
}

fn expense(n: i64) -> Record {
    let mut fields = Map::new();
    fields.insert("title".into(), format!("报销单 {n:02}").into());
    let amount = if n == 1 {
        exact("12345678901234567890.10")
    } else {
        (n * 100).into()
    };
    fields.insert("amount".into(), amount);
    fields.insert(
        "reason".into(),
        if n % 2 == 0 { "差旅".into() } else { Value::Null },
    );
    fields.insert("items".into(), json!([{"名称": "车票", "单价": n}]));
    Record {
        app: APP.into(),
        form: FORM.into(),
        id: format!("record-{n:02}"),
        serial: BIG + n - 1,
        creator: USER.into(),
        created: START + n * DAY,
        updated: None,
        fields,
        process: None,
    }
}

fn flows() -> Vec<Flow> {
    let expense = &[("部门审批", APPROVER), ("财务审批", SECOND_APPROVER)];
    vec![
        Flow {
            code: FLOW_CODE,
            name: "报销审批",
            steps: expense,
        },
        Flow {
            code: HOSTILE,
            name: "符号 & 流程",
            steps: &[("审批", HOSTILE)],
        },
    ]
}

fn orgs() -> Vec<Value> {
    let orgs = [
        ("org-root", "示例科技有限公司", "org-group"),
        ("org-dev", "研发部", "org-root"),
        ("org-web", "前端组", "org-dev"),
        ("org-test", "测试组", "org-dev"),
        ("org-fin", "财务部", "org-root"),
        (HOSTILE, "符号 & 部门", "org-root"),
    ];
    orgs.iter()
        .map(|(id, name, pid)| json!({"id": id, "name": name, "pid": pid, "code": BIG, "leader": null}))
        .collect()
}

fn users() -> Vec<User> {
    vec![
        user(
            USER,
            "李娜",
            "org-fin",
            &["org-fin"],
            "li.na",
            Some("13800000001"),
        ),
        user(
            APPROVER,
            "王伟",
            "org-dev",
            &["org-dev"],
            "wang.wei",
            Some("13800000002"),
        ),
        user(
            SECOND_APPROVER,
            "张敏",
            "org-web",
            &["org-web", "org-fin"],
            "zhang.min",
            Some("+86 13800000003"),
        ),
        user("user-chen", "陈静", "org-test", &[], "chen.jing", None),
        user(HOSTILE, "符号 & 用户", HOSTILE, &[], HOSTILE, None),
    ]
}

fn user(
    id: &str,
    name: &str,
    org: &str,
    others: &[&str],
    username: &'static str,
    phone: Option<&'static str>,
) -> User {
    User {
        row: json!({
            "id": id,
            "name": name,
            "departmentId": org,
            "departmentIds": others,
            "employeeNo": BIG,
            "title": null,
        }),
        username,
        phone,
    }
}
