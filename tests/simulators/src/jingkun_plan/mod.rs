//! The JingKun plan simulator. Codes and common readings: [`crate::jingkun`].
//!
//! A plan fails when one of its workflows does, and ends when all do. An entry of `modelVarReq`
//! without a `modelId`, two for one workflow, or one for a workflow of another plan is refused with
//! 400. Plans may run side by side. The state reaches the receiver of the callback only: it is told of
//! the end, and with [`Builder::running_callbacks`](crate::jingkun::Builder) of the beginning, too.
//!
//! A schedule runs for the first time after one interval, then either never again (`single`) or once
//! in every interval (`cycle`). A month has 30 days; how long a second is can be set. Its answer is
//! the one that the document prints, a failed workflow run, although the schedule is made.

mod operations;
mod schedule;

use std::time::Instant;

use serde_json::{Map, Value, json};

pub use operations::OPERATIONS;

use crate::jingkun::{
    Api, Ending, Jingkun, Model, Order, Platform, Words, against, big, day, found, impossible, seed, url,
};
use crate::operation::Operation;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

/// The plan simulator.
pub type Simulator = crate::Simulator<Jingkun<Plans>>;

/// The plan document.
#[derive(Debug, Clone, Copy)]
pub struct Plans;

impl Api for Plans {
    const ID: &'static str = "jingkun-plan";
    const NAME: &'static str = "JingKun plans";
    const TOKEN_TYPE: &'static str = "Bearer";
    const WORDS: Words = Words {
        instance: "planInstanceId",
        subject: "processPlanId",
        success: "SUCCESS",
    };

    // It documents no boolean and no integer in a JSON body.
    fn operations(_stringified: bool) -> &'static [Operation] {
        OPERATIONS
    }

    fn handle(platform: &Platform, call: &Call) -> Result<Answer, Refusal> {
        if call.operation.id == "plan.list" {
            let rows = (0..).zip(&PLANS);
            let rows: Vec<Value> = rows
                .filter(|(_, plan)| platform.sessions.shows(call, plan.owner))
                .map(|(at, plan)| plan.row(at))
                .collect();
            return Ok(found(&rows.into()));
        }
        let id = call.text("processPlanId").unwrap_or_default();
        let plan = PLANS.iter().find(|plan| plan.id == id);
        let plan = plan.ok_or_else(|| against("预案不存在"))?;
        match call.operation.id {
            "plan-workflow.list" => Ok(found(&plan.workflows(Model::print_variables))),
            "plan-schedule.create" => schedule::create(platform, plan, call),
            "plan.execute" => {
                let variables = call.params.get("modelVarReq").and_then(Value::as_array);
                let order = plan.order(call, variables.map_or(&[], Vec::as_slice))?;
                let run = platform.engine.begin(order);
                Ok(found(
                    &json!([{"processPlanId": plan.id, "planInstanceId": run.id}]),
                ))
            }
            _ => {
                let id = call.text("planInstanceId").unwrap_or_default();
                let run = platform.engine.find(plan.id, id);
                let run = run.ok_or_else(|| against("执行实例不存在"))?;
                Ok(found(&run.outputs(Instant::now(), false)))
            }
        }
    }

    fn state(_platform: &Platform) -> Value {
        let rows: Vec<Value> = (0..).zip(&PLANS).map(|(at, plan)| plan.row(at)).collect();
        json!({ "plans": rows })
    }
}

#[derive(Debug)]
struct Plan {
    id: &'static str,
    title: &'static str,
    owner: &'static str,
    models: &'static [&'static str],
}

const fn plan(id: &'static str, title: &'static str, models: &'static [&'static str]) -> Plan {
    Plan {
        id,
        title,
        owner: "1",
        models,
    }
}

/// What a new simulator holds. All of it invented.
static PLANS: [Plan; 6] = [
    plan("pl20240001", "月末关账预案", &["md20240001", "md20240002"]),
    plan("pl20240002", "无参巡检预案", &["md20240002"]),
    plan("pl20240003", "故障切换预案", &["md20240002", "md20240003"]),
    plan("pl20240004", "长期值守预案", &["md20240004"]),
    // An id that has to be encoded in a path.
    plan("预案/A+1 #7?", "编码测试", &["md20240002"]),
    Plan {
        owner: "2",
        ..plan("pl20240006", "拓扑采集预案", &["md20240006"])
    },
];

impl Plan {
    fn models(&self) -> impl Iterator<Item = &'static Model> {
        self.models.iter().filter_map(|id| seed::find(id))
    }

    fn row(&self, at: usize) -> Value {
        json!({
            "processPlanId": self.id,
            "title": self.title,
            "status": "DEFAULT",
            "stepNums": self.models.len(),
            "version": at,
            "createTime": day(at),
            "createUser": format!("U10000{}", self.owner),
            "updateTime": day(at + 30),
            "updateUser": "",
            // Not documented:
            "recordId": big(at),
            "description": null,
        })
    }

    /// Its workflows, each with a list.
    fn workflows(&self, list: impl Fn(&'static Model) -> Value) -> Value {
        let print = |model: &'static Model| json!({"modelName": model.name, "processModelId": model.id, "mapParam": list(model)});
        self.models().map(print).collect()
    }

    fn ending(&self) -> Ending {
        let any = |ending| self.models().any(|model| model.ending == ending);
        if any(Ending::Never) {
            Ending::Never
        } else if any(Ending::Fail) {
            Ending::Fail
        } else {
            Ending::Finish
        }
    }

    /// A run with these variables, each entry `{modelId, mapParam}`.
    fn order(&self, call: &Call, entries: &[Value]) -> Result<Order, Refusal> {
        let callback = url(call)?;
        let mut given: Vec<(&str, Option<&Map<String, Value>>)> = Vec::new();
        for entry in entries {
            let id = entry["modelId"]
                .as_str()
                .ok_or_else(|| impossible("缺少 modelId"))?;
            if !self.models.contains(&id) {
                return Err(impossible(&format!("预案 {} 没有工作流 {id}", self.id)));
            }
            if given.iter().any(|(other, _)| *other == id) {
                return Err(impossible(&format!("工作流 {id} 重复")));
            }
            given.push((id, entry["mapParam"].as_object()));
        }
        let mut outputs = Vec::new();
        for model in self.models() {
            let map = given.iter().find(|(id, _)| *id == model.id);
            let values = model.values(map.and_then(|(_, map)| *map))?;
            outputs.push((model.id, model.outputs(&values, false)));
        }
        let outputs = self.workflows(|model| {
            let found = outputs.iter().find(|(id, _)| *id == model.id);
            found.map(|(_, list)| list.clone()).unwrap_or_default()
        });
        Ok(Order {
            subject: self.id.to_owned(),
            ending: self.ending(),
            callback,
            outputs: [outputs.clone(), outputs],
        })
    }
}
