//! What a new simulator holds. All of it invented.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::jobs;
use super::queues;
use super::store::{Job, SharedFile, Store};

const DAY: i64 = 86_400_000;
const START: i64 = 1_600_000_000_000;
/// Beyond 2^53: arrives as another number where a double was in between.
const BIG: i64 = 9_007_199_254_740_993;

const ROLES: [&str; 3] = ["管理者", "开发者", "操作员"];

pub(super) fn store(job_step: Duration) -> Store {
    let mut store = Store {
        users: users(),
        roles: roles(),
        orgs: orgs(),
        robots: robots(),
        studios: studios(),
        processes: processes(),
        versions: versions(),
        schedules: schedules(),
        assets: assets(),
        asset_log: asset_log(),
        queues: queues(),
        files: files(),
        job_step,
        last_id: 10_000,
        ..Store::default()
    };
    for user in &store.users {
        store
            .passwords
            .insert(user["id"].to_string(), "Old-Pass-1".into());
    }
    store.jobs = jobs(&store);
    store.items = items(&store.queues[0]);
    store
}

fn users() -> Vec<Value> {
    let names = [
        (1, "admin", "管理员", 1, "-010-", "-中国-"),
        (2, "li.na", "李娜", 2, "-010-025-", "-中国-江苏-"),
        (3, "wang.wei", "王伟", 3, "-010-025-026-", "-中国-江苏-南京-"),
        (4, "zhang.min", "张敏", 3, "-010-025-026-", "-中国-江苏-南京-"),
    ];
    names
        .iter()
        .map(|(id, name, alias, role, code, org)| {
            json!({
                "id": id,
                "createTime": START + id * DAY,
                "modifyTime": START + id * DAY,
                "userName": name,
                "userAlias": alias,
                "roleId": role,
                "roleName": ROLES[role - 1],
                "orgCode": code,
                "orgName": org,
                "status": 0,
                "pwdModifyDate": null,
                "LastLoginTime": null,
                "description": null,
                "userSource": "local",
                "loginSource": null,
                "loginFailureTimes": null,
                "handLock": false,
                "email": if *id == 1 { json!("admin@example.com") } else { Value::Null },
                "phone": null,
                "isReceMail": false,
                "administrators": *id == 1,
                // One user shows what must not be shown.
                "lodePass": if *id == 3 { json!("Old-Pass-1") } else { Value::Null },
                "newPass": if *id == 3 { json!("New-Pass-2") } else { Value::Null },
            })
        })
        .collect()
}

fn roles() -> Vec<Value> {
    (1..)
        .zip(ROLES)
        .map(|(id, name)| {
            json!({
                "id": id,
                "roleName": name,
                "description": null,
                "createTime": START,
                "modifyTime": START,
            })
        })
        .collect()
}

fn orgs() -> Vec<Value> {
    let orgs = [
        (81, "010", "中国", 0, "-", "-010-"),
        (82, "025", "江苏", 81, "-010-", "-010-025-"),
        (83, "026", "南京", 82, "-010-025-", "-010-025-026-"),
        (84, "027", "苏州", 82, "-010-025-", "-010-025-027-"),
    ];
    orgs.iter()
        .map(|(id, code, name, parent, parent_code, cascaded)| {
            json!({
                "id": id,
                "createTime": "2020-08-06 09:09:38",
                "modifyTime": "2020-08-06 09:09:38",
                "curCode": format!("-{code}-"),
                "curName": name,
                "orgCode": cascaded,
                "orgName": format!("-{name}-"),
                "parentOrgId": parent,
                "parentOrgCode": parent_code,
                "parentOrgName": null,
                "curParentId": null,
                "orgPos": id - 80,
                "orgSource": "third",
                "description": "",
                "policyId": null,
                "policyName": null,
            })
        })
        .collect()
}

fn robots() -> Vec<Value> {
    let states = ["busy", "free", "offline", "unbound"];
    let mut rows: Vec<Value> = (1..=24)
        .map(|n| {
            let state = states[n % states.len()];
            agent(100 + i64::try_from(n).unwrap_or(0), n, "robot", state)
        })
        .collect();
    rows.push(agent(BIG, 25, "robot", "free"));
    for row in &mut rows {
        // Not in the document: these pass through, digits and all.
        row["groupTags"] = json!(["财务", "night shift"]);
        row["licCost"] = exact("12345678901234567890.10");
        row["extra"] = json!({"gpu": null, "cores": 8});
    }
    rows
}

/// A number with exactly these digits.
fn exact(digits: &str) -> Value {
    serde_json::from_str(digits).unwrap_or(Value::Null)
}

