//! What the tests of iS-RPA share.

use std::time::Duration;

use patchbay_simulators::isearch_rpa::{self, IsearchRpa};
use serde_json::{Value, json};

use crate::support::Rig;

impl Rig<IsearchRpa> {
    /// Jobs are soon done.
    pub(crate) async fn isearch() -> Self {
        let sim = isearch_rpa::Simulator::builder()
            .job_step(Duration::from_millis(20))
            .start()
            .await
            .unwrap();
        Self::at(sim, &[]).await
    }
}

pub(super) fn page() -> Value {
    json!({ "page": 1, "size": 1 })
}
