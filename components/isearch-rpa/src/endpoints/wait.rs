//! A job to its end: the list of jobs, asked for again and again.

use patchbay_sdk::answer::text;
use patchbay_sdk::operations::send;
use patchbay_sdk::polling::Polling;
use patchbay_sdk::{Endpoint, Failure, Handler, Operation, Params, Payload, Schema, operations};
use serde::Serialize;
use serde_json::{Map, Value};

use super::job::{Job, List, Status};
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![; Wait];

/// How many seconds to wait where `timeoutSeconds` doesn't say.
const TIMEOUT: u64 = 300;
/// How many jobs a page has. The document gives no limit; a server that has one answers with fewer.
const PAGE_SIZE: i64 = 100;
/// How many pages are looked through at most.
const PAGES: i64 = 50;
/// How many times in a row the job may be missing from the list.
const MISSES: u32 = 5;

/// Wait until a job has ended
///
/// Section 3.9.1, whose list it asks for.
///
/// An operation of this connector, not of the vendor: no operation of the vendor gives a single job, so it asks
/// for the list of the process's jobs, every 0.5 s at first and every 10 s later on, until the job's `STATUS` in
/// it is `success`, `failed`, `stopped`, `pendout`, `runout` or `cancelled`. A job that has failed is a result,
/// not a failure. It starts and stops nothing; waiting again is harmless.
///
/// When `timeoutSeconds` are over, or shortly before the deadline that the host gives the call (often much
/// shorter), it returns with `timedOut` and the job as it was last. The job goes on: call it again, or stop the
/// job with `job.stop`.
///
/// After `job.retry` the list may still show the end of the run before. Give its `END_TIME` as
/// `previousEndTime`, and an end with that time counts only once the job has been seen under way. Without it,
/// an end that is in the list already is the result. The document doesn't say whether a job that is run again
/// keeps its id, nor whether `END_TIME` is cleared in between: if it gets another id, or ends again with nothing
/// changed, the wait times out.
///
/// What it can't know: the document doesn't say how the list is sorted, or whether it is complete. A job that is
/// missing from its first 50 pages five times in a row comes back with `pollError`: the id is wrong, the job is
/// another process's, or it was deleted. A failure before the job was seen is the operation's own; a later one
/// comes as `pollError` beside the last state, after five in a row or when it won't pass.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "job.wait",
    title = "等待流程任务结束",
    effect = Read,
    rename_all = "camelCase",
    response = Outcome,
    example = r#"{"processId":45,"jobId":229,"timeoutSeconds":300}"#,
    example = r#"{"processId":45,"jobId":229,"previousEndTime":1594201618000}"#
)]
pub struct Wait {
    /// Process ID: `id` of `process.list`, the one that `job.list` takes.
    #[param(title = "流程 ID", lenient)]
    pub process_id: i64,
    /// Id of the job: `ID` of `job.list`.
    #[param(title = "任务 id", lenient)]
    pub job_id: i64,
    /// `END_TIME` of the job before `job.retry`, from `job.list`, in milliseconds since 1970; 0 where it was `null`.
    #[param(title = "结束运行时间", lenient)]
    pub previous_end_time: Option<i64>,
    /// How many seconds to wait.
    #[param(min = 1, max = 86_400, default = 300)]
    pub timeout_seconds: Option<u32>,
}

/// What became of the job.
#[derive(Debug, Serialize, Schema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct Outcome {
    /// Id of the job.
    #[schema(title = "任务 id")]
    pub job_id: i64,
    /// The last known `STATUS` of the job; `null` where it hasn't been seen.
    #[schema(title = "状态", with = Option<Status>)]
    pub status: Option<String>,
    /// Whether the job has ended. `status` alone doesn't say it: the end of an earlier run isn't one.
    pub ended: bool,
    /// The job as `job.list` gave it last; `null` where it hasn't been seen.
    #[schema(with = Option<Job>)]
    pub job: Option<Map<String, Value>>,
    /// Whether time was up before the job had ended.
    pub timed_out: bool,
    /// Why the job couldn't be followed any further, or why the last question failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_error: Option<String>,
}

impl Handler<IsearchRpa> for Wait {
    fn handle(connector: &IsearchRpa, params: Params) -> Result<Payload, Failure> {
        let id = |name| params.integer(name).unwrap_or_default();
        let (process, job) = (id("processId"), id("jobId"));
        let earlier = params.integer("previousEndTime");
        let seconds = params.get("timeoutSeconds").and_then(Value::as_u64);
        let mut outcome = Outcome {
            job_id: job,
            status: None,
            ended: false,
            job: None,
            timed_out: false,
            poll_error: None,
        };
        let (mut under_way, mut missing) = (false, 0);
        let mut polling = Polling::new(connector.host(), seconds.unwrap_or(TIMEOUT));
        let answer = polling.until(true, || {
            let Some(row) = find(connector, process, job)? else {
                missing += 1;
                outcome.poll_error = Some(format!(
                    "job {job} isn't in the list of the jobs of process {process}"
                ));
                return Ok((missing == MISSES).then_some(()));
            };
            missing = 0;
            outcome.poll_error = None;
            let over = text(&row, "STATUS").as_deref().is_some_and(has_ended);
            under_way |= !over;
            let is_earlier = earlier.is_some_and(|time| end_time(&row) == time);
            outcome.ended = over && (under_way || !is_earlier);
            outcome.status = text(&row, "STATUS");
            outcome.job = Some(row);
            Ok(outcome.ended.then_some(()))
        });
        if let Err(end) = answer {
            outcome.timed_out = end.timed_out;
            match end.failure {
                Some(failure) if !end.timed_out && outcome.job.is_none() => return Err(failure),
                Some(failure) => outcome.poll_error = Some(failure.to_string()),
                None => {}
            }
        }
        Payload::serialize(&outcome)
    }
}

/// Looks for a job in the list of its process, page by page: until a page is empty or repeats the one before, or
/// all have been seen.
fn find(connector: &IsearchRpa, process: i64, job: i64) -> Result<Option<Map<String, Value>>, Failure> {
    let job = job.to_string();
    let (mut seen, mut before) = (0, Vec::new());
    for page in 1..=PAGES {
        let params = Params::new()
            .with("id", process)
            .with("page", page)
            .with("size", PAGE_SIZE);
        let list = send(connector, List::DECLARATION, params)?.to_value();
        let Some(rows) = list.get("items").and_then(Value::as_array) else {
            return Err(Failure::MalformedResponse {
                message: "the vendor's answer has no list of jobs".to_owned(),
                http_status: None,
            });
        };
        let jobs = rows.iter().filter_map(Value::as_object);
        if let Some(row) = jobs
            .into_iter()
            .find(|row| text(row, "ID").as_ref() == Some(&job))
        {
            return Ok(Some(row.clone()));
        }
        seen += rows.len() as u64;
        let total = list.get("total").and_then(Value::as_u64);
        if rows.is_empty() || *rows == before || total.is_some_and(|total| seen >= total) {
            return Ok(None);
        }
        before.clone_from(rows);
    }
    Ok(None)
}

/// 0 for a job that has none, such as one that was cancelled before it ran.
fn end_time(job: &Map<String, Value>) -> i64 {
    let time = text(job, "END_TIME").and_then(|time| time.trim().parse().ok());
    time.unwrap_or(0)
}

/// `failing` and `stopping` are under way.
fn has_ended(status: &str) -> bool {
    matches!(
        status,
        "success" | "failed" | "stopped" | "pendout" | "runout" | "cancelled"
    )
}
