//! What the manifest says.

use patchbay_sdk::operations::all;
use patchbay_sdk::shape::{Field, Literal, Object, Rule, Shape};
use patchbay_sdk::testing::{declarations_hold, json};
use patchbay_sdk::{Connector as _, Effect, Operation, Schema, SettingKind};
use serde_json::json;

use crate::IsearchRpa;
use crate::endpoints::job::Job;
use crate::endpoints::process::Process;

#[test]
fn the_declarations_hold() {
    declarations_hold::<IsearchRpa>();
}

#[test]
fn the_table_has_the_documented_operations_and_one_more() {
    use Effect::{Idempotent, Read, Write};
    let table: Vec<_> = all::<IsearchRpa>().map(Operation::describe).collect();
    let rows: Vec<_> = table.iter().map(|row| (row.id, row.title, row.effect)).collect();
    assert_eq!(
        rows,
        [
            ("user.list", "获取用户列表", Read),
            ("user.create", "新增用户", Write),
            ("user.update", "修改用户", Idempotent),
            ("user.delete", "删除用户", Idempotent),
            ("role.list", "角色管理列表", Read),
            ("org.list", "获取所有部门", Read),
            ("org.create", "新增部门", Write),
            ("org.update", "修改部门", Idempotent),
            ("org.delete", "删除部门", Idempotent),
            ("robot.list", "获取机器人列表", Read),
            ("robot.update", "修改机器人", Idempotent),
            ("robot.get", "机器人详情", Read),
            ("studio.list", "获取设计器列表", Read),
            ("studio.update", "修改设计器", Idempotent),
            ("process.list", "获取流程列表", Read),
            ("process.delete", "删除流程", Idempotent),
            ("process-version.list", "获取流程版本", Read),
            ("schedule.list", "获取调度列表", Read),
            ("job.list", "获取流程任务", Read),
            ("job.create", "立即执行一次调度", Write),
            ("job.retry", "流程任务重新执行", Write),
            ("job.stop", "停止取消流程任务", Idempotent),
            ("job.delete", "删除流程任务", Idempotent),
            ("job.wait", "等待流程任务结束", Read),
            ("asset-log.list", "获取变量访问记录列表", Read),
            ("asset.list", "获取变量列表", Read),
            ("asset.create", "新增变量", Write),
            ("asset.update", "修改变量", Idempotent),
            ("asset.delete", "删除变量", Idempotent),
            ("queue-item.list", "获取任务数据队列项列表", Read),
            ("queue-item.create", "新增任务数据队列项", Write),
            ("queue-item.update", "更新任务数据队列项", Idempotent),
            ("queue-item.pop", "POP 任务数据队列项", Write),
            ("queue-item.delete", "删除任务数据队列项", Idempotent),
            ("queue.list", "获取空间列表", Read),
            ("queue.create", "新增空间", Write),
            ("queue.delete", "删除空间", Idempotent),
            ("queue.clear", "清空空间", Idempotent),
            ("file.list", "获取文件列表", Read),
            ("file.upload", "文件上传 (postman 测试)", Write),
            ("file.download", "下载文件", Read),
            ("file.delete", "删除文件(Postman 测试)", Idempotent),
        ]
    );
    for row in &table {
        assert_eq!(json(&row.input)["additionalProperties"], false, "{}", row.id);
        assert!(
            row.reference
                .starts_with("RPA OAPI 外部接口说明 V1.0, section 3."),
            "{}",
            row.reference
        );
    }
}

/// Both are capital letters I that were misread when the document was made into text.
#[test]
fn misread_names_are_the_vendor_s() {
    let Shape::Object(process) = Process::SHAPE else {
        panic!("not an object");
    };
    assert!(process.field("procIcon").is_some() && process.field("proclcon").is_none());
    let versions = all::<IsearchRpa>()
        .find(|row| row.id() == "process-version.list")
        .unwrap();
    let input = versions.declaration().input;
    assert!(input.field("procId").is_some() && input.field("proclid").is_none());
}

