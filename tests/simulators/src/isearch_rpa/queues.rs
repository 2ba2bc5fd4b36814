//! Queues and their items.

use serde_json::{Value, json};

use super::assets::date;
use super::store::{
    Outcome, Store, done, equals, found, holds, impossible, listed, paged, position, taken, unknown,
};
use super::tokens::uuid;
use crate::clock::{self, now_ms};
use crate::strict::{Call, scalar};
use crate::vendor::Refusal;

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    match call.operation.id {
        "queue.list" => {
            let name = call.text("queueName");
            paged(
                call,
                store.queues.iter().filter(|row| holds(row, "queueName", name)),
            )
        }
        "queue.create" => create_queue(store, call),
        "queue.delete" => {
            let at = by_id_or_name(store, call)?;
            let gone = store.queues.remove(at);
            store.items.retain(|item| item["queueName"] != gone["queueName"]);
            done()
        }
        "queue.clear" => {
            let at = by_id_or_name(store, call)?;
            let name = &store.queues[at]["queueName"];
            store.items.retain(|item| item["queueName"] != *name);
            done()
        }
        "queue-item.list" => list(store, call),
        "queue-item.create" => create(store, call),
        "queue-item.update" => update(store, call),
        "queue-item.pop" => pop(store, call),
        _ => delete(store, call),
    }
}

fn create_queue(store: &mut Store, call: &Call) -> Outcome {
    let name = call.text("queueName").unwrap_or_default();
    if position(&store.queues, "queueName", name).is_some() {
        return Err(taken("空间"));
    }
    let time_out = match call.text("timeOut") {
        None => None,
        Some(text) => Some(text.parse::<i64>().map_err(|_| impossible("timeOut"))?),
    };
    let id = store.next_id();
    store.queues.push(json!({
        "robotNo": call.text("robotsNo"),
        "queueName": name,
        "queueMaxItems": call.integer("queueMaxItems"),
        "orgCode": call.text("orgCode"),
        "queueDesc": call.text("queueDesc"),
        "failTryTimes": call.integer("failTryTimes"),
        "id": id,
        "createTime": now_ms(),
        "modifyTime": null,
        "agentAlias": "动态分配",
        "agentNo": null,
        "orgName": null,
        "orgId": null,
        "timeOut": time_out,
    }));
    done()
}

fn by_id_or_name(store: &Store, call: &Call) -> Result<usize, Refusal> {
    let (id, name) = (call.text("queueId"), call.text("queueName"));
    if id.is_none() && name.is_none() {
        return Err(Refusal::vendor(4220, "空间 ID 和空间名不能同时为空"));
    }
    let fits = |row: &Value| id.is_none_or(|id| scalar(&row["id"]) == id) && equals(row, "queueName", name);
    store.queues.iter().position(fits).ok_or_else(|| unknown("空间"))
}

/// The queue that a request names.
fn queue<'a>(store: &'a Store, call: &Call) -> Result<&'a Value, Refusal> {
    let name = call.text("queueName").unwrap_or_default();
    position(&store.queues, "queueName", name)
        .map(|at| &store.queues[at])
        .ok_or_else(|| unknown("空间"))
}

/// An item as it is printed. `keys` is not documented there.
pub(super) fn item(queue: &Value, priority: &str, deadline: &str, keys: Option<&str>) -> Value {
    let id: String = uuid().replace('-', "").chars().take(20).collect();
    json!({
        "id": id,
        "queueName": queue["queueName"],
        "robotNo": queue["robotNo"],
        "failTryTimes": queue["failTryTimes"],
        "queueMaxItems": queue["queueMaxItems"],
        "queueDesc": queue["queueDesc"],
        "priority": priority,
        "deadline": deadline,
        "itemNo": uuid(),
        "runTimes": 0,
        "timestamp": clock::format(now_ms()),
        "status": "pending",
        "keys": keys,
    })
}

fn is_open(item: &Value) -> bool {
    matches!(item["status"].as_str(), Some("pending" | "retry" | "running"))
}

