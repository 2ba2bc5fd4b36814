//! Identity, organisations and users.

use serde_json::{Value, json};

use super::store::{Outcome, Store, User, found, succeeded, text, unknown};
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    match call.operation.id {
        "oauth-user.get" => identity(store, call),
        "authority-code.get" => code(store, call),
        "org.list" => orgs(store, call),
        "org.get" => {
            let org = org(store, text(call, "org_id"))?;
            Ok(in_text(org, found))
        }
        "user.list" => users(store, call),
        _ => {
            let user = store.user(text(call, "user_id"))?;
            Ok(in_text(&user.row, succeeded))
        }
    }
}

/// These operations print `data` as a string that holds JSON.
fn in_text(data: &Value, envelope: fn(&Value) -> Answer) -> Answer {
    envelope(&data.to_string().into())
}

/// The user behind a code, once.
fn identity(store: &mut Store, call: &Call) -> Outcome {
    let user = store.codes.remove(text(call, "code"));
    let user = user.ok_or_else(|| Refusal::vendor(40029, "code 无效或已使用"))?;
    let user = store.user(&user)?;
    let mut data = user.row.clone();
    data["username"] = user.username.into();
    if let Some(phone) = user.phone {
        data["phone"] = phone.into();
    }
    Ok(succeeded(&data))
}

fn code(store: &mut Store, call: &Call) -> Outcome {
    let (name, phone) = (call.text("username"), call.text("phone"));
    let (named, user) = match (name, phone) {
        (Some(name), None) => (name, store.users.iter().find(|user| user.username == name)),
        (None, Some(number)) => (number, store.users.iter().find(|user| user.phone == phone)),
        (None, None) => return Err(Refusal::Breach("neither username nor phone".into())),
        (Some(_), Some(_)) => return Err(Refusal::Breach("both username and phone".into())),
    };
    let user = user.ok_or_else(|| unknown("用户", named))?.id().to_owned();
    let code = store.next_id();
    store.codes.insert(code.clone(), user);
    Ok(succeeded(&json!({ "code": code })))
}

fn org<'a>(store: &'a Store, id: &str) -> Result<&'a Value, Refusal> {
    let found = store.orgs.iter().find(|row| row["id"] == id);
    found.ok_or_else(|| unknown("组织", id))
}

/// The organisations below one, or the topmost ones.
fn orgs(store: &Store, call: &Call) -> Outcome {
    let parent = match text(call, "parentId") {
        "" => store
            .orgs
            .first()
            .and_then(|top| top["pid"].as_str())
            .unwrap_or_default(),
        id => org(store, id)?["id"].as_str().unwrap_or_default(),
    };
    let recursion = call.params.get("recursion") == Some(&Value::Bool(true));
    Ok(in_text(&below(store, parent, recursion).into(), succeeded))
}

fn below(store: &Store, parent: &str, recursion: bool) -> Vec<Value> {
    let mut nodes: Vec<Value> = store
        .orgs
        .iter()
        .filter(|row| row["pid"] == parent)
        .cloned()
        .collect();
    if recursion {
        for node in &mut nodes {
            let children = below(store, node["id"].as_str().unwrap_or_default(), true);
            // Leaves have no such member.
            if !children.is_empty() {
                node["children"] = children.into();
            }
        }
    }
    nodes
}

fn users(store: &Store, call: &Call) -> Outcome {
    let top = org(store, text(call, "org_id"))?;
    let mut ids = vec![&top["id"]];
    if call.params.get("recursion") == Some(&Value::Bool(true)) {
        // Parents come before their children.
        for row in &store.orgs {
            if ids.contains(&&row["pid"]) {
                ids.push(&row["id"]);
            }
        }
    }
    let belongs = |user: &&User| {
        let others = user.row["departmentIds"].as_array();
        ids.contains(&&user.row["departmentId"])
            || others.is_some_and(|others| others.iter().any(|id| ids.contains(&id)))
    };
    let rows: Vec<Value> = store
        .users
        .iter()
        .filter(belongs)
        .map(|user| user.row.clone())
        .collect();
    Ok(in_text(&rows.into(), succeeded))
}
