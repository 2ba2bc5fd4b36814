//! Applications, forms and records.

use serde_json::{Map, Value, json};

use super::store::{Outcome, Record, Store, check_names, found, page, succeeded, text, unknown};
use super::tasks;
use crate::clock::now_ms;
use crate::strict::{Call, scalar};
use crate::vendor::Refusal;

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    match call.operation.id {
        "app.list" => {
            let rows = store.apps.iter().filter(|row| named(call, &scalar(&row["name"])));
            Ok(found(&rows.cloned().collect()))
        }
        "form.list" => {
            store.app(call)?;
            let forms = store.forms.iter().filter(|form| form.app == text(call, "app_id"));
            let rows = forms.filter(|form| named(call, &form.name));
            // The second is not in the document.
            let rows = rows.map(|form| json!({"id": form.id, "name": form.name, "icon": null}));
            Ok(found(&page(call, rows.collect())?.into()))
        }
        "form-field.list" => Ok(found(&store.form(call)?.fields.clone().into())),
        "record.create" => create(store, call),
        "record.update" => update(store, call),
        "record.delete" => {
            store.acting(call, "user_id")?;
            let at = store.record(call)?;
            store.records.remove(at);
            Ok(succeeded(&Value::Null))
        }
        "record.list" => list(store, call),
        _ => {
            store.acting(call, "user_id")?;
            let at = store.record(call)?;
            Ok(succeeded(&store.records[at].print()))
        }
    }
}

/// Whether a name holds the filter, where there is one.
fn named(call: &Call, name: &str) -> bool {
    call.text("name").is_none_or(|filter| name.contains(filter))
}

/// The members of the body that the document does not name.
fn fields(call: &Call) -> Result<Map<String, Value>, Refusal> {
    let mut fields = call.params.clone();
    fields.retain(|name, _| call.operation.params.iter().all(|param| param.name != name));
    check_names(&fields)?;
    Ok(fields)
}

fn create(store: &mut Store, call: &Call) -> Outcome {
    let code = call.text("flow_code");
    let flow = if call.params.get("start_flow") == Some(&Value::Bool(true)) {
        let missing = "query parameter \"flow_code\": required when start_flow is true, missing";
        let code = code.ok_or_else(|| Refusal::Breach(missing.into()))?;
        let at = store.flows.iter().position(|flow| flow.code == code);
        Some(at.ok_or_else(|| unknown("流程", code))?)
    } else {
        None
    };
    let form = store.form(call)?;
    let (app, form) = (form.app.clone(), form.id.clone());
    let creator = store.acting(call, "user_id")?;
    let fields = fields(call)?;
    let id = store.next_id();
    let process = flow.map(|flow| tasks::started(store, flow, &creator));
    let last = store.records.iter().map(|record| record.serial).max();
    let record = Record {
        app,
        form,
        id,
        serial: last.unwrap_or_default() + 1,
        creator,
        created: now_ms(),
        updated: None,
        fields,
        process,
    };
    let data = json!({"id": record.id, "serialNo": record.serial});
    store.records.push(record);
    Ok(succeeded(&data))
}

fn update(store: &mut Store, call: &Call) -> Outcome {
    store.acting(call, "user_id")?;
    let at = store.record(call)?;
    let changed = fields(call)?;
    let record = &mut store.records[at];
    record.fields.extend(changed);
    record.updated = Some(now_ms());
    Ok(succeeded(&Value::Null))
}

fn list(store: &Store, call: &Call) -> Outcome {
    store.acting(call, "user_id")?;
    let form = store.form(call)?;
    let filter = call.params.get("filter").and_then(Value::as_object);
    let fits = |row: &Value| {
        let mut wanted = filter.into_iter().flatten();
        wanted.all(|(name, value)| row.get(name).is_some_and(|found| scalar(found) == scalar(value)))
    };
    let records = store
        .records
        .iter()
        .filter(|row| row.app == form.app && row.form == form.id);
    let rows = records.map(Record::print).filter(fits);
    Ok(succeeded(&page(call, rows.collect())?.into()))
}
