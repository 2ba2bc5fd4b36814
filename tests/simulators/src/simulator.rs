//! A running simulator, as tests have it in hand.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::builder::Builder;
use crate::fault::{Fault, On, Times};
use crate::lock;
use crate::record::{Recorded, Recorder};
use crate::server::{Options, Shared, accept};
use crate::vendor::Vendor;

/// A running simulator. It stops, and closes its connections, when it is dropped.
pub struct Simulator<V> {
    pub(crate) shared: Arc<Shared<V>>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl<V: Vendor> Simulator<V> {
    /// Starts with the seed data, the default credentials and a free port.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts otherwise.
    #[must_use]
    pub fn builder() -> Builder<V> {
        Builder::default()
    }

    /// Starts a vendor's simulator in the current tokio runtime.
    pub async fn serve(vendor: V, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(options.bind).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            vendor,
            faults: Mutex::default(),
            recorder: Mutex::new(Recorder::new(options.keep_requests)),
            latency: Mutex::new(options.latency),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            shared,
            address,
            accepting,
        })
    }

    /// Scheme, host and port, such as `http://127.0.0.1:9101`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings of a connection that it lets in, without its address.
    #[must_use]
    pub fn credentials(&self) -> Vec<(&'static str, String)> {
        self.shared.vendor.credentials()
    }

    /// All settings of a connection that is to reach all its operations.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let base_url = self.base_url();
        let more = self.shared.vendor.more_settings(&base_url);
        let mut settings = vec![("base_url", base_url)];
        settings.extend(self.credentials());
        settings.extend(more);
        settings
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests so far, oldest first, without those to `/__simulator/`.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.shared.recorder).requests()
    }

    /// The requests so far of one operation.
    #[must_use]
    pub fn requests_of(&self, operation: &str) -> Vec<Recorded> {
        let mut requests = self.requests();
        requests.retain(|request| request.operation == Some(operation));
        requests
    }

    /// The requests since they were last taken, oldest first. They are forgotten; the counters and the
    /// violations stay.
    #[must_use]
    pub fn take_requests(&self) -> Vec<Recorded> {
        lock(&self.shared.recorder).take()
    }

    /// Forgets the requests; the counters and the violations stay.
    pub fn clear_requests(&self) {
        lock(&self.shared.recorder).clear();
    }

    /// Every breach of a rule so far.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.shared.recorder).violations()
    }

    /// Forgets the violations, for tests that break rules on purpose.
    pub fn clear_violations(&self) {
        lock(&self.shared.recorder).clear_violations();
    }

    /// How many login requests arrived.
    #[must_use]
    pub fn logins(&self) -> u64 {
        lock(&self.shared.recorder).logins
    }

    /// How many requests to renew a session arrived.
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        lock(&self.shared.recorder).refreshes
    }

    /// How many TCP connections were accepted.
    #[must_use]
    pub fn connections(&self) -> u64 {
        lock(&self.shared.recorder).connections
    }

    /// How many requests of an operation arrived.
    #[must_use]
    pub fn count(&self, operation: &str) -> u64 {
        lock(&self.shared.recorder).count(operation)
    }

    /// Puts a fault in force. Of several that hit a request, the one put first counts.
    pub fn fault(&self, on: On, fault: Fault, times: Times) {
        lock(&self.shared.faults).arm(on, fault, times);
    }

    /// Lifts every fault.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// How long every answer takes from now on.
    pub fn set_latency(&self, latency: Duration) {
        *lock(&self.shared.latency) = latency;
    }

    /// Ends every access token; what renews them stays good.
    pub fn expire_tokens(&self) {
        self.shared.vendor.expire_tokens();
    }

    /// Ends every token: a new login is needed.
    pub fn revoke_all(&self) {
        self.shared.vendor.revoke_all();
    }

    /// What the vendor holds, as JSON.
    #[must_use]
    pub fn state(&self) -> Value {
        self.shared.vendor.state()
    }
}

impl<V> Drop for Simulator<V> {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl<V> fmt::Debug for Simulator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
