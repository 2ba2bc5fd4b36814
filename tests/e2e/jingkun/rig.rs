//! What the tests of JingKun's two documents share.

use std::time::Duration;

use patchbay_simulators::jingkun::{Api, Jingkun};
use patchbay_simulators::jingkun_plan::Plans;
use patchbay_simulators::jingkun_workflow::{self, Workflows};
use patchbay_simulators::{Recorded, Simulator};

use crate::support::Rig;

/// One of the two documents, with the connector that is written after it.
pub(crate) trait Document: Api {
    /// An operation that reads, and needs no input.
    const LIST: &'static str;
}

impl Document for Workflows {
    const LIST: &'static str = "workflow.list";
}

impl Document for Plans {
    const LIST: &'static str = "plan.list";
}

impl<A: Document> Rig<Jingkun<A>> {
    pub(crate) async fn jingkun() -> Self {
        Self::at(Simulator::start().await.unwrap(), &[]).await
    }
}

pub(super) type WorkflowRig = Rig<Jingkun<Workflows>>;

/// A platform whose runs end at once, and a connection that knows where its workflows are executed.
pub(super) async fn workflows() -> WorkflowRig {
    let sim = jingkun_workflow::Simulator::builder()
        .run_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    knowing_urls(sim).await
}

pub(super) async fn knowing_urls(sim: jingkun_workflow::Simulator) -> WorkflowRig {
    let urls = sim.execute_urls().to_string();
    Rig::at(sim, &[("execute_urls", &urls)]).await
}

pub(super) fn executions(rig: &WorkflowRig) -> Vec<Recorded> {
    rig.sim.requests_of("workflow.execute")
}
