//! A connector with one endpoint per kind of answer, called as a host calls it.

use std::cell::{Cell, OnceCell};

use serde_json::{Value, json};

use crate::operations::{Description, Handler, all, invoke, invoke_kept, send};
use crate::testing::{Script, declarations_hold, json as schema, json_response};
use crate::transport::TransportError;
use crate::{
    Advance, Call, Connector, Cursor, Effect, Endpoint, Failure, Host, Interruption, Method, Nothing,
    Operation, Page, Pages, Params, Payload, Rows, Schema, Setting, Violation, operations, settings,
};

/// Get one book.
///
/// As it stands on the shelf.
///
/// Section 2.1.
///
/// Even when it is lent.
#[derive(Endpoint)]
#[endpoint(
    id = "book.get",
    title = "查书",
    route = "GET /books/{bookId}",
    effect = Read,
    rename_all = "camelCase",
    response = Book,
    example = r#"{"bookId":7}"#,
    annotations("acme.scope" = r#"["books"]"#)
)]
#[expect(dead_code, reason = "only its declaration is used")]
struct Get {
    /// Number of the book.
    book_id: i64,
    /// Language of the texts.
    language: Option<String>,
}

/// A book.
#[derive(Schema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Book {
    /// Its title.
    title: Option<String>,
}

const PAGES: Pages = Pages {
    advance: Advance::Cursors(&[Cursor {
        output: "/next",
        input: "/from",
    }]),
    size: Some("/size"),
    items: "/items",
    total: Some("/total"),
    more: None,
};

macro_rules! lists {
    ($($name:ident $id:literal $response:ty $(, $pages:ident)?;)*) => {
        $(
            /// List books
            #[derive(Endpoint)]
            #[endpoint(
                id = $id,
                title = $id,
                route = "POST /books",
                effect = Idempotent,
                encoding = Form,
                answer = File,
                response = $response,
                $(pages = $pages)?
            )]
            struct $name {}
        )*
    };
}

lists! {
    List "list" Vec<Book>;
    ListPage "list.page" Page<Book>, PAGES;
    ListRows "list.rows" Rows<Book>;
    ListMaybe "list.maybe" Option<Vec<Book>>;
    Free "free" Value;
    Nil "nil" Nothing;
}

/// Lend books
#[derive(Endpoint)]
#[endpoint(
    id = "book.lend",
    title = "借书",
    route = "POST /lend",
    effect = Write,
    response = Nothing,
    check = Self::check,
    prepare = Self::prepare
)]
#[expect(dead_code, reason = "only its declaration is used")]
struct Lend {
    count: i64,
    to: String,
    desk: Option<String>,
}

impl Lend {
    fn check(params: &Params) -> Vec<Violation> {
        let mut violations = Vec::new();
        if params.integer("count") < Some(1) {
            violations.push(Violation::new("/count", "must be at least 1"));
        }
        if !params.is_given("to") {
            violations.push(Violation::new("/to", "must not be empty"));
        }
        violations
    }

    fn prepare(params: &mut Params) -> Result<(), Failure> {
        if params.text("desk") == Some("closed") {
            return Err(Failure::invalid_input("/desk", "is closed"));
        }
        params.insert("via", "api");
        Ok(())
    }
}

/// Lend books and get the first
#[derive(Endpoint)]
#[endpoint(id = "book.lend-and-get", title = "借书并查书", effect = Write, response = Book)]
#[expect(dead_code, reason = "only its declaration is used")]
struct LendAndGet {
    count: Option<u32>,
}

#[derive(serde::Deserialize)]
struct Count {
    count: Option<u32>,
}

impl Handler<Library> for LendAndGet {
    fn handle(library: &Library, params: Params) -> Result<Payload, Failure> {
        let Count { count } = params.read()?;
        let lend = Params::new().with("count", count.unwrap_or(1)).with("to", "me");
        send(library, Lend::DECLARATION, lend)?;
        send(library, Get::DECLARATION, Params::new().with("bookId", 1))
    }
}

struct Library {
    host: Host,
}

impl Connector for Library {
    const ID: &'static str = "library";
    const VENDOR: &'static str = "Library";
    const SUMMARY: &'static str = "Books";
    const VERSION: &'static str = "1.0.0";
    const DOCUMENT: &'static str = "Library API 3";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        Setting::optional("branch", "Which branch").default("main"),
        settings::PATH_OVERRIDES,
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[
        operations![Get],
        operations![List, ListPage, ListRows, ListMaybe, Free, Nil],
        operations![Lend; LendAndGet],
    ];

