//! What the tests of the work order centre share.

use patchbay_simulators::workorder::{self, WorkOrder};
use serde_json::{Value, json};

use crate::support::Rig;

/// A back-end service of the work order centre, acting for [`workorder::USER`].
pub(super) const SERVICE: [(&str, &str); 4] = [
    ("request_type", "service"),
    ("server_id", workorder::SERVER_ID),
    ("secret_key", workorder::SERVER_SECRET),
    ("access_token", workorder::ACCESS_TOKEN),
];

/// A front-end application of the work order centre, acting for the same user.
pub(super) const APPLICATION: [(&str, &str); 4] = [
    ("request_type", "app"),
    ("app_id", workorder::APP_ID),
    ("secret_key", workorder::APP_SECRET),
    ("access_token", workorder::ACCESS_TOKEN),
];

impl Rig<WorkOrder> {
    /// As [`SERVICE`].
    pub(crate) async fn workorder() -> Self {
        Self::workorder_as(&SERVICE, &[]).await
    }

    /// As [`SERVICE`] or [`APPLICATION`], with more settings.
    pub(crate) async fn workorder_as(who: &[(&str, &str)], more: &[(&str, &str)]) -> Self {
        let sim = workorder::Simulator::start().await.unwrap();
        Self::connect(sim, &[who, more].concat()).await
    }
}

pub(super) fn page() -> Value {
    json!({ "pageNum": 1, "pageSize": 100 })
}

pub(super) fn types() -> Value {
    json!({ "pageNo": 1, "pageSize": 10 })
}

/// These settings but for one, and with another value of it where there is one.
pub(super) fn but<'a>(
    who: &[(&'a str, &'a str)],
    name: &str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    let others = who.iter().copied();
    others
        .filter_map(|(key, kept)| Some((key, if key == name { value? } else { kept })))
        .collect()
}
