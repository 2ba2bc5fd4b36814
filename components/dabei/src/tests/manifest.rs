//! What the manifest says.

use patchbay_sdk::operations::{Description, all};
use patchbay_sdk::testing::{declarations_hold, json};
use patchbay_sdk::{Advance, Connector, Effect, Pages, SettingKind};

use crate::Dabei;

fn described() -> Vec<Description> {
    all::<Dabei>().map(patchbay_sdk::Operation::describe).collect()
}

fn operation(id: &str) -> Description {
    described()
        .into_iter()
        .find(|description| description.id == id)
        .unwrap()
}

#[test]
fn every_operation_of_the_document_is_there_with_its_effect() {
    let (read, idempotent, write) = (Effect::Read, Effect::Idempotent, Effect::Write);
    let mut found: Vec<_> = described().iter().map(|d| (d.id, d.effect)).collect();
    found.sort_unstable_by_key(|(id, _)| *id);
    let expected = [
        ("app.list", read),
        ("authority-code.get", write),
        ("form-field.list", read),
        ("form.list", read),
        ("oauth-user.get", write),
        ("org.get", read),
        ("org.list", read),
        ("record.create", write),
        ("record.delete", idempotent),
        ("record.get", read),
        ("record.list", read),
        ("record.update", idempotent),
        ("task.deny", write),
        ("task.list", read),
        ("task.revoke", write),
        ("task.submit", write),
        ("task.transfer", write),
        ("user.get", read),
        ("user.list", read),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_declarations_hold() {
    declarations_hold::<Dabei>();
}

#[test]
fn everything_is_explained_and_has_its_chinese_name() {
    for description in described() {
        let id = description.id;
        assert!(!description.summary.is_empty(), "{id}");
        assert!(!description.title.is_ascii(), "{id}");
        assert!(
            description.reference.contains(", section "),
            "{id}: {}",
            description.reference
        );
        for (name, field) in json(&description.input)["properties"].as_object().unwrap() {
            assert!(field["description"].is_string(), "{id}: {name}");
            assert!(field["title"].is_string(), "{id}: {name}");
        }
    }
}

/// What can't be told from the types of single fields.
#[test]
fn conditions_are_in_the_schemas() {
    let code = json(&operation("authority-code.get").input);
    assert_eq!(
        code["anyOf"],
        serde_json::json!([
            {"required": ["username"], "properties": {"username": {"minLength": 1}}},
            {"required": ["phone"], "properties": {"phone": {"minLength": 1}}},
        ])
    );
    let create = json(&operation("record.create").input);
    assert_eq!(
        (&create["if"], &create["then"]),
        (
            &serde_json::json!({"required": ["start_flow"], "properties": {"start_flow": {"const": true}}}),
            &serde_json::json!({"required": ["flow_code"], "properties": {"flow_code": {"minLength": 1}}}),
        )
    );
    let transfer = json(&operation("task.transfer").input);
    assert_eq!(transfer["properties"]["transferIds"]["minItems"], 1);
    for id in ["form.list", "record.list"] {
        let properties = &json(&operation(id).input)["properties"];
        assert_eq!(properties["page_no"]["minimum"], 1, "{id}");
        assert_eq!(properties["page_size"]["minimum"], 1, "{id}");
    }
}

/// Conditions that no schema can say.
#[test]
fn what_the_document_ties_an_operation_to_is_said() {
    let code = operation("authority-code.get").description;
    assert!(code.contains("使用此模式,phone和username必有值"), "{code}");
    let user = json(&operation("oauth-user.get").output);
    let phone = user["properties"]["phone"]["description"].as_str().unwrap();
    assert!(phone.contains("主要用于私有化部署"), "{phone}");
    for id in ["oauth-user.get", "user.list", "user.get"] {
        let output = operation(id).output;
        assert!(output.contains("兼职部门"), "{id}: {output}");
    }
    assert!(
        operation("task.revoke")
            .input
            .contains("只有操作人为发起人才可以撤销成功")
    );
}

#[test]
fn only_free_form_fields_are_open() {
    for description in described() {
        let open = json(&description.input)["additionalProperties"] != false;
        let expected = matches!(description.id, "record.create" | "record.update");
        assert_eq!(open, expected, "{}", description.id);
    }
    let create = json(&operation("record.create").input);
    assert_eq!(
        create["required"],
        serde_json::json!(["app_id", "form_id", "user_id"])
    );
    assert_eq!(create["properties"].get("fields"), None);
}

#[test]
fn the_lists_with_pages_are_bare() {
    let pages = Pages {
        advance: Advance::PageNumber {
            page: "/page_no",
            first: 1,
        },
        size: Some("/page_size"),
        items: "",
        total: None,
        more: None,
    };
    for description in described() {
        let expected = matches!(description.id, "form.list" | "record.list").then_some(pages);
        assert_eq!(description.pages, expected, "{}", description.id);
        let listed = json(&description.output)["type"] == "array";
        let (_, verb) = description.id.split_once('.').unwrap();
        assert_eq!(listed, verb == "list", "{}", description.id);
    }
}

#[test]
fn the_settings_are_declared() {
    let settings: Vec<_> = Dabei::SETTINGS
        .iter()
        .map(|setting| (setting.name, setting.required, setting.kind))
        .collect();
    assert_eq!(
        settings,
        [
            ("base_url", true, SettingKind::Origin),
            ("auth_headers", false, SettingKind::Secret),
            ("auth_query", false, SettingKind::Secret),
            ("client_id", false, SettingKind::Plain),
            ("client_secret", false, SettingKind::Secret),
            ("oauth_base_url", false, SettingKind::Origin),
            ("path_overrides", false, SettingKind::Plain),
        ]
    );
    let ask = Dabei::SETTINGS
        .iter()
        .find(|setting| setting.name == "auth_headers");
    assert!(ask.unwrap().summary.contains("ask Dabei"));
    assert_eq!(
        operation("task.revoke").route,
        None,
        "the document has no path for it"
    );
    assert!(operation("task.revoke").description.contains("path_overrides"));
}