fn list(store: &Store, call: &Call) -> Outcome {
    queue(store, call)?;
    let (from, to) = (date(call, "from")?, date(call, "to")?);
    let terms = lucene(call.text("filter"))?;
    Ok(listed(store.items.iter().filter(|row| {
        let time = row["timestamp"].as_str().unwrap_or_default();
        equals(row, "queueName", call.text("queueName"))
            && equals(row, "priority", call.text("priority"))
            && equals(row, "status", call.text("status"))
            && from.is_none_or(|from| time >= from)
            && to.is_none_or(|to| time <= to)
            && terms.iter().all(|(field, value)| scalar(&row[*field]) == *value)
    })))
}

/// `field:value`, several joined by `AND`: no more of Lucene than that.
fn lucene(filter: Option<&str>) -> Result<Vec<(&str, &str)>, Refusal> {
    let terms = filter.into_iter().flat_map(|filter| filter.split(" AND "));
    terms
        .map(|term| {
            let pair = term.trim().split_once(':');
            pair.map(|(field, value)| (field, value.trim_matches('"')))
                .ok_or_else(|| impossible("filter"))
        })
        .collect()
}

fn create(store: &mut Store, call: &Call) -> Outcome {
    let queue = queue(store, call)?;
    let deadline = date(call, "deadline")?.unwrap_or_default();
    let keys = call.text("keys");
    if let Some(keys) = keys {
        check_keys(keys)?;
    }
    let mine = |item: &&Value| item["queueName"] == queue["queueName"] && is_open(item);
    let open = store.items.iter().filter(mine).count();
    let max = queue["queueMaxItems"].as_u64().unwrap_or(u64::MAX);
    if open as u64 >= max {
        return Err(Refusal::vendor(4093, "空间队列项已达上限"));
    }
    let item = item(queue, call.text("priority").unwrap_or("normal"), deadline, keys);
    store.items.push(item);
    done()
}

/// `keys` is a string that holds a JSON list of `{key, value}`.
fn check_keys(keys: &str) -> Result<(), Refusal> {
    let wrong = || {
        Refusal::Breach("JSON member \"keys\": expected a string holding a JSON list of {key, value}".into())
    };
    let list: Vec<Value> = serde_json::from_str(keys).map_err(|_| wrong())?;
    let fits = |entry: &Value| {
        entry.as_object().is_some_and(|object| {
            object.len() == 2 && object.contains_key("key") && object.contains_key("value")
        })
    };
    if list.iter().all(fits) {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// Where an item of the request's queue is.
fn find(store: &Store, call: &Call, item_no: &str) -> Result<usize, Refusal> {
    let fits = |item: &Value| item["itemNo"] == item_no && equals(item, "queueName", call.text("queueName"));
    store.items.iter().position(fits).ok_or_else(|| unknown("队列项"))
}

fn update(store: &mut Store, call: &Call) -> Outcome {
    queue(store, call)?;
    let at = find(store, call, call.text("itemNo").unwrap_or_default())?;
    store.items[at]["status"] = call.text("status").into();
    if let Some(result) = call.text("result") {
        store.items[at]["result"] = result.into();
    }
    done()
}

fn pop(store: &mut Store, call: &Call) -> Outcome {
    let name = queue(store, call)?["queueName"].clone();
    let urgency = |item: &Value| match item["priority"].as_str() {
        Some("high") => 0,
        Some("normal") => 1,
        _ => 2,
    };
    let waiting = |item: &Value| matches!(item["status"].as_str(), Some("pending" | "retry"));
    // The first of the most urgent: `min_by_key` keeps the earliest of equals.
    let next = store
        .items
        .iter_mut()
        .filter(|item| item["queueName"] == name && waiting(item))
        .min_by_key(|item| urgency(item));
    let Some(item) = next else {
        return Ok(found(&Value::Null));
    };
    let times = item["runTimes"].as_i64().unwrap_or_default();
    item["runTimes"] = (times + 1).into();
    item["status"] = "running".into();
    Ok(found(item))
}

fn delete(store: &mut Store, call: &Call) -> Outcome {
    queue(store, call)?;
    let listed = call.params.get("items").and_then(Value::as_array);
    let numbers: Vec<String> = listed
        .into_iter()
        .flatten()
        .map(|entry| scalar(&entry["itemNo"]))
        .collect();
    for number in &numbers {
        find(store, call, number)?;
    }
    store
        .items
        .retain(|item| !numbers.contains(&scalar(&item["itemNo"])));
    done()
}
