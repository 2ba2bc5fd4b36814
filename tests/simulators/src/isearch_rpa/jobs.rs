//! Jobs, which run by themselves: pending, running, success.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::store::{Job, Outcome, Store, done, paged, position, unknown};
use super::tokens::uuid;
use crate::clock::now_ms;
use crate::strict::{Call, scalar};
use crate::vendor::Refusal;

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    let step = store.job_step;
    for job in &mut store.jobs {
        job.advance(step);
    }
    let id = call.id("id").unwrap_or_default();
    match call.operation.id {
        "job.list" => {
            if position(&store.processes, "id", &id).is_none() {
                return Err(unknown("流程"));
            }
            let of_process = store.jobs.iter().filter(|job| job.process == id);
            paged(call, of_process.map(|job| &job.row))
        }
        "job.create" => create(store, &id),
        "job.retry" => {
            let job = find(store, &id)?;
            if !job.is_over() {
                return Err(state(job));
            }
            job.set("pending");
            let times = job.row["RUN_TIMES"].as_i64().unwrap_or_default();
            job.row["RUN_TIMES"] = (times + 1).into();
            done()
        }
        "job.stop" => {
            let job = find(store, &id)?;
            match job.status() {
                "pending" => job.set("cancelled"),
                "running" => job.set("stopping"),
                "stopping" | "stopped" | "cancelled" => {}
                _ => return Err(state(job)),
            }
            done()
        }
        _ => {
            let job = find(store, &id)?;
            if job.status() != "pending" && !job.is_over() {
                return Err(state(job));
            }
            store.jobs.retain(|job| scalar(&job.row["ID"]) != id);
            done()
        }
    }
}

fn find<'a>(store: &'a mut Store, id: &str) -> Result<&'a mut Job, Refusal> {
    let mut jobs = store.jobs.iter_mut();
    jobs.find(|job| scalar(&job.row["ID"]) == id)
        .ok_or_else(|| unknown("任务"))
}

fn state(job: &Job) -> Refusal {
    Refusal::vendor(4092, format!("任务状态 {} 不允许该操作", job.status()))
}

impl Job {
    fn status(&self) -> &str {
        self.row["STATUS"].as_str().unwrap_or_default()
    }

    fn is_over(&self) -> bool {
        !matches!(self.status(), "pending" | "running" | "stopping" | "failing")
    }

    fn set(&mut self, status: &str) {
        let now = Value::from(now_ms());
        self.row["STATUS"] = status.into();
        self.since = Some(Instant::now());
        if status == "pending" {
            self.row["START_TIME"] = Value::Null;
            self.row["END_TIME"] = Value::Null;
        } else if status == "running" {
            self.row["START_TIME"] = now.clone();
        } else if self.is_over() {
            self.row["END_TIME"] = now.clone();
        }
        self.row["MODIFY_TIME"] = now;
    }

    /// Lets the time since the last change pass.
    fn advance(&mut self, step: Duration) {
        while let Some(since) = self.since {
            let next = match self.status() {
                "pending" => "running",
                "running" => "success",
                "stopping" => "stopped",
                "failing" => "failed",
                _ => return,
            };
            if since.elapsed() < step {
                return;
            }
            self.set(next);
            self.since = Some(since + step);
        }
    }
}

fn create(store: &mut Store, schedule: &str) -> Outcome {
    let at = position(&store.schedules, "id", schedule).ok_or_else(|| unknown("调度"))?;
    let schedule = store.schedules[at].clone();
    if schedule["status"] != json!(0) {
        return Err(Refusal::vendor(4092, "调度已停用"));
    }
    let code = scalar(&schedule["procCode"]);
    let at = position(&store.processes, "procCode", &code).ok_or_else(|| unknown("流程"))?;
    let process = store.processes[at].clone();
    let id = store.next_id();
    let job = row(id, "pending", &process, &schedule);
    store.jobs.insert(
        0,
        Job {
            row: job,
            process: scalar(&process["id"]),
            since: Some(Instant::now()),
        },
    );
    done()
}

/// A job as it is printed.
pub(super) fn row(id: i64, status: &str, process: &Value, schedule: &Value) -> Value {
    let now = now_ms();
    json!({
        "START_TIME": null,
        "CURR_ROBOT_NO": null,
        "PROC_HAND_DO_MIN": 0,
        "OWBER_USER_ID": process["owberUserId"],
        "PROC_CODE": process["procCode"],
        "JOB_TIME": now,
        "PRIORITY": schedule["priority"],
        "APPLY_USERS": "-010-025-,-patchbay-",
        "PENDING_TIME": 0,
        "CURR_ROBOT_NAME": null,
        "PUBLISH_TIME": process["publishTime"],
        "RUN_TIME_SEC": 0,
        "PROC_VER": process["procVer"],
        "STATUS": status,
        "END_TIME": null,
        "OWBER_USER": process["owberUser"],
        "FAIL_TRY_TIMES": 0,
        "DESCRIPTION": null,
        "PROC_NAME": process["procName"],
        "ID": id,
        "PRODUCE_TYPE": "手工运行",
        "CREATE_TIME": now,
        "JOB_NO": uuid(),
        "EXEC_ROBOTS_NO": schedule["execRobotsNo"],
        "RUN_TIMES": 1,
        "ROBOT_START_TIME": null,
        "SCH_TYPE": "unManager",
        "PENDING_TIMEOUT": 10,
        "WAIT_TIMES": 0,
        "AUTO_STOP_TIME": 0,
        "JOB_ORDER": now,
        "EXEC_ROBOTS_NAMES": schedule["execRobotsNames"],
        "DEVELOPER_USER": process["developerUser"],
        "RUNNING_TIMEOUT": 0,
        "ORG_CODE": process["orgCode"],
        "EXEC_ROBOTS_ALIAS": schedule["execRobotsAlias"],
        "JOB_TYPE": "plan",
        "CUR_ORG_NAME": process["curOrgName"],
        "PROC_FILE": process["procFile"],
        "ROBOT_END_TIME": null,
        "MODIFY_TIME": now,
    })
}