fn agent(id: i64, n: usize, kind: &str, state: &str) -> Value {
    let name = if kind == "robot" { "机器人" } else { "设计器" };
    let upper = kind.to_uppercase();
    json!({
        "id": id,
        "createTime": START,
        "modifyTime": START + DAY,
        "agentNo": format!("{upper}-{n:03}"),
        "agentDcode": format!("{upper}-{n:03}"),
        "agentIp": format!("192.0.2.{n}"),
        "isManager": n.is_multiple_of(2),
        "agentType": kind,
        "agentAlias": format!("{name}-{n:02}"),
        "userName": format!("rpa{n:02}"),
        "userDomain": null,
        "agentName": format!("HOST-{n:03}"),
        "orgId": null,
        "orgName": null,
        "orgCode": "-010-025-",
        "curOrgName": "江苏",
        "rpaUserName": "li.na",
        "agentOs": "Windows 10",
        "agentVersion": "2020.3.0",
        "desktopType": null,
        "lastHeartTime": START + 2 * DAY,
        "description": null,
        "nextAction": null,
        "dataStatus": state,
        "status": 0,
        "rdpPort": 3389,
        "commToken": format!("comm-token-{kind}-{n:02}"),
        "licSn": format!("LIC-{n:03}"),
        "licStatus": n % 4,
        "licDateExpiry": if n.is_multiple_of(3) { Value::Null } else { json!(START + 365 * DAY) },
        "lastLoginTime": if n.is_multiple_of(2) { Value::Null } else { json!("2020-09-14 09:25:51") },
    })
}

fn studios() -> Vec<Value> {
    (1..=3)
        .map(|n| {
            let mut row = agent(200 + i64::try_from(n).unwrap_or(0), n, "studio", "free");
            row["dataStatus"] = Value::Null;
            row["lastHeartTime"] = Value::Null;
            if n == 1 {
                row["commToken"] = Value::Null;
            }
            row
        })
        .collect()
}

const PROCESSES: [(i64, &str, &str); 3] = [
    (54, "invoice_check", "发票核对"),
    (55, "report_daily", "日报汇总"),
    (56, "mail_sort", "邮件分拣"),
];

fn processes() -> Vec<Value> {
    PROCESSES
        .iter()
        .map(|(id, code, name)| {
            json!({
                "id": id,
                "createTime": START,
                "modifyTime": START + DAY,
                "procCode": code,
                "procName": name,
                "procFile": format!("1.0.0.1_{code}.ipkg"),
                "procVer": "1.0.0.1",
                "developerUser": "wang.wei",
                "owberUserId": 2,
                "owberUser": "li.na",
                "orgCode": "-010-025-",
                "curOrgName": "江苏",
                "curName": null,
                "publishTime": START + DAY,
                "procDesc": "模拟流程",
                "pendingTimeout": 0,
                "runningTimeout": 0,
                "handDoMin": null,
                "autoStopTime": 0,
                "failTryTimes": 0,
                "procIcon": "default.png",
                "keyWords": null,
                "workStatus": if *id == 56 { "edit" } else { "release" },
                "statusCtime": START + DAY,
                "isAssistant": 0,
                "isStartUp": 0,
            })
        })
        .collect()
}

fn versions() -> Vec<(String, Value)> {
    let mut rows = Vec::new();
    for (process, code, name) in PROCESSES {
        for n in 0..2 {
            let row = json!({
                "id": process * 10 + n,
                "createTime": START,
                "modifyTime": START + DAY,
                "proChange": "2020/09/14 14:22:25",
                "procName": name,
                "orgCode": "-010-025-",
                "procCode": code,
                "procFile": format!("1.0.0.{n}_{code}.ipkg"),
                "procVer": format!("1.0.0.{n}"),
                "fileSize": 50_000 + n,
                "developerUser": "wang.wei",
                "owberUserId": 2,
                "owberUser": "li.na",
                "isActivity": n == 1,
                "publishTime": "2020-09-14 14:21:39",
                "procDesc": "模拟流程",
                "verExplain": null,
                "workStatus": "release",
                "curOrgName": "江苏",
                "statusCtime": "2020-09-14 14:37:26",
            });
            rows.push((process.to_string(), row));
        }
    }
    rows
}

fn schedules() -> Vec<Value> {
    [(74, 0, 0), (75, 1, 0), (76, 0, 1)]
        .iter()
        .map(|(id, process, status)| {
            let (_, code, _) = PROCESSES[*process];
            json!({
                "id": id,
                "createTime": "2020-09-13 16:58:28",
                "modifyTime": "2020-09-13 16:58:28",
                "scheduleMode": "3",
                "scheduleCommand": "1",
                "scheduleTime": "",
                "startTime": null,
                "endTime": null,
                "scheduleExpre": "0 0 8 * * ?",
                "scheduleExpreDesc": "每天 8 点执行一次",
                "nextExeTime": START + 3 * DAY,
                "isHolidayExcept": null,
                "jobType": 1,
                "status": status,
                "jobClassPath": "com.example.CronJob",
                "cloudJob": true,
                "curOrgName": "江苏",
                "owberUserId": 2,
                "owberUser": "li.na",
                "schName": format!("{code}_plan_{id}"),
                "procCode": code,
                "procVer": "1.0.0.1",
                "priority": 1,
                "orgCode": "-010-025-",
                "execRobotsNo": "-all-",
                "execRobotsNames": "-all-",
                "execRobotsAlias": "-all-",
                "schParam": null,
                "runMode": "time",
                "pendingTimeout": 0,
                "runningTimeout": 0,
                "handDoMin": 0,
                "autoStopTime": 0,
                "failTryTimes": 0,
                "schJobNums": 1,
                "script": 1,
                "calendarId": null,
                "developerUser": "wang.wei",
            })
        })
        .collect()
}

