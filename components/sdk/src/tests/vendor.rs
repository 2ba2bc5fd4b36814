//! A vendor of many ways: two hosts, `PATCH` and `HEAD`, header fields, bodies and answers that aren't JSON, and
//! refusals that only their code tells apart. Called as a host calls it.

use serde_json::{Value, json};

use crate::codes::{FailureKind, VendorCode};
use crate::operations::invoke;
use crate::testing::{Script, declarations_hold, header, json_response};
use crate::{
    Call, Connector, Endpoint, Envelope, Failure, Host, Method, Nothing, Operation, Payload, Request,
    Response, Schema, Setting, SettingKind, operations, settings,
};

macro_rules! endpoints {
    ($($name:ident $example:literal ($($declaration:tt)*) { $($fields:tt)* })*) => {
        $(
            /// Does something with things
            #[derive(Endpoint)]
            #[endpoint(title = "", effect = Write, response = Nothing, example = $example, $($declaration)*)]
            #[expect(dead_code, reason = "only its declaration is used")]
            struct $name {
                $($fields)*
            }
        )*
    };
}

endpoints! {
    Rename r#"{"id":"a/b","tenant":"t"}"# (id = "rename", route = "PATCH /things/{id}") {
        id: String,
        name: Option<String>,
        #[param(header = "x-tenant")]
        tenant: Option<String>,
    }
    Import r#"{"rows":"a,b"}"# (id = "import", route = "POST /import", answer = Text) {
        #[param(body = "text/csv")]
        rows: String,
        separator: Option<String>,
    }
    Replace r#"{"items":[]}"# (id = "replace", route = "PUT /things") {
        #[param(body = "application/json")]
        items: Vec<Item>,
        #[param(query)]
        dry_run: Option<bool>,
    }
    Upload r#"{"content":"AAH/","id":1}"# (id = "upload", route = "PUT /things/{id}/picture", origin = "files_url") {
        id: i64,
        #[param(body = "image/png", content_encoding = "base64")]
        content: Option<String>,
    }
    Attach r#"{"meta":{"name":"n"},"note":"x"}"# (id = "attach", route = "POST /attach", encoding = Multipart) {
        #[param(media_type = "application/json")]
        meta: Item,
        note: String,
    }
}

/// Something in a list.
#[derive(Schema)]
#[expect(dead_code, reason = "only its shape is used")]
struct Item {
    name: Option<String>,
}

/// Look whether there is a thing
#[derive(Endpoint)]
#[endpoint(
    id = "thing.exists",
    title = "",
    route = "HEAD /things/{id}",
    effect = Read,
    answer = Status,
    response = Nothing,
    example = r#"{"id":1}"#
)]
#[expect(dead_code, reason = "only its declaration is used")]
struct Exists {
    id: i64,
}

/// Get the settings
#[derive(Endpoint)]
#[endpoint(
    id = "settings.get",
    title = "",
    route = "GET /settings",
    effect = Read,
    answer = OptionalEnvelope,
    response = serde_json::Value,
    example = "{}"
)]
struct GetSettings {}

const ENVELOPE: Envelope = Envelope {
    shape: "{code, message, data}",
    code: "code",
    message: "message",
    payload: "data",
    success: "0",
    codes: &[
        VendorCode {
            code: "busy",
            meaning: "too many requests",
            kind: FailureKind::Throttled,
        },
        VendorCode {
            code: "expired",
            meaning: "the token has expired",
            kind: FailureKind::Unauthorized,
        },
        VendorCode {
            code: "owner",
            meaning: "of another account",
            kind: FailureKind::Rejected,
        },
    ],
    refused: &[401],
};

struct Things {
    host: Host,
}

impl Connector for Things {
    const ID: &'static str = "things";
    const VENDOR: &'static str = "Things Ltd";
    const SUMMARY: &'static str = "Things";
    const VERSION: &'static str = "1.2.3";
    const DOCUMENT: &'static str = "Things API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        Setting::optional("files_url", "Where the files are").kind(SettingKind::Origin),
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[operations![
        Rename,
        Import,
        Replace,
        Upload,
        Attach,
        Exists,
        GetSettings
    ]];

