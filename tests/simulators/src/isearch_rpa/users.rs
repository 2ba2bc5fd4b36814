//! Users, roles and departments.

use serde_json::{Value, json};

use super::store::{Outcome, Store, done, holds, paged, position, set_text, taken, unknown};
use crate::clock::{self, now_ms};
use crate::strict::{Call, scalar};
use crate::vendor::Refusal;

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    match call.operation.id {
        "user.list" => {
            let filter = call.text("userName");
            paged(
                call,
                store.users.iter().filter(|row| holds(row, "userName", filter)),
            )
        }
        "user.create" => create_user(store, call),
        "user.update" => update_user(store, call),
        "user.delete" => {
            let at = row(&store.users, call, "ids", "用户")?;
            store.users.remove(at);
            done()
        }
        "role.list" => {
            let filter = call.text("roleName");
            paged(
                call,
                store.roles.iter().filter(|row| holds(row, "roleName", filter)),
            )
        }
        "org.list" => paged(call, &store.orgs),
        "org.create" => create_org(store, call),
        "org.update" => update_org(store, call),
        _ => delete_org(store, call),
    }
}

/// The position of the row that an id parameter names.
fn row(rows: &[Value], call: &Call, param: &str, thing: &str) -> Result<usize, Refusal> {
    let id = call.id(param).unwrap_or_default();
    position(rows, "id", &id).ok_or_else(|| unknown(thing))
}

/// Role and department as a user's row prints them.
fn membership(store: &Store, call: &Call) -> Result<Value, Refusal> {
    let role = &store.roles[row(&store.roles, call, "roleId", "角色")?];
    let code = call.text("orgCode").unwrap_or_default();
    let org = org(store, code).ok_or_else(|| unknown("部门"))?;
    Ok(json!({
        "roleId": role["id"],
        "roleName": role["roleName"],
        "orgCode": org["orgCode"],
        "orgName": org["orgName"],
    }))
}

/// A department by its code: cascaded, its own, or its own without dashes.
fn org<'a>(store: &'a Store, code: &str) -> Option<&'a Value> {
    let wrapped = format!("-{code}-");
    store
        .orgs
        .iter()
        .find(|row| row["orgCode"] == code || row["curCode"] == code || row["curCode"] == wrapped.as_str())
}

fn create_user(store: &mut Store, call: &Call) -> Outcome {
    let name = call.text("userName").unwrap_or_default();
    if position(&store.users, "userName", name).is_some() {
        return Err(taken("用户名"));
    }
    let member = membership(store, call)?;
    let id = store.next_id();
    store.users.push(json!({
        "id": id,
        "createTime": now_ms(),
        "modifyTime": now_ms(),
        "userName": name,
        "userAlias": call.text("userAlias"),
        "roleId": member["roleId"],
        "roleName": member["roleName"],
        "orgCode": member["orgCode"],
        "orgName": member["orgName"],
        "isNeedModifyPwd": 1,
        "status": 0,
        "pwdModifyDate": null,
        "LastLoginTime": null,
        "description": call.text("description"),
        "userSource": "local",
        "loginSource": null,
        "loginFailureTimes": null,
        "handLock": false,
        "email": null,
        "phone": null,
        "isReceMail": false,
        "administrators": false,
        "lodePass": null,
        "newPass": null,
    }));
    let password = call.text("userPassword").unwrap_or_default().to_owned();
    store.passwords.insert(id.to_string(), password);
    done()
}

fn update_user(store: &mut Store, call: &Call) -> Outcome {
    let at = row(&store.users, call, "id", "用户")?;
    let name = call.text("userName").unwrap_or_default();
    if position(&store.users, "userName", name).is_some_and(|other| other != at) {
        return Err(taken("用户名"));
    }
    let member = membership(store, call)?;
    let id = scalar(&store.users[at]["id"]);
    if let Some(new) = call.text("newPass") {
        if store.passwords.get(&id).map(String::as_str) != call.text("lodePass") {
            return Err(Refusal::vendor(4003, "旧密码错误"));
        }
        store.passwords.insert(id, new.to_owned());
    }
    let user = &mut store.users[at];
    for key in ["roleId", "roleName", "orgCode", "orgName"] {
        user[key] = member[key].clone();
    }
    set_text(user, "userName", call, "userName");
    set_text(user, "userAlias", call, "userAlias");
    set_text(user, "description", call, "description");
    user["modifyTime"] = now_ms().into();
    done()
}

fn create_org(store: &mut Store, call: &Call) -> Outcome {
    let code = call.text("curCode").unwrap_or_default().trim_matches('-');
    let own = format!("-{code}-");
    if store.orgs.iter().any(|row| row["curCode"] == own.as_str()) {
        return Err(taken("部门编码"));
    }
    let parent = match call.text("parentOrgCode") {
        None => json!({"id": 0, "orgCode": "-", "curName": null}),
        Some(code) => org(store, code).ok_or_else(|| unknown("上级部门"))?.clone(),
    };
    let name = call.text("curName");
    let cascaded = format!("{}{code}-", parent["orgCode"].as_str().unwrap_or("-"));
    let now = clock::format(now_ms());
    let id = store.next_id();
    store.orgs.push(json!({
        "id": id,
        "createTime": now,
        "modifyTime": now,
        "curCode": own,
        "curName": name,
        "orgCode": cascaded,
        "orgName": format!("-{}-", name.unwrap_or_default()),
        "parentOrgId": parent["id"],
        "parentOrgCode": parent["orgCode"],
        "parentOrgName": parent["curName"],
        "curParentId": null,
        "orgPos": call.integer("orgPos"),
        "orgSource": "local",
        "description": call.text("description"),
        "policyId": null,
        "policyName": null,
    }));
    done()
}

fn update_org(store: &mut Store, call: &Call) -> Outcome {
    let at = row(&store.orgs, call, "id", "部门")?;
    let org = &mut store.orgs[at];
    set_text(org, "curName", call, "curName");
    set_text(org, "description", call, "description");
    if let Some(position) = call.id("orgPos") {
        org["orgPos"] = position.parse::<i64>().map_or(json!(position), Value::from);
    }
    org["modifyTime"] = clock::format(now_ms()).into();
    done()
}

fn delete_org(store: &mut Store, call: &Call) -> Outcome {
    let at = row(&store.orgs, call, "id", "部门")?;
    let id = scalar(&store.orgs[at]["id"]);
    if position(&store.orgs, "parentOrgId", &id).is_some() {
        return Err(Refusal::vendor(4092, "存在下级部门，不能删除"));
    }
    store.orgs.remove(at);
    done()
}
