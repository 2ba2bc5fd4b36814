//! Every simulator, as the command line starts it.

use std::collections::BTreeSet;

use patchbay_simulators::VENDORS;
use patchbay_simulators::server::Options;

#[tokio::test]
async fn every_vendor_starts_without_options_and_names_its_settings() {
    for vendor in VENDORS {
        vendor.command().debug_assert();
        let sim = vendor.start_with(&[], Options::default()).await.unwrap();
        let settings = sim.settings();
        let names: BTreeSet<&str> = settings.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), settings.len(), "{}: {settings:?}", vendor.id);
        assert_eq!(settings[0].0, "base_url", "{}", vendor.id);
        assert!(
            settings.iter().all(|(_, value)| !value.is_empty()),
            "{settings:?}"
        );
    }
}

#[tokio::test]
async fn an_option_of_the_command_line_is_a_setting() {
    let vendor = VENDORS.iter().find(|vendor| vendor.id == "dabei").unwrap();
    let arguments = ["--auth-header", "X-Api-Key=k=1", "--client-id", "me"];
    let sim = vendor.start_with(&arguments, Options::default()).await.unwrap();
    let settings = sim.settings();
    for setting in [
        ("client_id", "me".to_owned()),
        ("auth_headers", r#"{"x-api-key":"k=1"}"#.to_owned()),
    ] {
        assert!(settings.contains(&setting), "{setting:?} in {settings:?}");
    }
}
