//! Files on the command line: into an input, and out of an output.

use std::path::Path;

use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use crate::support::{Ran, run, with_connectors};

/// `invoke isearch-rpa` with the simulator's settings, and more.
fn invoke(sim: &Simulator, operation: &str, input: &Value, more: &[&str]) -> Ran {
    let (base_url, input) = (format!("base_url={}", sim.base_url()), input.to_string());
    let call = ["--json", "invoke", "isearch-rpa", operation, "-c", &base_url];
    let settings = ["-c", "access_key=patchbay", "-c", "secret_key=patchbay-secret"];
    with_connectors(&[&call[..], &settings, &["--input", &input], more].concat())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Not the text of anything.
fn content(size: usize) -> Vec<u8> {
    (0..size)
        .map(|index| u8::try_from(index * 7 % 256).unwrap())
        .collect()
}

#[test]
fn a_file_goes_to_the_vendor_and_comes_back() {
    let sim = run(Simulator::start()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("report.xlsx"), folder.path().join("back.xlsx"));
    std::fs::write(&from, content(300_000)).unwrap();
    let field = format!("content={}", text(&from));
    let uploaded = json!({ "fileName": "report.xlsx", "userId": 7 });
    let ran = invoke(&sim, "file.upload", &uploaded, &["--file", &field]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let asked = json!({ "fileName": "report.xlsx", "userId": 7 });
    let ran = invoke(&sim, "file.download", &asked, &["--output", text(&to)]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert_eq!(std::fs::read(&to).unwrap(), content(300_000));
    assert_eq!(
        ran.json()["content"],
        json!({ "path": text(&to), "bytes": 300_000 })
    );
    assert_eq!(ran.json()["fileName"], "report.xlsx");

    // A file that is there is refused before anything is sent, unless it is to be replaced.
    sim.clear_requests();
    let ran = invoke(&sim, "file.download", &asked, &["--output", text(&to)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    assert!(
        ran.error()["message"].as_str().unwrap().contains("--overwrite"),
        "{ran:?}"
    );
    assert_eq!(sim.requests().len(), 0);
    std::fs::write(&to, "old").unwrap();
    let ran = invoke(
        &sim,
        "file.download",
        &asked,
        &["--output", text(&to), "--overwrite"],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(std::fs::read(&to).unwrap(), content(300_000));
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing is left beside"
    );
}

#[test]
fn a_call_that_fails_leaves_no_file() {
    let sim = run(Simulator::start()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("back.xlsx");
    let asked = json!({ "fileName": "there is none", "userId": 7 });
    let ran = invoke(&sim, "file.download", &asked, &["--output", text(&to)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran:?}");
    sim.fault(
        On::operation("file.download"),
        Fault::Truncate,
        Times::UntilCleared,
    );
    let ran = invoke(&sim, "file.download", &asked, &["--output", text(&to)]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_a_file_is_refused_before_anything_is_sent() {
    let sim = run(Simulator::start()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "abc").unwrap();
    let upload = json!({ "fileName": "a", "userId": 7 });
    let to = |field: &str| format!("{field}={}", text(&file));
    let none = format!("content={}", text(&folder.path().join("none")));
    let (name, twice) = (to("fileName"), to("content"));
    for (operation, input, more, words) in [
        (
            "file.upload",
            &upload,
            &["--file", &name][..],
            "takes files in content",
        ),
        ("file.upload", &upload, &["--file", &none], "can't be read"),
        (
            "file.upload",
            &upload,
            &["--file", &twice, "--file", &twice],
            "has a value already",
        ),
        ("file.upload", &upload, &["--file", "content"], "FIELD=PATH"),
        ("file.upload", &upload, &["--output", "out"], "holds no file"),
        (
            "robot.list",
            &json!({}),
            &["--file", &twice],
            "no field that takes a file",
        ),
        ("file.download", &upload, &["--output", "-"], "standard output"),
        (
            "file.download",
            &upload,
            &["--output", text(folder.path())],
            "isn't a file",
        ),
        ("file.download", &upload, &["--overwrite"], "--output"),
    ] {
        let ran = invoke(&sim, operation, input, more);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words}: {ran:?}");
        let message = ran.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words), "{words:?} in {message}");
    }
    assert_eq!(sim.requests().len(), 0);
}
