//! The vendors, and the connections to them.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use patchbay_simulators::{Fault, On, Simulator, Times};
use patchbay_simulators::{dabei, isearch_rpa, jingkun, jingkun_plan, jingkun_workflow, workorder};

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
    rpa: Simulator<isearch_rpa::IsearchRpa>,
    others: Option<Others>,
    rounds: AtomicU64,
}

struct Others {
    shaky: Simulator<isearch_rpa::IsearchRpa>,
    forms: Simulator<dabei::Dabei>,
    orders: Simulator<workorder::WorkOrder>,
    workflows: jingkun_workflow::Simulator,
    plans: jingkun_plan::Simulator,
}

impl Vendors {
    pub(crate) async fn start(plan: &Plan) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let rpa = isearch_rpa::Simulator::builder()
            .latency(plan.latency)
            .keep_requests(KEPT)
            .start()
            .await?;
        let others = if plan.mixed {
            Some(Others {
                shaky: isearch_rpa::Simulator::builder()
                    .latency(plan.latency)
                    .keep_requests(100)
                    .start()
                    .await?,
                forms: dabei::Simulator::builder()
                    .auth_headers([("x-api-key", "key-of-the-tenant")])
                    .keep_requests(100)
                    .start()
                    .await?,
                orders: workorder::Simulator::builder().keep_requests(100).start().await?,
                workflows: jingkun_workflow::Simulator::builder()
                    .keep_requests(100)
                    .start()
                    .await?,
                plans: jingkun_plan::Simulator::builder()
                    .keep_requests(100)
                    .start()
                    .await?,
            })
        } else {
            None
        };
        Ok(Self {
            rpa,
            others,
            rounds: AtomicU64::new(0),
        })
    }

    /// The connections' part of the configuration.
    pub(crate) fn configuration(&self) -> String {
        let mut text = String::new();
        let mut connection = |name: &str, connector: &str, base_url: &str, settings: &[(&str, &str)]| {
            let given = [("base_url", base_url)];
            // Writing to a string can't fail.
            let _ = writeln!(text, "\n[connections.{name}]\nconnector = {connector:?}");
            for (key, value) in given.iter().chain(settings) {
                let _ = writeln!(text, "settings.{key} = '{value}'");
            }
        };
        let keys = |sim: &Simulator<isearch_rpa::IsearchRpa>| {
            [
                ("access_key", sim.access_key().to_owned()),
                ("secret_key", sim.secret_key().to_owned()),
            ]
        };
        let rpa = keys(&self.rpa);
        let rpa: Vec<(&str, &str)> = rpa.iter().map(|(key, value)| (*key, value.as_str())).collect();
        connection(SWAPPED, "isearch-rpa", &self.rpa.base_url(), &rpa);
        let Some(others) = &self.others else {
            return text;
        };
        connection(SHAKY, "isearch-rpa", &others.shaky.base_url(), &rpa);
        let headers = r#"{"x-api-key":"key-of-the-tenant"}"#;
        connection(
            "forms",
            "dabei",
            &others.forms.base_url(),
            &[("auth_headers", headers)],
        );
        let service = [
            ("request_type", "service"),
            ("server_id", workorder::SERVER_ID),
            ("secret_key", workorder::SERVER_SECRET),
            ("access_token", workorder::ACCESS_TOKEN),
        ];
        connection("orders", "workorder", &others.orders.base_url(), &service);
        let client = [
            ("client_id", jingkun::CLIENT_ID),
            ("client_secret", jingkun::CLIENT_SECRET),
        ];
        connection(
            "workflows",
            "jingkun-workflow",
            &others.workflows.base_url(),
            &client,
        );
        connection("plans", "jingkun-plan", &others.plans.base_url(), &client);
        connection(BAD, "misbehaving", "http://127.0.0.1:1", &[]);
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
                    let keys: serde_json::Value = serde_json::from_str(body["keys"].as_str()?).ok()?;
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
            violations.extend(others.forms.violations());
            violations.extend(others.orders.violations());
            violations.extend(others.workflows.violations());
            violations.extend(others.plans.violations());
        }
        violations
    }

    /// Logins at each of the other vendors.
    pub(crate) fn other_logins(&self) -> Vec<(&'static str, u64)> {
        let Some(others) = &self.others else {
            return Vec::new();
        };
        vec![
            (SHAKY, others.shaky.logins()),
            ("workflows", others.workflows.logins()),
            ("plans", others.plans.logins()),
        ]
    }
}