    fn open(host: Host) -> Result<Self, Failure> {
        Ok(Self { host })
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn call(&self, call: &Call) -> Result<Payload, Failure> {
        let request = call.request.to_request(&call.base_url(&self.host)?);
        let response = self.host.send(request)?;
        ENVELOPE.read(call.answer, response, self.host.now_ms())
    }
}

const SETTINGS: [(&str, &str); 2] = [
    ("base_url", "https://things.example/api/"),
    ("files_url", "https://files.example:8443"),
];

/// Calls an operation, which the vendor answers with `response`.
fn call(operation: &str, input: &Value, response: &Response) -> (Request, Result<String, Failure>) {
    let answer = response.clone();
    let script = Script::new(move |_| Ok(answer.clone()));
    let output = invoke::<Things>(script.host(&SETTINGS), operation, &input.to_string());
    let [request] = script.sent().try_into().unwrap();
    (request, output)
}

fn sent(operation: &str, input: &Value) -> Request {
    call(operation, input, &json_response(200, r#"{"code":0}"#)).0
}

fn answered(operation: &str, input: &Value, response: &Response) -> Result<String, Failure> {
    call(operation, input, response).1
}

#[test]
fn the_declarations_hold() {
    declarations_hold::<Things>();
}

#[test]
fn a_patch_carries_json_and_a_parameter_in_a_header_field() {
    let request = sent("rename", &json!({ "id": "a/b", "name": "x", "tenant": "t 1" }));
    assert_eq!(request.method, Method::PATCH);
    assert_eq!(request.url, "https://things.example/api/things/a%2Fb");
    assert_eq!(header(&request, "x-tenant"), Some("t 1"));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(request.body, br#"{"name":"x"}"#);
}

#[test]
fn a_parameter_is_the_whole_body() {
    let request = sent("import", &json!({ "rows": "a,\"b\"\nc", "separator": "," }));
    assert_eq!(request.url, "https://things.example/api/import?separator=%2C");
    assert_eq!(header(&request, "content-type"), Some("text/csv"));
    assert_eq!(header(&request, "content-length"), Some("7"));
    assert_eq!(request.body, b"a,\"b\"\nc");

    let input = json!({ "items": [{ "name": "x" }, {}], "dry_run": true });
    let request = sent("replace", &input);
    assert_eq!(request.url, "https://things.example/api/things?dry_run=true");
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(request.body, br#"[{"name":"x"},{}]"#);

    let failure = answered(
        "upload",
        &json!({ "id": 1 }),
        &json_response(500, r#"{"code":"x","message":"no picture"}"#),
    );
    assert!(matches!(failure, Err(Failure::Rejected(refusal)) if refusal.message == "no picture"));
    let request = sent("upload", &json!({ "id": 1 }));
    assert_eq!((request.body.len(), header(&request, "content-type")), (0, None));
}

#[test]
fn bytes_travel_to_the_origin_that_the_operation_names() {
    let request = sent("upload", &json!({ "id": 1, "content": "AAH/" }));
    assert_eq!(request.url, "https://files.example:8443/things/1/picture");
    assert_eq!(header(&request, "content-type"), Some("image/png"));
    assert_eq!(request.body, b"\x00\x01\xff");

    let script = Script::new(|_| panic!("nothing is sent"));
    let input = json!({ "id": 1, "content": "?" }).to_string();
    let failure = invoke::<Things>(script.host(&SETTINGS), "upload", &input).unwrap_err();
    assert!(
        matches!(&failure, Failure::InvalidInput(violations) if violations[0].path == "/content"),
        "{failure:?}"
    );
    let input = json!({ "id": 1 }).to_string();
    let failure = invoke::<Things>(script.host(&SETTINGS[..1]), "upload", &input).unwrap_err();
    assert!(
        matches!(&failure, Failure::InvalidSettings(message) if message.contains("files_url")),
        "{failure:?}"
    );
}

#[test]
fn a_part_says_its_media_type() {
    let request = sent("attach", &json!({ "meta": { "name": "n" }, "note": "x" }));
    let body = String::from_utf8(request.body.clone()).unwrap();
    let meta = "name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"name\":\"n\"}\r\n--";
    assert!(body.contains(meta), "{body}");
    assert!(body.contains("name=\"note\"\r\n\r\nx\r\n--"), "{body}");
}

#[test]
fn the_status_of_a_head_is_the_answer() {
    let no_body = |status| Response {
        status,
        ..Response::default()
    };
    let (request, output) = call("thing.exists", &json!({ "id": 1 }), &no_body(204));
    assert_eq!((request.method, request.body.len()), (Method::HEAD, 0));
    assert_eq!(output, Ok("null".to_owned()));
    let failure = answered("thing.exists", &json!({ "id": 1 }), &no_body(404));
    assert!(matches!(failure, Err(Failure::Rejected(refusal)) if refusal.http_status == Some(404)));
    let failure = answered("thing.exists", &json!({ "id": 1 }), &no_body(401));
    assert!(matches!(failure, Err(Failure::Unauthorized(_))));
}

#[test]
fn a_text_comes_out_as_a_string() {
    let response = |body: &[u8]| Response {
        body: body.to_vec(),
        ..json_response(200, "")
    };
    let input = json!({ "rows": "a" });
    let output = answered("import", &input, &response("2 Zeilen\n\"ü\"".as_bytes()));
    assert_eq!(output, Ok("\"2 Zeilen\\n\\\"ü\\\"\"".to_owned()));
    let output = answered("import", &input, &response(b"\xff"));
    assert!(
        matches!(output, Err(Failure::MalformedResponse { .. })),
        "{output:?}"
    );
}

#[test]
fn an_envelope_may_be_missing_where_the_declaration_says_so() {
    let output = |status, body: &str| answered("settings.get", &json!({}), &json_response(status, body));
    assert_eq!(output(200, r#"{"code":"0","data":[1]}"#), Ok("[1]".to_owned()));
    assert_eq!(output(200, r#"{"data": 1.0}"#), Ok(r#"{"data": 1.0}"#.to_owned()));
    assert_eq!(output(200, "[1]"), Ok("[1]".to_owned()));
    let refused = output(200, r#"{"code":"owner"}"#);
    assert!(matches!(refused, Err(Failure::Rejected(refusal)) if refusal.message == "of another account"));
    assert!(matches!(output(200, "x"), Err(Failure::MalformedResponse { .. })));
    assert!(matches!(output(401, "[1]"), Err(Failure::Unauthorized(_))));
}

#[test]
fn the_code_decides_what_a_forbidden_request_means() {
    let failure = |status, code: &str, envelope: &Envelope| {
        let mut response = json_response(status, &format!(r#"{{"code":"{code}"}}"#));
        response.headers.push(("retry-after".to_owned(), "2".to_owned()));
        envelope.open(response, 0).unwrap_err()
    };
    let forbidden = Envelope {
        refused: &[401, 403],
        ..ENVELOPE
    };
    for status in [200, 403, 400] {
        let throttled = failure(status, "busy", &forbidden);
        assert!(
            matches!(
                throttled,
                Failure::Throttled {
                    retry_after_ms: Some(2000),
                    ..
                }
            ),
            "{throttled:?}"
        );
        assert!(matches!(
            failure(status, "expired", &ENVELOPE),
            Failure::Unauthorized(_)
        ));
        assert!(matches!(
            failure(status, "owner", &ENVELOPE),
            Failure::Rejected(_)
        ));
    }
    // Where the status alone refuses the credentials, other codes change nothing.
    assert!(matches!(
        failure(403, "owner", &forbidden),
        Failure::Unauthorized(_)
    ));
    assert!(matches!(
        failure(403, "other", &forbidden),
        Failure::Unauthorized(_)
    ));
    assert!(matches!(failure(403, "other", &ENVELOPE), Failure::Rejected(_)));
}
