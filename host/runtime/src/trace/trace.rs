//! The trace of a call that is under way.
//!
//! It is the host's own knowledge: a guest can't change it. Whatever takes part in a call writes here what it
//! does, at the moment when it does it, so that nothing is lost where the call is cut.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hyper_util::client::legacy::connect::CaptureConnection;
use parking_lot::Mutex;

use super::id::CallId;
use super::record::{CallKind, CallRecord, TrapRecord, VendorRequest};
use crate::error::Error;
use crate::manifest::Effect;

/// How many requests of one call its record has.
const RECORDED: usize = 100;

/// What is called, and by whom it is served.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) kind: CallKind,
    pub(crate) connection: &'a str,
    pub(crate) operation: &'a str,
}

/// Gathers what happens in one call.
#[derive(Debug)]
pub(crate) struct CallTrace {
    id: CallId,
    started: Instant,
    gathered: Mutex<Gathered>,
}

#[derive(Debug)]
struct Gathered {
    record: CallRecord,
    /// When the call began to wait for a turn.
    queued: Option<Instant>,
    /// When its turn began.
    running: Option<Instant>,
    /// How long it waited within its turn: for a session that another call was getting, and before the
    /// guest was invoked again.
    waits: Duration,
    /// Which invocation of the guest is under way, from 1.
    attempt: u32,
    /// The exchanges that are under way, by their number.
    under_way: BTreeMap<usize, UnderWay>,
    /// How long there was at least one exchange under way, up to the last moment when there was none.
    vendor: Duration,
    /// Since when there is one.
    vendor_since: Option<Instant>,
    /// Whether the vendor may have received a request of an exchange that has ended.
    sent: bool,
    largest_response: usize,
    /// Whether the last failure of an exchange may pass.
    failure_passes: bool,
    /// Why the last request couldn't be sent with the secrets that belong into it.
    unsendable: Option<String>,
    /// The size limit that a response exceeded.
    response_too_large: Option<usize>,
    /// Which limit the connector exceeded in what it sends and receives, and what to do.
    limit_exceeded: Option<String>,
    /// Whose login the call waits for.
    awaits_login: Option<ClaimHolder>,
}

/// Who logs in while others wait for the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimHolder {
    /// Another call of the same connection.
    Call,
    /// Another host that shares the sessions.
    Host,
}

/// An exchange that has begun and not ended.
#[derive(Debug)]
struct UnderWay {
    begun: Instant,
    /// Says whether there was a connection to send the request on.
    connection: Option<CaptureConnection>,
    status: Option<u16>,
}

/// One exchange with the vendor. It is under way until it is dropped.
#[derive(Debug)]
pub(crate) struct Exchange {
    trace: Arc<CallTrace>,
    number: usize,
}

/// How an exchange ended.
#[derive(Debug)]
pub(crate) enum Ended<'a> {
    /// With a whole response.
    Response { status: u16, bytes: usize },
    /// Without one. Some failures may pass: a broken connection does, a certificate that isn't trusted doesn't.
    Failed { why: &'a str, passes: bool },
}

impl CallTrace {
    /// The trace of a call that begins now. `allowed` are the origins that it may reach.
    pub(crate) fn new(
        id: CallId,
        subject: Subject<'_>,
        deadline: Duration,
        allowed: Arc<[String]>,
    ) -> Arc<Self> {
        let record = CallRecord::new(id, subject, deadline, allowed, SystemTime::now());
        Arc::new(Self {
            id,
            started: Instant::now(),
            gathered: Mutex::new(Gathered {
                record,
                queued: None,
                running: None,
                waits: Duration::ZERO,
                attempt: 1,
                under_way: BTreeMap::new(),
                vendor: Duration::ZERO,
                vendor_since: None,
                sent: false,
                largest_response: 0,
                failure_passes: true,
                unsendable: None,
                response_too_large: None,
                limit_exceeded: None,
                awaits_login: None,
            }),
        })
    }

    /// The call's id.
    pub(crate) fn id(&self) -> CallId {
        self.id
    }

    /// When the call came.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// The call is served by this version of a connector, where the operation has this effect.
    pub(crate) fn served_by(&self, connector: &str, version: &str, effect: Option<Effect>) {
        let record = &mut self.gathered.lock().record;
        connector.clone_into(&mut record.connector);
        version.clone_into(&mut record.version);
        record.effect = effect;
    }

    /// The call waits for a turn.
    pub(crate) fn queued(&self) {
        self.gathered.lock().queued = Some(Instant::now());
    }

    /// Its turn has begun.
    pub(crate) fn running(&self) {
        let mut gathered = self.gathered.lock();
        gathered.record.waiting = gathered.queued.map_or(Duration::ZERO, |since| since.elapsed());
        gathered.running = Some(Instant::now());
    }

