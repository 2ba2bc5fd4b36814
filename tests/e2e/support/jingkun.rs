//! Connections to JingKun's two simulators.

use patchbay_simulators::Simulator;
use patchbay_simulators::jingkun::{Api, CLIENT_ID, CLIENT_SECRET, Jingkun};
use patchbay_simulators::jingkun_plan::Plans;
use patchbay_simulators::jingkun_workflow::Workflows;

use super::Rig;

/// One of the two documents, with the connector that is written after it.
pub(crate) trait Document: Api {
    const CONNECTOR: &'static str;
    /// An operation that reads, and needs no input.
    const LIST: &'static str;
}

impl Document for Workflows {
    const CONNECTOR: &'static str = "jingkun-workflow";
    const LIST: &'static str = "workflow.list";
}

impl Document for Plans {
    const CONNECTOR: &'static str = "jingkun-plan";
    const LIST: &'static str = "plan.list";
}

impl<A: Document> Rig<Jingkun<A>> {
    pub(crate) async fn jingkun() -> Self {
        Self::jingkun_at(Simulator::<Jingkun<A>>::start().await.unwrap(), &[]).await
    }

    pub(crate) async fn jingkun_at(sim: Simulator<Jingkun<A>>, more: &[(&str, &str)]) -> Self {
        let mut settings = vec![("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
        settings.extend_from_slice(more);
        Self::connect(A::CONNECTOR, sim, &settings).await
    }
}
