//! The document's own examples of requests: each is taken as it is printed, and goes out as its table types it.

use serde_json::{Value, json};

use super::{DONE, answering, body, business, header, invoke};

/// Section, operation, the parameters as printed, where they go, the JSON body.
type Row = (&'static str, &'static str, Value, &'static str, Option<Value>);

#[expect(clippy::too_many_lines, reason = "a table")]
fn printed() -> Vec<Row> {
    vec![
        (
            "3.1.1",
            "user.list",
            json!({ "page": 1, "size": 10 }),
            "GET /oapi/v1/user?page=1&size=10",
            None,
        ),
        (
            "3.1.2",
            "user.create",
            json!({
                "userName": "chen1", "userAlias": "text", "roleId": "123456", "orgCode": "1",
                "userPassword": "Asa12a", "description": "永久",
            }),
            "POST /oapi/v1/user",
            Some(json!({
                "userName": "chen1", "userAlias": "text", "roleId": "123456", "orgCode": "1",
                "userPassword": "Asa12a", "description": "永久",
            })),
        ),
        (
            "3.1.3",
            "user.update",
            json!({
                "userName": "chen1", "userAlias": "text", "roleId": "123456", "orgCode": "1",
                "description": "永久", "id": 22, "lodePass": "text", "newPass": "tex1t",
            }),
            "PUT /oapi/v1/user",
            Some(json!({
                "userName": "chen1", "userAlias": "text", "roleId": "123456", "orgCode": "1",
                "description": "永久", "id": 22, "lodePass": "text", "newPass": "tex1t",
            })),
        ),
        (
            "3.1.4",
            "user.delete",
            json!({ "ids": 1 }),
            "DELETE /oapi/v1/user",
            Some(json!({ "ids": 1 })),
        ),
        (
            "3.2.1",
            "role.list",
            json!({ "page": 1, "size": 2 }),
            "GET /oapi/v1/role/list?page=1&size=2",
            None,
        ),
        (
            "3.3.1",
            "org.list",
            json!({ "page": 1, "size": 2 }),
            "GET /oapi/v1/orgDef/list?page=1&size=2",
            None,
        ),
        (
            // Spelled `parentOrgCod` in the example; two of the names have no quotes.
            "3.3.2",
            "org.create",
            json!({
                "curCode": 333, "parentOrgCode": 222, "curName": "xxx", "orgPos": 1, "description": 1234,
            }),
            "POST /oapi/v1/orgDef/addOrg",
            Some(json!({
                "curCode": "333", "parentOrgCode": "222", "curName": "xxx", "orgPos": 1, "description": "1234",
            })),
        ),
        (
            "3.3.3",
            "org.update",
            json!({ "id": 1, "curName": "aaa", "orgPos": 1, "description": 12233 }),
            "PUT /oapi/v1/orgDef/editOrgDef",
            Some(json!({ "id": 1, "curName": "aaa", "orgPos": 1, "description": "12233" })),
        ),
        (
            // As the table types it.
            "3.3.3",
            "org.update",
            json!({ "id": 1, "orgPos": "1" }),
            "PUT /oapi/v1/orgDef/editOrgDef",
            Some(json!({ "id": 1, "orgPos": 1 })),
        ),
        (
            "3.3.4",
            "org.delete",
            json!({ "id": 1 }),
            "DELETE /oapi/v1/orgDef/delOrgDef",
            Some(json!({ "id": 1 })),
        ),
        (
            "3.4.1",
            "robot.list",
            json!({ "page": 1, "size": 10 }),
            "GET /oapi/v1/robot?page=1&size=10",
            None,
        ),
        (
            "3.4.2",
            "robot.update",
            json!({ "id": "xx", "robotAlias": "111" }),
            "PUT /oapi/v1/robot",
            Some(json!({ "id": "xx", "robotAlias": "111" })),
        ),
        (
            "3.4.3",
            "robot.get",
            json!({ "id": "47" }),
            "GET /oapi/v1/robot/detail?id=47",
            None,
        ),
        // The list gives the id as a number.
        (
            "3.4.3",
            "robot.get",
            json!({ "id": 47 }),
            "GET /oapi/v1/robot/detail?id=47",
            None,
        ),
        // Its URL has `assetId=RPA` too, a slip.
        (
            "3.5.1",
            "studio.list",
            json!({ "page": 1, "size": 10 }),
            "GET /oapi/v1/studio?page=1&size=10",
            None,
        ),
        (
            "3.5.2",
            "studio.update",
            json!({ "id": "xx", "studioAlias": "111" }),
            "PUT /oapi/v1/studio",
            Some(json!({ "id": "xx", "studioAlias": "111" })),
        ),
        // Its URL has the path of the next one.
        (
            "3.6.1",
            "process.list",
            json!({ "page": 1, "size": 10 }),
            "GET /oapi/v1/process?page=1&size=10",
            None,
        ),
        (
            "3.6.2",
            "process.delete",
            json!({ "id": "xx" }),
            "DELETE /oapi/v1/process",
            Some(json!({ "id": "xx" })),
        ),
        (
            "3.7.1",
            "process-version.list",
            json!({ "page": 1, "size": 10 }),
            "GET /oapi/v1/process/version?page=1&size=10",
            None,
        ),
        (
            "3.8.1",
            "schedule.list",
            json!({ "page": 1, "size": 10 }),
            "GET /oapi/v1/schedule/list?page=1&size=10",
            None,
        ),
        (
            "3.9.1",
            "job.list",
            json!({ "page": 1, "size": 10, "id": 45 }),
            "GET /oapi/v1/job?id=45&page=1&size=10",
            None,
        ),
        (
            "3.9.2",
            "job.create",
            json!({ "id": "3" }),
            "POST /oapi/v1/job/create",
            Some(json!({ "id": 3 })),
        ),
        (
            "3.9.3",
            "job.retry",
            json!({ "id": "4" }),
            "POST /oapi/v1/job/retry",
            Some(json!({ "id": 4 })),
        ),
        (
            "3.9.4",
            "job.stop",
            json!({ "id": "5" }),
            "POST /oapi/v1/job/stop",
            Some(json!({ "id": 5 })),
        ),
        (
            "3.9.5",
            "job.delete",
            json!({ "id": "6" }),
            "DELETE /oapi/v1/job",
            Some(json!({ "id": "6" })),
        ),
        (
            "3.10.1",
            "asset-log.list",
            json!({ "assetId": "RPA", "page": 1, "size": 10 }),
            "GET /oapi/v1/asset/vlog?assetId=RPA&page=1&size=10",
            None,
        ),
        (
            "3.10.2",
            "asset.list",
            json!({ "page": 1, "size": 10 }),
            "POST /oapi/v1/asset/list?page=1&size=10",
            Some(json!({ "page": 1, "size": 10 })),
        ),
        (
            "3.10.3",
            "asset.create",
            json!({
                "assetName": "chen1", "assetType": "text", "assetValue": "123456", "assetDesc": "1",
                "robotsNo": "robot07,robot06", "isClientEdit": "yes", "isPythonExpr": "yes", "orgCode": "-11-",
            }),
            "POST /oapi/v1/asset",
            Some(json!({
                "assetName": "chen1", "assetType": "text", "assetValue": "123456", "assetDesc": "1",
                "robotsNo": "robot07,robot06", "isClientEdit": "yes", "isPythonExpr": "yes", "orgCode": "-11-",
            })),
        ),
        (
            "3.10.4",
            "asset.update",
            json!({ "assetName": "mock", "assetValue": "12222333" }),
            "PUT /oapi/v1/asset",
            Some(json!({ "assetName": "mock", "assetValue": "12222333" })),
        ),
        (
            // The example has ` xx` for the number, twice.
            "3.10.5",
            "asset.delete",
            json!({ "assetId": "3" }),
            "DELETE /oapi/v1/asset",
            Some(json!({ "assetId": 3 })),
        ),
        (
            "3.11.1",
            "queue-item.list",
            json!({
                "queueName": "name", "priority": "low", "from": "2020-10-10 10:10:10",
                "to": "2020-10-20 10:10:10", "status": "success",
            }),
            "GET /oapi/v1/queue/item?queueName=name&priority=low&from=2020-10-10%2010%3A10%3A10&to=2020-10-20%2010%3A10%3A10&status=success",
            None,
        ),
        (
            // The example has the priority `111`, which its table doesn't list.
            "3.11.2",
            "queue-item.create",
            json!({ "queueName": "RPA_admin", "priority": "normal", "deadline": "2020-04-16 23:50:40" }),
            "POST /oapi/v1/queue/item",
            Some(
                json!({ "queueName": "RPA_admin", "priority": "normal", "deadline": "2020-04-16 23:50:40" }),
            ),
        ),
        (
            "3.11.2",
            "queue-item.create",
            json!({
                "queueName": "RPA_admin", "priority": "normal", "deadline": "2020-04-16 23:50:40",
                "keys": r#"[{"key":"ww","value":"ww"}]"#,
            }),
            "POST /oapi/v1/queue/item",
            Some(json!({
                "queueName": "RPA_admin", "priority": "normal", "deadline": "2020-04-16 23:50:40",
                "keys": r#"[{"key":"ww","value":"ww"}]"#,
            })),
        ),
        (
            "3.11.3",
            "queue-item.update",
            json!({ "itemNo": "RPA_admin", "status": "success", "result": "说明", "queueName": "queue" }),
            "PUT /oapi/v1/queue/item",
            Some(
                json!({ "itemNo": "RPA_admin", "status": "success", "result": "说明", "queueName": "queue" }),
            ),
        ),
        (
            "3.11.4",
            "queue-item.pop",
            json!({ "queueName": "a" }),
            "GET /oapi/v1/queue/item/pop?queueName=a",
            None,
        ),
        (
            "3.11.5",
            "queue-item.delete",
            json!({ "queueName": "111", "items": [{ "itemNo": "8a41eadf-a3c4-4183-3-432125bdb464" }] }),
            "DELETE /oapi/v1/queue/item",
            Some(json!({ "queueName": "111", "items": [{ "itemNo": "8a41eadf-a3c4-4183-3-432125bdb464" }] })),
        ),
        (
            "3.11.6",
            "queue.list",
            json!({ "queueName": "RPA", "page": 1, "size": 10 }),
            "GET /oapi/v1/queue?queueName=RPA&page=1&size=10",
            None,
        ),
        (
            "3.11.7",
            "queue.create",
            json!({ "queueName": "RPA_admin", "queueMaxItems": 10, "failTryTimes": 12, "queueDesc": "队列描述" }),
            "POST /oapi/v1/queue",
            Some(
                json!({ "queueName": "RPA_admin", "queueMaxItems": 10, "failTryTimes": 12, "queueDesc": "队列描述" }),
            ),
        ),
        (
            // Section 3.11.6 shows the timeout as a number.
            "3.11.7",
            "queue.create",
            json!({ "queueName": "RPA_admin", "queueMaxItems": 10, "failTryTimes": 12, "timeOut": 11 }),
            "POST /oapi/v1/queue",
            Some(
                json!({ "queueName": "RPA_admin", "queueMaxItems": 10, "failTryTimes": 12, "timeOut": "11" }),
            ),
        ),
        (
            "3.11.8",
            "queue.delete",
            json!({ "queueId": "29", "queueName": "空间名 x" }),
            "DELETE /oapi/v1/queue",
            Some(json!({ "queueId": "29" })),
        ),
        (
            "3.11.9",
            "queue.clear",
            json!({ "queueId": "55", "queueName": "111" }),
            "PUT /oapi/v1/queue/clear",
            Some(json!({ "queueId": "55" })),
        ),
        (
            "3.12.1",
            "file.list",
            json!({ "fileName": "a", "page": 1, "size": 10 }),
            "GET /oapi/v1/share/file?page=1&size=10&fileName=a",
            None,
        ),
        (
            // The example leaves `userId` out, which its table requires.
            "3.12.3",
            "file.download",
            json!({ "fileName": "a.txt", "userId": "1" }),
            "GET /oapi/v1/share/file/download?fileName=a.txt&userId=1",
            None,
        ),
        (
            "3.12.4",
            "file.delete",
            json!({ "id": "1" }),
            "DELETE /oapi/v1/share/file",
            Some(json!({ "id": "1" })),
        ),
    ]
}

#[test]
fn each_is_taken_as_it_is_printed_and_goes_out_as_its_table_types_it() {
    for (section, operation, input, route, json) in printed() {
        let script = answering(DONE);
        // What answers is no file.
        let output = invoke(&script, operation, &input);
        assert!(
            output.is_ok() || operation == "file.download",
            "{section}: {output:?}"
        );
        let [request] = &business(&script)[..] else {
            panic!("{section}: not one request");
        };
        let url = request.url.strip_prefix("https://rpa.example").unwrap();
        assert_eq!(format!("{} {url}", request.method), route, "{section}");
        let sent =
            (!request.body.is_empty()).then(|| serde_json::from_slice::<Value>(&request.body).unwrap());
        assert_eq!(sent, json, "{section}");
        let kind = json.map(|_| "application/json");
        assert_eq!(header(request, "content-type"), kind, "{section}");
    }
}

#[test]
fn an_upload_is_a_form_with_the_file_as_its_first_part() {
    for user in [json!("1"), json!(1)] {
        let script = answering(DONE);
        let input = json!({
            "fileName": "a.txt", "content": "aGVsbG8=", "isOverwrite": "yes", "fileTag": "a,b", "userId": user,
        });
        assert_eq!(invoke(&script, "file.upload", &input).unwrap(), "null");
        let [request] = &business(&script)[..] else {
            panic!("not one request");
        };
        assert_eq!(request.url, "https://rpa.example/oapi/v1/share/file");
        let kind = header(request, "content-type").unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"uploadFile\"; filename=\"a.txt\"\r\n\
             Content-Type: application/octet-stream\r\n\r\nhello\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"isOverwrite\"\r\n\r\nyes\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"fileTag\"\r\n\r\na,b\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"userId\"\r\n\r\n1\r\n--{boundary}--\r\n"
        );
        assert_eq!(body(request), expected);
    }
}