#[test]
fn every_input_has_the_document_s_words_and_its_limits() {
    for row in all::<IsearchRpa>() {
        let declaration = row.declaration();
        for field in declaration.input.fields {
            let name = format!("{} {}", declaration.id, field.name);
            assert!(!field.description.is_empty(), "{name}");
            // The document has no such parameter.
            assert_eq!(
                field.title.is_empty(),
                matches!(field.name, "content" | "timeoutSeconds"),
                "{name}"
            );
            if matches!(field.name, "page" | "size") {
                assert!(has(field, |rule| matches!(rule, Rule::Minimum(1))), "{name}");
            }
            if matches!(field.name, "from" | "to" | "deadline") {
                assert!(has(field, |rule| matches!(rule, Rule::Pattern(_))), "{name}");
            }
            if matches!(field.shape.present(), Shape::List(_)) && field.is_required() {
                assert!(has(field, |rule| matches!(rule, Rule::MinItems(1))), "{name}");
            }
        }
    }
}

fn has(field: &Field, what: impl Fn(&Rule) -> bool) -> bool {
    field.rules.iter().any(what)
}

#[test]
fn values_stand_apart_from_what_they_mean() {
    let values = |object: &Object, name: &str| -> Vec<(Literal, &'static str)> {
        let Some(Shape::Choice(variants)) = object.field(name).map(|field| field.shape.present()) else {
            panic!("{name} isn't a choice");
        };
        variants
            .iter()
            .map(|variant| (variant.value, variant.title))
            .collect()
    };
    let Shape::Object(job) = Job::SHAPE else {
        panic!("not an object");
    };
    assert_eq!(
        values(job, "STATUS"),
        [
            (Literal::Text("pending"), "等待运行"),
            (Literal::Text("running"), "正在执行"),
            (Literal::Text("success"), "执行成功"),
            (Literal::Text("failing"), "失败中的"),
            (Literal::Text("failed"), "已经失败"),
            (Literal::Text("stopping"), "准备停止"),
            (Literal::Text("stopped"), "已停止"),
            (Literal::Text("pendout"), "派发超时"),
            (Literal::Text("runout"), "运行超时"),
            (Literal::Text("cancelled"), "已取消"),
        ]
    );
    assert_eq!(
        values(job, "PRIORITY"),
        [
            (Literal::Integer(0), "紧急"),
            (Literal::Integer(1), "普通"),
            (Literal::Integer(2), "低级")
        ]
    );
    assert_eq!(
        values(job, "SCH_TYPE"),
        [
            (Literal::Text("manager"), "管理者"),
            (Literal::Text("unManager"), "非管理者")
        ]
    );
    let create = all::<IsearchRpa>()
        .find(|row| row.id() == "queue-item.create")
        .unwrap();
    assert_eq!(
        values(create.declaration().input, "priority"),
        [
            (Literal::Text("high"), "高"),
            (Literal::Text("normal"), "中"),
            (Literal::Text("low"), "低")
        ]
    );
}

#[test]
fn one_of_two_is_said_in_the_schema() {
    for (id, first, second) in [
        ("queue.delete", "queueId", "queueName"),
        ("queue.clear", "queueId", "queueName"),
        ("asset.delete", "assetId", "assetName"),
    ] {
        let row = all::<IsearchRpa>().find(|row| row.id() == id).unwrap().describe();
        let schema = json(&row.input);
        let named = |name: &str| json!({ "required": [name], "properties": { name: { "minLength": 1 } } });
        let by_id = if first == "assetId" {
            json!({ "required": [first] })
        } else {
            named(first)
        };
        assert_eq!(schema["anyOf"], json!([by_id, named(second)]), "{id}");
        assert_eq!(schema["examples"].as_array().map(Vec::len), Some(2), "{id}");
    }
}

#[test]
fn the_settings_are_the_inventory_s() {
    let names: Vec<_> = IsearchRpa::SETTINGS
        .iter()
        .map(|setting| (setting.name, setting.required, setting.kind, setting.default))
        .collect();
    assert_eq!(
        names,
        [
            ("base_url", true, SettingKind::Origin, None),
            ("access_key", true, SettingKind::Plain, None),
            ("secret_key", true, SettingKind::Secret, None),
            ("clock_skew_ms", false, SettingKind::Plain, None),
            ("form_bodies", false, SettingKind::Plain, Some("false")),
            ("path_overrides", false, SettingKind::Plain, None),
            ("reveal_secrets", false, SettingKind::Plain, Some("false")),
        ]
    );
}