    fn open(host: Host) -> Result<Self, Failure> {
        host.settings().require("base_url")?;
        Ok(Self { host })
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn call(&self, call: &Call) -> Result<Payload, Failure> {
        let branch = self.host.settings().require("branch")?;
        let request = call
            .request
            .to_request("https://v.example")
            .header("x-branch", branch);
        let request = request.header("x-call", format!("{:?} {}", call.answer, call.pages.is_some()));
        Payload::from_response(self.host.send(request)?)
    }
}

/// Calls an operation of a vendor that answers with `body`. Gives the result and what was sent: method
/// and URL, body, and the connector's own header fields.
fn call_with(
    settings: &[(&str, &str)],
    body: &'static str,
    operation: &str,
    input: &str,
) -> (Result<String, Failure>, Vec<String>) {
    let script = Script::new(move |_| Ok(json_response(200, body)));
    let result = invoke::<Library>(script.host(settings), operation, input);
    let sent = script.sent().into_iter().map(|request| {
        let body = String::from_utf8(request.body).unwrap();
        let own = request.headers.iter().filter(|(name, _)| name.starts_with("x-"));
        let own: Vec<&str> = own.map(|(_, value)| value.as_str()).collect();
        format!(
            "{} {} [{body}] {}",
            request.method.as_str(),
            request.url,
            own.join(" ")
        )
    });
    (result, sent.collect())
}

fn call(body: &'static str, operation: &str, input: &str) -> (Result<String, Failure>, Vec<String>) {
    call_with(&[("base_url", "https://v.example")], body, operation, input)
}

/// Nothing was sent, and the input is to blame for it.
fn refused(operation: &str, input: &str) -> Vec<Violation> {
    match call("{}", operation, input) {
        (Err(Failure::InvalidInput(violations)), sent) => {
            assert_eq!(sent, [""; 0]);
            violations
        }
        other => panic!("{input}: {other:?}"),
    }
}

fn description(operation: &str) -> Description {
    let mut rows = all::<Library>();
    let row = rows.find(|row| row.id() == operation);
    row.unwrap().describe()
}

#[test]
fn an_unknown_operation_fails_before_anything_else() {
    let (result, sent) = call_with(&[], "{}", "book.burn", "not JSON");
    assert_eq!(result, Err(Failure::UnknownOperation("book.burn".to_owned())));
    assert_eq!(sent, [""; 0]);
}

#[test]
fn a_connector_that_cannot_be_opened_sends_nothing() {
    let (result, sent) = call_with(&[], "{}", "book.get", r#"{"bookId":1}"#);
    assert!(matches!(result, Err(Failure::InvalidSettings(_))), "{result:?}");
    assert_eq!(sent, [""; 0]);
}

#[test]
fn an_operation_is_encoded_sent_and_its_payload_passed_on() {
    let body = r#"{"title":"T","id":12345678901234567890123}"#;
    let (result, sent) = call(body, "book.get", r#"{"bookId":7,"language":"de"}"#);
    assert_eq!(result.as_deref(), Ok(body));
    let expected = "GET https://v.example/books/7?language=de [] main Envelope false";
    assert_eq!(sent, [expected]);
    let (_, sent) = call("[]", "list", "{}");
    assert_eq!(sent, ["POST https://v.example/books [] main File false"]);
}

#[test]
fn an_optional_null_counts_as_left_out() {
    for input in [r#"{"bookId":7}"#, r#"{"bookId":7,"language":null}"#] {
        let (_, sent) = call("{}", "book.get", input);
        let expected = "GET https://v.example/books/7 [] main Envelope false";
        assert_eq!(sent, [expected]);
    }
}

#[test]
fn inputs_that_the_endpoint_does_not_take_are_refused() {
    for (input, path, words) in [
        (r#"{"bookId":7,"colour":"red"}"#, "/colour", "isn't a parameter"),
        (r#"{"language":"de"}"#, "/bookId", "is required"),
        (r#"{"bookId":null}"#, "/bookId", "null"),
        (r#"{"bookId":"7"}"#, "/bookId", "must be an integer, and is \"7\""),
        (r#"{"bookId":1,"bookId":2}"#, "/bookId", "twice"),
        (r#"{"bookId":7} {}"#, "", "trailing"),
        (r#" {"bookId":7"#, "", "EOF"),
        ("", "", "must be an object"),
        ("null", "", "must be an object"),
        (r#"[7,"de"]"#, "", "must be an object"),
    ] {
        let violations = refused("book.get", input);
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].path, path);
        assert!(violations[0].message.contains(words), "{input}: {violations:?}");
    }
}

#[test]
fn all_violations_of_check_are_returned() {
    let count = Violation::new("/count", "must be at least 1");
    let to = Violation::new("/to", "must not be empty");
    assert_eq!(
        refused("book.lend", r#"{"count":0,"to":""}"#),
        [count.clone(), to]
    );
    assert_eq!(refused("book.lend", r#"{"count":0,"to":"x"}"#), [count]);
    let (result, sent) = call("{}", "book.lend", r#"{"count":1,"to":"x"}"#);
    assert_eq!(result.as_deref(), Ok("{}"));
    assert_eq!(sent.len(), 1);
}

#[test]
fn parameters_may_be_changed_on_their_way() {
    let (_, sent) = call("{}", "book.lend", r#"{"count":1,"to":"x"}"#);
    assert!(
        sent[0].contains(r#"[{"count":1,"to":"x","via":"api"}]"#),
        "{sent:?}"
    );
    assert_eq!(
        refused("book.lend", r#"{"count":1,"to":"x","desk":"closed"}"#),
        [Violation::new("/desk", "is closed")]
    );
}

#[test]
#[should_panic(expected = "list.page: the pages name \"/from\", which isn't declared")]
fn what_a_declaration_names_and_does_not_declare_is_found() {
    declarations_hold::<Library>();
}

#[test]
fn an_absent_payload_is_empty_in_the_way_of_its_type() {
    for (operation, input, empty) in [
        ("list", "{}", "[]"),
        ("list.page", "{}", r#"{"total":0,"items":[]}"#),
        ("list.rows", "{}", r#"{"total":0,"rows":[]}"#),
        ("list.maybe", "{}", "null"),
        ("free", "{}", "null"),
        ("nil", "{}", "null"),
        ("book.get", r#"{"bookId":7}"#, "null"),
    ] {
        assert_eq!(
            call("null", operation, input).0.as_deref(),
            Ok(empty),
            "{operation}"
        );
        // Only `null` is absent: what the vendor sends instead passes through.
        assert_eq!(call("false", operation, input).0.as_deref(), Ok("false"));
    }
}

#[test]
fn a_path_override_takes_the_place_of_the_documented_path() {
    let overridden = |overrides| {
        let settings = [("base_url", "https://v.example"), ("path_overrides", overrides)];
        call_with(&settings, "{}", "book.get", r#"{"bookId":7,"language":"de"}"#)
    };
    let (_, sent) = overridden(r#"{"book.get":"/v2/{language}/books?id={bookId}"}"#);
    assert_eq!(
        sent,
        ["GET https://v.example/v2/de/books?id=7 [] main Envelope false"]
    );
    let (_, sent) = overridden(r#"{"book.lend":"/v2"}"#);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("/books/7?language=de"), "{sent:?}");
    for wrong in [r#"{"book.get":"v2"}"#, r#"{"book.get":"/{isbn}"}"#, "[]"] {
        let (result, sent) = overridden(wrong);
        assert!(matches!(result, Err(Failure::InvalidSettings(_))), "{result:?}");
        assert_eq!(sent, [""; 0]);
    }
}

#[test]
fn a_handler_may_send_several_requests() {
    let (result, sent) = call(r#"{"title":"T"}"#, "book.lend-and-get", "{}");
    assert_eq!(result.as_deref(), Ok(r#"{"title":"T"}"#));
    let lend = r#"POST https://v.example/lend [{"count":1,"to":"me","via":"api"}] main Envelope false"#;
    let get = "GET https://v.example/books/1 [] main Envelope false";
    assert_eq!(sent, [lend, get]);
}

#[test]
fn an_operation_of_several_requests_has_no_route() {
    assert_eq!(description("book.lend-and-get").route, None);
}

/// A network that answers `lend`, and fails at everything else before it has sent anything.
fn broken_after_lend() -> Script {
    Script::new(|request| {
        if request.url.ends_with("/lend") {
            Ok(json_response(200, "{}"))
        } else {
            Err(TransportError::Unreachable {
                message: "no connection".to_owned(),
                request_sent: false,
            })
        }
    })
}

#[test]
fn a_call_was_sent_where_any_of_its_requests_was() {
    let unreachable = |sent| Err(Failure::Unreachable(Interruption::new("no connection", sent)));
    let kept = OnceCell::new();
    let call = |operation, input| {
        let host = || Ok(broken_after_lend().host(&[("base_url", "https://v.example")]));
        invoke_kept::<Library>(&kept, host, operation, input)
    };
    assert_eq!(call("book.get", r#"{"bookId":1}"#), unreachable(false));
    assert_eq!(call("book.lend-and-get", "{}"), unreachable(true));
    // Earlier calls of the same connector don't count.
    assert_eq!(call("book.get", r#"{"bookId":1}"#), unreachable(false));
}

#[test]
fn a_connector_is_opened_for_the_first_call_and_kept() {
    let kept = OnceCell::new();
    let opened = Cell::new(0);
    let call = |operation, settings: &[(&str, &str)]| {
        let host = || {
            opened.set(opened.get() + 1);
            Ok(Script::new(|_| Ok(json_response(200, "[]"))).host(settings))
        };
        invoke_kept::<Library>(&kept, host, operation, "{}")
    };
    assert!(matches!(
        call("book.burn", &[]),
        Err(Failure::UnknownOperation(_))
    ));
    assert_eq!(opened.get(), 0);
    for _ in 0..2 {
        assert!(matches!(call("list", &[]), Err(Failure::InvalidSettings(_))));
    }
    assert_eq!(opened.get(), 2, "what can't be opened isn't kept");
    for _ in 0..3 {
        assert_eq!(
            call("list", &[("base_url", "https://v.example")]).as_deref(),
            Ok("[]")
        );
    }
    assert_eq!(opened.get(), 3);
}

#[test]
fn the_table_keeps_its_order() {
    let ids: Vec<&str> = all::<Library>().map(Operation::id).collect();
    let endpoints = [
        "book.get",
        "list",
        "list.page",
        "list.rows",
        "list.maybe",
        "free",
        "nil",
        "book.lend",
    ];
    assert_eq!(ids[..8], endpoints);
    assert_eq!(ids[8..], ["book.lend-and-get"]);
}

#[test]
fn a_description_derives_from_the_declaration() {
    let get = description("book.get");
    assert_eq!(get.id, "book.get");
    assert_eq!(get.summary, "Get one book");
    assert_eq!(
        get.description,
        "As it stands on the shelf.\n\nEven when it is lent."
    );
    assert_eq!(get.reference, "Library API 3, section 2.1");
    assert_eq!(get.effect, Effect::Read);
    assert_eq!(get.pages, None);
    assert_eq!(get.title, "查书");
    assert_eq!(get.route, Some((Method::GET, "/books/{bookId}")));
    assert_eq!(get.annotations, [("acme.scope", r#"["books"]"#)]);
    let input = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "bookId": { "description": "Number of the book.", "type": "integer", "format": "int64" },
            "language": { "description": "Language of the texts.", "type": "string" },
        },
        "additionalProperties": false,
        "required": ["bookId"],
        "examples": [{ "bookId": 7 }],
    });
    assert_eq!(schema(&get.input), input);
    // What the response type doesn't name is allowed: answers pass through.
    let output = schema(&get.output);
    assert_eq!(output["properties"]["title"]["description"], "Its title.");
    assert_eq!(output.get("additionalProperties"), None);
}

#[test]
fn an_operation_without_a_section_refers_to_the_document() {
    let page = description("list.page");
    assert_eq!(page.reference, "Library API 3");
    assert_eq!(page.summary, "List books");
    assert_eq!(page.description, "");
    assert_eq!(page.effect, Effect::Idempotent);
    assert_eq!(page.pages, Some(PAGES));
    assert_eq!(page.annotations, []);
    // Nested types stand in place, so that every schema is read alone.
    let output = schema(&page.output);
    assert_eq!(output["properties"]["items"]["items"]["description"], "A book.");
    assert_eq!(output.get("$defs"), None);
    assert_eq!(output["required"], json!(["total", "items"]));
}

#[test]
fn a_call_says_which_operation_it_is_of() {
    let host = Script::new(|_| panic!("nothing is sent")).host(&[]);
    let call = Call::encode(&host, Get::DECLARATION, Params::new().with("bookId", 7)).unwrap();
    assert_eq!(
        (call.operation, call.request.path.as_str()),
        ("book.get", "/books/7")
    );
}
