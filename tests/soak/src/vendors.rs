//! The vendors, and the connections to them.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use patchbay_simulators::dabei::Dabei;
use patchbay_simulators::isearch_rpa::IsearchRpa;
use patchbay_simulators::program::Running;
use patchbay_simulators::server::Options;
use patchbay_simulators::vendor::Vendor;
use patchbay_simulators::{Fault, On, Simulator, Times, VENDORS};
use serde_json::Value;

use crate::Plan;
use crate::ledger::Ledger;

/// How many requests a simulator keeps between two collections.
const KEPT: usize = 200_000;

/// The connection whose connector is swapped.
pub(crate) const SWAPPED: &str = "rpa";
/// One whose vendor falters.
pub(crate) const SHAKY: &str = "shaky";
/// One whose connector misbehaves.
pub(crate) const BAD: &str = "bad";

/// The simulators.
pub(crate) struct Vendors {
    rpa: Simulator<IsearchRpa>,
    others: Option<Others>,
    rounds: AtomicU64,
}

struct Others {
    shaky: Simulator<IsearchRpa>,
    /// Every other vendor, on a connection that is named after its connector.
    company: Vec<(&'static str, Box<dyn Running>)>,
}

/// What a vendor of the company is started with.
fn arguments(vendor: &str) -> &'static [&'static str] {
    match vendor {
        // A secret in a header field.
        Dabei::ID => &["--auth-header", "x-api-key=key-of-the-tenant"],
        _ => &[],
    }
}

impl Vendors {
    pub(crate) async fn start(plan: &Plan) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let rpa = |keep| Simulator::builder().latency(plan.latency).keep_requests(keep);
        let others = if plan.mixed {
            let mut company = Vec::new();
            for vendor in VENDORS.iter().filter(|vendor| vendor.id != IsearchRpa::ID) {
                let options = Options {
                    keep_requests: 100,
                    ..Options::default()
                };
                let sim = vendor.start_with(arguments(vendor.id), options).await?;
                company.push((vendor.id, sim));
            }
            Some(Others {
                shaky: rpa(100).start().await?,
                company,
            })
        } else {
            None
        };
        Ok(Self {
            rpa: rpa(KEPT).start().await?,
            others,
            rounds: AtomicU64::new(0),
        })
    }

    /// The connections' part of the configuration.
    pub(crate) fn configuration(&self) -> String {
        let mut text = String::new();
        let mut connection = |name: &str, connector: &str, settings: Vec<(&str, String)>| {
            // Writing to a string can't fail.
            let _ = writeln!(text, "\n[connections.{name}]\nconnector = {connector:?}");
            for (key, value) in settings {
                // A string of JSON is one of TOML as well.
                let _ = writeln!(text, "settings.{key} = {}", Value::from(value));
            }
        };
        connection(SWAPPED, IsearchRpa::ID, self.rpa.settings());
        let Some(others) = &self.others else {
            return text;
        };
        connection(SHAKY, IsearchRpa::ID, others.shaky.settings());
        for (id, sim) in &others.company {
            connection(id, id, sim.settings());
        }
        let nowhere = vec![("base_url", "http://127.0.0.1:1".to_owned())];
        connection(BAD, "misbehaving", nowhere);
        text
    }

    /// Lets the vendor that falters do so, each time in another way.
    pub(crate) fn falter(&self) {
        let Some(others) = &self.others else { return };
        let round = self.rounds.fetch_add(1, Ordering::Relaxed);
        let fault = match round % 64 {
            4 => Fault::unavailable(0),
            12 => Fault::DropBefore,
            20 => Fault::DropAfter,
            28 => Fault::Truncate,
            36 => Fault::status(500),
            44 => Fault::NotJson,
            52 => Fault::throttled(1),
            60 => {
                others.shaky.expire_tokens();
                return;
            }
            _ => return,
        };
        others.shaky.fault(On::any(), fault, Times::Next(4));
    }

    /// Enters into the ledger what has arrived since.
    pub(crate) fn collect(&self, ledger: &Ledger) {
        for request in self.rpa.take_requests() {
            let mark = match request.operation {
                Some("queue-item.create") => request.json().and_then(|body| {
                    let keys: Value = serde_json::from_str(body["keys"].as_str()?).ok()?;
                    Some(keys[0]["value"].as_str()?.to_owned())
                }),
                Some("robot.update") => request
                    .json()
                    .and_then(|body| Some(body["robotAlias"].as_str()?.to_owned())),
                _ => None,
            };
            let agent = request.header("user-agent").unwrap_or_default();
            let version = agent.rsplit('/').next().unwrap_or_default();
            if let Some(mark) = mark {
                ledger.saw(mark, version.to_owned());
            }
        }
    }

    /// Logins at the vendor whose connector is swapped.
    pub(crate) fn logins(&self) -> u64 {
        self.rpa.logins()
    }

    /// What the vendors found wrong with what they were sent.
    pub(crate) fn violations(&self) -> Vec<String> {
        let mut violations = self.rpa.violations();
        if let Some(others) = &self.others {
            violations.extend(others.shaky.violations());
            violations.extend(others.company.iter().flat_map(|(_, sim)| sim.violations()));
        }
        violations
    }

    /// Logins at each of the other vendors.
    pub(crate) fn other_logins(&self) -> Vec<(&'static str, u64)> {
        let Some(others) = &self.others else {
            return Vec::new();
        };
        let company = others.company.iter().map(|(id, sim)| (*id, sim.logins()));
        company.chain([(SHAKY, others.shaky.logins())]).collect()
    }
}
