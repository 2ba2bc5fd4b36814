//! The setting `form_bodies`.

use patchbay_sdk::testing::{now_ms, set_now_ms};
use serde_json::json;

use super::{DONE, answering, body, business, header, invoke, invoke_with};
use crate::sign;

#[test]
fn the_five_whose_tables_print_a_form_are_sent_as_one() {
    for (operation, input, form) in [
        (
            "user.create",
            json!({ "userName": "chen1", "roleId": 1, "orgCode": "-010-", "userPassword": "a+b c&d=e~*", "description": "永久" }),
            "userName=chen1&roleId=1&orgCode=-010-&userPassword=a%2Bb%20c%26d%3De~%2A&description=%E6%B0%B8%E4%B9%85",
        ),
        (
            "user.update",
            json!({ "userName": "chen1", "roleId": "1", "orgCode": "1", "id": 22, "newPass": "tex1t" }),
            "userName=chen1&roleId=1&orgCode=1&id=22&newPass=tex1t",
        ),
        (
            "org.create",
            json!({ "curCode": 333, "parentOrgCode": 222, "curName": "xxx", "orgPos": 1 }),
            "curCode=333&parentOrgCode=222&curName=xxx&orgPos=1",
        ),
        ("org.update", json!({ "id": 1, "orgPos": "1" }), "id=1&orgPos=1"),
        ("org.delete", json!({ "id": 1 }), "id=1"),
    ] {
        let script = answering(DONE);
        assert_eq!(
            invoke_with(&script, &[("form_bodies", "true")], operation, &input).unwrap(),
            "null"
        );
        let request = &business(&script)[0];
        assert_eq!(
            header(request, "content-type"),
            Some("application/x-www-form-urlencoded"),
            "{operation}"
        );
        assert_eq!(body(request), form, "{operation}");
        assert!(!request.url.contains('?'), "{operation}");

        let script = answering(DONE);
        invoke(&script, operation, &input).unwrap();
        let request = &business(&script)[0];
        assert_eq!(
            header(request, "content-type"),
            Some("application/json"),
            "{operation}"
        );
    }
}

#[test]
fn a_form_is_signed_over_its_fields_sorted_like_a_query() {
    set_now_ms(1_574_821_902_392);
    let script = answering(DONE);
    let input = json!({ "curCode": "333", "parentOrgCode": "222", "curName": "部 门+~*", "orgPos": 1 });
    invoke_with(&script, &[("form_bodies", "true")], "org.create", &input).unwrap();
    let request = &business(&script)[0];
    let timestamp = now_ms();
    let source =
        format!("curCode=333&curName=部 门+~*&orgPos=1&parentOrgCode=222&token=t&timestamp={timestamp}");
    assert_eq!(header(request, "timestamp"), Some(timestamp.to_string().as_str()));
    assert_eq!(
        header(request, "signature"),
        Some(sign::signature(&source, "t").as_str())
    );
}

#[test]
fn all_others_stay_json() {
    for (operation, input) in [
        ("user.delete", json!({ "ids": 1 })),
        ("job.create", json!({ "id": 3 })),
        ("asset.list", json!({ "page": 1, "size": 1 })),
        ("queue.clear", json!({ "queueId": "1" })),
    ] {
        let script = answering(DONE);
        invoke_with(&script, &[("form_bodies", "true")], operation, &input).unwrap();
        let request = &business(&script)[0];
        assert_eq!(
            header(request, "content-type"),
            Some("application/json"),
            "{operation}"
        );
        let source = format!(
            "{}&token=t&timestamp={}",
            body(request),
            header(request, "timestamp").unwrap()
        );
        assert_eq!(
            header(request, "signature"),
            Some(sign::signature(&source, "t").as_str()),
            "{operation}"
        );
    }
}
