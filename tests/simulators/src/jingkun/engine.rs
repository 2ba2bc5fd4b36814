//! Runs, which end by themselves and call back.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::Uri;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::callback::{self, Callback, Client};
use super::model::Ending;
use crate::clock::now_ms;
use crate::lock;

/// How often a callback is sent until it is acknowledged.
const ATTEMPTS: u32 = 3;

/// How a document names things in a run.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The member with the run's id.
    pub instance: &'static str,
    /// The member with the id of what runs.
    pub subject: &'static str,
    /// The status of a run that went well.
    pub success: &'static str,
}

/// How fast things go.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    pub(super) step: Duration,
    pub(super) callback_interval: Duration,
    pub(super) second: Duration,
    pub(super) running_callbacks: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            step: Duration::from_millis(100),
            callback_interval: Duration::from_millis(100),
            second: Duration::from_secs(1),
            running_callbacks: false,
        }
    }
}

/// What to run.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// The id of what runs.
    pub(crate) subject: String,
    pub(crate) ending: Ending,
    pub(crate) callback: Option<Uri>,
    /// The outputs of all nodes, and of the designated ones.
    pub(crate) outputs: [Value; 2],
}

/// A run.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) order: Order,
    /// When it ends; none for one that never does.
    pub(crate) ends: Option<Instant>,
}

impl Run {
    fn is_over(&self, at: Instant) -> bool {
        self.ends.is_some_and(|ends| ends <= at)
    }

    /// Its status at a moment; `success` is what the one that went well is called.
    pub(crate) fn status(&self, at: Instant, success: &'static str) -> &'static str {
        match self.order.ending {
            _ if !self.is_over(at) => "RUNNING",
            Ending::Finish => success,
            _ => "FAIL",
        }
    }

    /// Its outputs at a moment: `null` until it is over, none when it failed.
    pub(crate) fn outputs(&self, at: Instant, designated: bool) -> Value {
        match self.order.ending {
            _ if !self.is_over(at) => Value::Null,
            Ending::Finish => self.order.outputs[usize::from(designated)].clone(),
            _ => json!([]),
        }
    }
}

#[derive(Debug)]
struct Inner {
    words: Words,
    pace: Mutex<Pace>,
    client: Client,
    runs: Mutex<Vec<Run>>,
    callbacks: Mutex<Vec<Callback>>,
    schedules: Mutex<Vec<Value>>,
}

/// The runs of a simulator. What is under way ends with it.
#[derive(Debug)]
pub(crate) struct Engine {
    inner: Arc<Inner>,
    tasks: Mutex<JoinSet<()>>,
}

impl Engine {
    pub(super) fn new(words: Words, pace: Pace) -> Self {
        let inner = Inner {
            words,
            pace: Mutex::new(pace),
            client: callback::client(),
            runs: Mutex::default(),
            callbacks: Mutex::default(),
            schedules: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
            tasks: Mutex::default(),
        }
    }

    /// Begins a run.
    pub(crate) fn begin(&self, order: Order) -> Run {
        let run = self.inner.begin(order);
        self.spawn(Arc::clone(&self.inner).report(run.clone()));
        run
    }

    /// Begins a run after so many seconds of the schedule's clock, once or again and again.
    pub(crate) fn schedule(&self, order: Order, seconds: u64, cycle: bool, row: Value) {
        let inner = Arc::clone(&self.inner);
        lock(&inner.schedules).push(row);
        let factor = u32::try_from(seconds).unwrap_or(u32::MAX);
        let second = lock(&inner.pace).second;
        let every = second.saturating_mul(factor).max(Duration::from_millis(1));
        self.spawn(async move {
            let mut reports = JoinSet::new();
            loop {
                sleep(every).await;
                let run = inner.begin(order.clone());
                reports.spawn(Arc::clone(&inner).report(run));
                while reports.try_join_next().is_some() {}
                if !cycle {
                    break;
                }
            }
            reports.join_all().await;
        });
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// A run of that subject.
    pub(crate) fn find(&self, subject: &str, id: &str) -> Option<Run> {
        let runs = lock(&self.inner.runs);
        let mut runs = runs.iter();
        runs.find(|run| run.id == id && run.order.subject == subject)
            .cloned()
    }

    /// The last run of a subject.
    pub(crate) fn last(&self, subject: &str) -> Option<Run> {
        let runs = lock(&self.inner.runs);
        let mut runs = runs.iter().rev();
        runs.find(|run| run.order.subject == subject).cloned()
    }

    pub(super) fn callbacks(&self) -> Vec<Callback> {
        lock(&self.inner.callbacks).clone()
    }

    pub(super) fn set_step(&self, step: Duration) {
        lock(&self.inner.pace).step = step;
    }

    pub(super) fn describe(&self) -> Value {
        let (now, words) = (Instant::now(), self.inner.words);
        let runs: Vec<Value> = lock(&self.inner.runs)
            .iter()
            .map(|run| run.print(words, run.status(now, words.success)))
            .collect();
        let callbacks: Vec<Value> = self.callbacks().iter().map(Callback::describe).collect();
        let schedules = &*lock(&self.inner.schedules);
        json!({"runs": runs, "schedules": schedules, "callbacks": callbacks})
    }
}

impl Run {
    fn print(&self, words: Words, status: &str) -> Value {
        json!({words.instance: self.id, words.subject: self.order.subject, "status": status})
    }
}

impl Inner {
    fn begin(&self, order: Order) -> Run {
        let step = lock(&self.pace).step;
        let mut runs = lock(&self.runs);
        let run = Run {
            id: format!("in{}{:04}", now_ms(), runs.len() + 1),
            ends: (order.ending != Ending::Never).then(|| Instant::now() + step),
            order,
        };
        runs.push(run.clone());
        run
    }

    /// Tells the receiver of a run how it goes.
    async fn report(self: Arc<Self>, run: Run) {
        let Some(url) = &run.order.callback else {
            return;
        };
        let running = lock(&self.pace).running_callbacks;
        let success = self.words.success;
        if running {
            self.deliver(url, &run.print(self.words, "RUNNING")).await;
        }
        let Some(ends) = run.ends else {
            return;
        };
        sleep_until(ends.into()).await;
        let status = run.status(ends, success);
        self.deliver(url, &run.print(self.words, status)).await;
    }

    async fn deliver(&self, url: &Uri, body: &Value) {
        let interval = lock(&self.pace).callback_interval;
        for attempt in 1..=ATTEMPTS {
            if attempt > 1 {
                sleep(interval).await;
            }
            let sent = callback::send(&self.client, url, body, attempt).await;
            let acknowledged = sent.acknowledged;
            lock(&self.callbacks).push(sent);
            if acknowledged {
                return;
            }
        }
    }
}
