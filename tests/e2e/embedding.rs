//! The embedding example, run.

use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::json;

use crate::support::run;

#[expect(dead_code, unreachable_pub, reason = "it is a program of its own")]
#[path = "../../host/runtime/examples/embed.rs"]
mod embed;

#[test]
fn the_example_works() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let settings = [
            ("base_url", sim.base_url()),
            ("access_key", "patchbay".to_owned()),
            ("secret_key", "patchbay-secret".to_owned()),
        ];
        let settings = settings.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let path = patchbay_artifacts::connector("isearch-rpa");
        let input = json!({ "page": 1, "size": 1 });
        let page = embed::call(path.to_str().unwrap(), "robot.list", &input, settings)
            .await
            .unwrap();
        assert_eq!(page["total"], 25);
    });
}
