//! What the tests of runs share.

use std::time::Duration;

use patchbay_simulators::Recorded;
use patchbay_simulators::jingkun::Jingkun;
use patchbay_simulators::jingkun_workflow::{self, Workflows};

use crate::support::Rig;

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
    Rig::jingkun_at(sim, &[("execute_urls", &urls)]).await
}

pub(super) fn executions(rig: &WorkflowRig) -> Vec<Recorded> {
    rig.sim.requests_of("workflow.execute")
}