    /// An instance is made for the call.
    pub(crate) fn fresh_instance(&self) {
        self.gathered.lock().record.fresh_instance = true;
    }

    /// The call waits for the login of another, or for none.
    pub(crate) fn awaits_login(&self, holder: Option<ClaimHolder>) {
        self.gathered.lock().awaits_login = holder;
    }

    /// Whose login the call waits for.
    pub(crate) fn awaited_login(&self) -> Option<ClaimHolder> {
        self.gathered.lock().awaits_login
    }

    /// It waited this long for a session.
    pub(crate) fn waited_for_session(&self, time: Duration) {
        self.gathered.lock().waits += time;
    }

    /// It stored a record.
    pub(crate) fn wrote_session(&self) {
        self.gathered.lock().record.wrote_session = true;
    }

    /// The guest trapped.
    pub(crate) fn trapped(&self, trap: TrapRecord) {
        self.gathered.lock().record.trap = Some(trap);
    }

    /// Policy forbade a request.
    pub(crate) fn denied(&self, denial: String) {
        self.gathered.lock().record.denial = Some(denial);
    }

    /// Why the last request was denied.
    pub(crate) fn denial(&self) -> Option<String> {
        self.gathered.lock().record.denial.clone()
    }

    /// A request couldn't be sent with the secrets that belong into it.
    pub(crate) fn unsendable(&self, why: String) {
        self.gathered.lock().unsendable = Some(why);
    }

    /// Why the last request couldn't be sent.
    pub(crate) fn why_unsendable(&self) -> Option<String> {
        self.gathered.lock().unsendable.clone()
    }

    /// A response exceeded a limit, in bytes.
    pub(crate) fn response_too_large(&self, limit: usize) {
        self.gathered.lock().response_too_large = Some(limit);
    }

    /// The limit that a response exceeded, in bytes.
    pub(crate) fn exceeded_response(&self) -> Option<usize> {
        self.gathered.lock().response_too_large
    }

    /// The connector exceeded a limit in what it sends and receives: which one, and what to do.
    pub(crate) fn limit_exceeded(&self, words: String) {
        self.gathered.lock().limit_exceeded = Some(words);
    }

    /// Which limit the connector exceeded in what it sends and receives.
    pub(crate) fn exceeded_limit(&self) -> Option<String> {
        self.gathered.lock().limit_exceeded.clone()
    }

    /// The largest body of a response, in bytes.
    pub(crate) fn largest_response(&self) -> usize {
        self.gathered.lock().largest_response
    }

    /// Whether the vendor may have received any request of the call.
    pub(crate) fn request_sent(&self) -> bool {
        self.gathered.lock().request_sent()
    }

    /// Whether the last exchange that failed did so in a way that may pass.
    pub(crate) fn failure_passes(&self) -> bool {
        self.gathered.lock().failure_passes
    }

    /// Whether an exchange is under way.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.gathered.lock().under_way.is_empty()
    }

    /// The guest is invoked again after this wait.
    pub(crate) fn again(&self, wait: Duration) {
        let mut gathered = self.gathered.lock();
        if let Some(last) = gathered.last_of_attempt() {
            last.again_after = Some(wait);
        }
        gathered.attempt += 1;
        gathered.waits += wait;
        gathered.record.attempts = gathered.attempt;
        gathered.unsendable = None;
        gathered.response_too_large = None;
        gathered.limit_exceeded = None;
    }

    /// The guest isn't invoked again, although the call failed.
    pub(crate) fn not_again(&self, why: &str) {
        let mut gathered = self.gathered.lock();
        let why = Some(why.to_owned());
        match gathered.last_of_attempt() {
            Some(last) => last.not_again = why,
            None => gathered.record.not_again = why,
        }
    }

    /// Begins an exchange: a request is about to be sent.
    pub(crate) fn exchange(self: &Arc<Self>, method: &http::Method, target: &str) -> Exchange {
        let mut gathered = self.gathered.lock();
        let number = gathered.record.request_count;
        gathered.record.request_count += 1;
        gathered.record.repeated += u64::from(gathered.attempt > 1);
        gathered.unsendable = None;
        let now = Instant::now();
        gathered.vendor_since.get_or_insert(now);
        gathered.under_way.insert(
            number,
            UnderWay {
                begun: now,
                connection: None,
                status: None,
            },
        );
        if number < RECORDED {
            let attempt = gathered.attempt;
            let after = self.started.elapsed();
            let request = VendorRequest::new(method.to_string(), target.to_owned(), attempt, after);
            gathered.record.requests.push(request);
        }
        Exchange {
            trace: self.clone(),
            number,
        }
    }

    /// Makes the record: the call has ended, without a result where it was abandoned.
    pub(crate) fn end(&self, failure: Option<Result<(), &Error>>) -> CallRecord {
        let mut gathered = self.gathered.lock();
        // What is still under way was cut.
        let cut: Vec<Option<u16>> = gathered.under_way.values().map(|cut| cut.status).collect();
        for status in cut {
            *gathered.record.statuses.entry(status).or_default() += 1;
        }
        let request_sent = gathered.request_sent();
        let vendor = gathered.vendor
            + gathered
                .vendor_since
                .map_or(Duration::ZERO, |since| since.elapsed());
        // Nothing is read of it any more, and what still ends is in no record.
        let blank = CallRecord::new(
            self.id,
            Subject {
                kind: gathered.record.kind,
                connection: "",
                operation: "",
            },
            gathered.record.deadline,
            gathered.record.allowed.clone(),
            gathered.record.started_at,
        );
        let mut record = std::mem::replace(&mut gathered.record, blank);
        record.total = self.started.elapsed();
        if let (None, Some(since)) = (gathered.running, gathered.queued) {
            // It never had a turn.
            record.waiting = since.elapsed();
        }
        record.waiting += gathered.waits;
        record.vendor = vendor;
        record.request_sent = request_sent;
        let running = gathered.running.map_or(Duration::ZERO, |since| since.elapsed());
        record.guest = running.saturating_sub(vendor).saturating_sub(gathered.waits);
        match failure {
            Some(Ok(())) => {}
            Some(Err(error)) => record.error = Some(error.clone()),
            None => record.abandoned = true,
        }
        record
    }
}