/// One job of process 54 in every state, which they keep until something is done to them.
fn jobs(store: &Store) -> Vec<Job> {
    let states = [
        "pending",
        "running",
        "success",
        "failing",
        "failed",
        "stopping",
        "stopped",
        "pendout",
        "runout",
        "cancelled",
    ];
    (229..)
        .zip(states)
        .map(|(id, state)| {
            let mut row = jobs::row(id, state, &store.processes[0], &store.schedules[0]);
            if !matches!(state, "pending" | "cancelled" | "pendout") {
                row["START_TIME"] = (START + DAY).into();
                row["CURR_ROBOT_NO"] = "ROBOT-001".into();
                row["CURR_ROBOT_NAME"] = "机器人-01".into();
            }
            Job {
                row,
                process: "54".into(),
                since: None,
            }
        })
        .collect()
}

fn assets() -> Vec<Value> {
    let rows = [
        (3, "mail_password", "S3cret-Value", "passwd"),
        (4, "report_folder", "D:/reports", "text"),
        (5, "税率", "0.13", "text"),
        (BIG, "big_id", "1", "text"),
    ];
    rows.iter()
        .map(|(id, name, value, kind)| {
            // As the document's example has them: times as text with a space behind.
            let time = if *id == 3 {
                json!(format!("{START} "))
            } else {
                json!(START)
            };
            json!({
                "id": id,
                "robotNo": "all",
                "isPythonExpr": "no",
                "orgCode": "-010-025-",
                "isClientEdit": "no",
                "assetName": name,
                "assetValue": value,
                "assetType": kind,
                "createTime": time,
                "modifyTime": time,
                "agentAlias": if *id == 3 { json!("null ") } else { Value::Null },
            })
        })
        .collect()
}

fn asset_log() -> Vec<(String, String, Value)> {
    let rows = [
        ("add", "2020-09-14 10:00:00", "ROBOT-001"),
        ("read", "2020-09-15 10:00:00", "ROBOT-002"),
        ("edit", "2020-09-16 10:00:00", "ROBOT-001"),
    ];
    rows.iter()
        .map(|(action, time, robot)| {
            let row = json!({
                "vlogRobotNo": robot,
                "vlogProcess": "invoice_check",
                "vlogAction": action,
                "vlogJobNo": "333333",
                "vlogCreateTime": time,
            });
            ("3".to_owned(), "mail_password".to_owned(), row)
        })
        .collect()
}

fn queues() -> Vec<Value> {
    let rows = [
        (4, "RPA_admin", 100),
        (5, "RPA_small", 2),
        (29, "空间 名 + x", 10),
    ];
    rows.iter()
        .map(|(id, name, max)| {
            json!({
                "robotNo": "ROBOT-001",
                "queueName": name,
                "queueMaxItems": max,
                "orgCode": "-010-025-",
                "queueDesc": "模拟空间",
                "failTryTimes": 3,
                "id": id,
                "createTime": START,
                "modifyTime": null,
                "agentAlias": "动态分配",
                "agentNo": null,
                "orgName": null,
                "orgId": null,
                "timeOut": 11,
            })
        })
        .collect()
}

/// In `RPA_admin`: `item-1` to `item-6`, of which `item-3` is popped first.
fn items(queue: &Value) -> Vec<Value> {
    let rows = [
        (1, "low", "pending"),
        (2, "normal", "pending"),
        (3, "high", "pending"),
        (4, "high", "pending"),
        (5, "normal", "success"),
        (6, "high", "running"),
    ];
    rows.iter()
        .map(|(n, priority, status)| {
            let keys = format!(r#"[{{"key":"no","value":"{n}"}}]"#);
            let mut row = queues::item(queue, priority, "2030-01-01 00:00:00", Some(&keys));
            row["itemNo"] = format!("item-{n}").into();
            row["timestamp"] = format!("2020-09-1{n} 10:00:00").into();
            row["status"] = (*status).into();
            row
        })
        .collect()
}

fn files() -> Vec<SharedFile> {
    let file = |id: &str, name: &str, user, content: &'static [u8]| SharedFile {
        id: id.to_owned(),
        name: name.to_owned(),
        user,
        tag: None,
        created: START,
        content: Bytes::from_static(content),
    };
    vec![
        file("501", "readme.txt", 1, "你好, robots\r\n".as_bytes()),
        file("502", "报表 + 1=~*%&?#.csv", 1, b"a,b\n1,2\n"),
        file(
            "503",
            "settings.json",
            1,
            br#"{"name": "settings", "retries": 3}"#,
        ),
        file("504", "bytes", 2, &[0, 255, 1, 254, 13, 10, 0]),
        file("505", "empty.dat", 2, b""),
    ]
}