impl Gathered {
    /// The last request of the invocation that is under way.
    fn last_of_attempt(&mut self) -> Option<&mut VendorRequest> {
        let attempt = self.attempt;
        let last = self.record.requests.last_mut();
        last.filter(|last| last.attempt == attempt)
    }

    fn request_sent(&self) -> bool {
        self.sent || self.under_way.values().any(UnderWay::sent)
    }
}

impl UnderWay {
    fn sent(&self) -> bool {
        self.status.is_some()
            || self
                .connection
                .as_ref()
                .is_some_and(|connection| connection.connection_metadata().is_some())
    }
}

impl Exchange {
    /// The request is handed to the client, which says in `connection` whether it has one.
    pub(crate) fn sending(&self, connection: CaptureConnection) {
        self.with(|under_way| under_way.connection = Some(connection));
    }

    /// The request leaves without these header fields.
    pub(crate) fn left_out(&self, names: Vec<String>) {
        if let Some(request) = self.trace.gathered.lock().record.requests.get_mut(self.number) {
            request.left_out = names;
        }
    }

    /// The head of the response has come.
    pub(crate) fn head(&self, status: u16) {
        self.with(|under_way| under_way.status = Some(status));
        if let Some(request) = self.trace.gathered.lock().record.requests.get_mut(self.number) {
            request.status = Some(status);
        }
    }

    /// The exchange has ended.
    pub(crate) fn end(self, ended: &Ended<'_>) {
        let mut gathered = self.trace.gathered.lock();
        let Some(under_way) = gathered.under_way.get(&self.number) else {
            return;
        };
        let elapsed = under_way.begun.elapsed();
        let status = match ended {
            Ended::Response { status, bytes } => {
                gathered.failure_passes = true;
                gathered.largest_response = gathered.largest_response.max(*bytes);
                Some(*status)
            }
            Ended::Failed { passes, .. } => {
                gathered.failure_passes = *passes;
                None
            }
        };
        *gathered.record.statuses.entry(status).or_default() += 1;
        if let Some(request) = gathered.record.requests.get_mut(self.number) {
            request.elapsed = Some(elapsed);
            match ended {
                Ended::Response { status, bytes } => {
                    request.status = Some(*status);
                    request.bytes = Some(*bytes);
                }
                Ended::Failed { why, .. } => request.error = Some((*why).to_owned()),
            }
        }
        let ended = gathered.under_way.remove(&self.number);
        gathered.leave(ended);
    }

    fn with(&self, change: impl FnOnce(&mut UnderWay)) {
        if let Some(under_way) = self.trace.gathered.lock().under_way.get_mut(&self.number) {
            change(under_way);
        }
    }
}

impl Gathered {
    /// Counts an exchange that isn't under way any more.
    fn leave(&mut self, ended: Option<UnderWay>) {
        let Some(ended) = ended else { return };
        self.sent |= ended.sent();
        if self.under_way.is_empty()
            && let Some(since) = self.vendor_since.take()
        {
            self.vendor += since.elapsed();
        }
    }
}

/// An exchange that the guest, a timeout or a deadline cut: its request has neither answer nor error.
impl Drop for Exchange {
    fn drop(&mut self) {
        let mut gathered = self.trace.gathered.lock();
        let Some(cut) = gathered.under_way.remove(&self.number) else {
            return;
        };
        *gathered.record.statuses.entry(cut.status).or_default() += 1;
        gathered.leave(Some(cut));
    }
}
