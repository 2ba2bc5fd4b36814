//! What the derives refuse, and the token that their errors point at.

use syn::{DeriveInput, parse_str};

use crate::{endpoint, payload, schema};

const GOOD: &str = r#"
    /// Does something
    #[derive(Endpoint)]
    #[endpoint(id = "a.get", title = "甲", route = "POST /a/{id}", effect = Read, response = B)]
    struct A {
        #[param(also_body)]
        id: String,
        name: Option<String>,
    }
"#;

fn input(text: &str) -> DeriveInput {
    parse_str(text).unwrap()
}

/// What is refused where `from` is replaced by `to` in a good declaration: message and token, in turn.
#[track_caller]
fn refused(from: &str, to: &str) -> (String, String) {
    assert!(GOOD.contains(from), "{from}");
    let error = endpoint::derive(&input(&GOOD.replacen(from, to, 1))).unwrap_err();
    (error.to_string(), error.span().source_text().unwrap_or_default())
}

#[test]
fn a_good_declaration_is_taken() {
    let tokens = endpoint::derive(&input(GOOD)).unwrap().to_string();
    assert!(tokens.contains("DECLARATION"), "{tokens}");
}

/// Rows of what is replaced in a good declaration by what, and of message and token that come of it.
#[track_caller]
fn all_refused(rows: &[(&str, &str, &str, &str)]) {
    for (from, to, message, token) in rows {
        let (said, at) = refused(from, to);
        assert!(said.contains(message), "{to}: {said}");
        assert_eq!(at, *token, "{to}: {said}");
    }
}

#[test]
fn errors_in_names_routes_and_places_say_what_is_wrong_and_where() {
    all_refused(&[
        (
            "title =",
            "titel =",
            "unknown attribute; there are id, title,",
            "titel",
        ),
        (
            "also_body",
            "also_bdy",
            "unknown attribute; there are rename,",
            "also_bdy",
        ),
        (
            "\"a.get\"",
            "\"A get\"",
            "must be of a-z, 0-9, `-` and `.`",
            "\"A get\"",
        ),
        (
            "POST /a",
            "FETCH /a",
            "must be a method (GET, HEAD,",
            "\"FETCH /a/{id}\"",
        ),
        (
            "POST /a/{id}",
            "POST a",
            "must be a method (GET, HEAD,",
            "\"POST a\"",
        ),
        (
            "{id}",
            "{no}",
            "no field has the name \"no\"; there are id, name",
            "\"POST /a/{no}\"",
        ),
        (
            "{id}",
            "{id",
            "has an opening brace without a closing one",
            "\"POST /a/{id\"",
        ),
        (
            "/{id}",
            "",
            "is for parameters that the route has a placeholder for",
            "also_body",
        ),
        ("also_body", "query", "travels in the path", "query"),
        ("also_body", "also_body, query", "travels in one place", "query"),
        (
            "name: Option",
            "#[param(file)] name: Option",
            "needs `encoding = Multipart`",
            "file",
        ),
        (
            "name: Option",
            "#[param(media_type = \"text/csv\")] name: Option",
            "needs `encoding = Multipart`",
            "media_type",
        ),
        (
            "name: Option",
            "#[param(body = \"csv\")] name: Option",
            "must be a media type, such as \"text/csv\"",
            "\"csv\"",
        ),
        (
            "also_body",
            "header = \"host\"",
            "is a header field that the host sends itself",
            "\"host\"",
        ),
        (
            "also_body",
            "header = \"X-A\"",
            "must be the name of a header field, in lower case",
            "\"X-A\"",
        ),
        (
            "also_body",
            "content_encoding = \"hex\"",
            "must be \"base64\"",
            "\"hex\"",
        ),
        (
            "also_body",
            "default = x",
            "must be a string, a number, a boolean, or a list",
            "x",
        ),
    ]);
}

#[test]
fn errors_between_attributes_say_what_is_wrong_and_where() {
    all_refused(&[
        (
            "id: String",
            "name: String",
            "another field has the name \"name\" too",
            "name",
        ),
        ("effect = Read, ", "", "#[endpoint(effect = …)] is missing", "A"),
        (", response = B", "", "#[endpoint(response = …)] is missing", "A"),
        ("/// Does something", "", "a doc comment is missing", "A"),
        ("struct A", "struct A<T>", "must not be generic", "<T>"),
        (
            "effect = Read",
            "effect = Read, rename_all = \"camel\"",
            "unknown case; there are camelCase",
            "\"camel\"",
        ),
        (
            "effect = Read",
            "effect = Read, example = \"[1]\"",
            "isn't a JSON object",
            "\"[1]\"",
        ),
        (
            "effect = Read",
            "effect = Read, example = r#\"{\"nam\":1}\"#",
            "no field has the name \"nam\"",
            "r#\"{\"nam\":1}\"#",
        ),
        (
            "effect = Read",
            "effect = Read, any_of(\"id\", \"nam\")",
            "no field has the name \"nam\"",
            "\"nam\"",
        ),
        (
            "effect = Read",
            "effect = Read, any_of(\"id\")",
            "needs at least two names",
            r#"any_of("id")"#,
        ),
        (
            "effect = Read",
            "effect = Read, needs(\"id\", if = \"name\")",
            "expected identifier",
            "if",
        ),
        (
            "effect = Read",
            "effect = Read, needs(\"id\", is = \"name\")",
            "expected `when`",
            "is",
        ),
        (
            "effect = Read",
            "effect = Read, needs(\"id\", when = (\"name\", 1.5))",
            "must be a string, an integer or a boolean",
            "1.5",
        ),
        (
            "effect = Read",
            "effect = Read, annotations(\"a\" = \"b\")",
            "isn't JSON",
            "\"b\"",
        ),
    ]);
}

#[test]
fn a_get_has_no_body() {
    let declaration = GOOD
        .replace("POST", "GET")
        .replace("response", "encoding = Form, response");
    let error = endpoint::derive(&input(&declaration)).unwrap_err();
    assert_eq!(error.to_string(), "GET has no body");
    assert_eq!(error.span().source_text().as_deref(), Some("Form"));
}

#[test]
fn a_body_is_the_only_one() {
    let with_body = GOOD.replace("name:", "#[param(body = \"text/csv\")] name:");
    assert!(endpoint::derive(&input(&with_body)).is_ok());
    for (from, to, message, token) in [
        (
            "also_body",
            "body = \"a/b\"",
            "another parameter is the body already",
            "body",
        ),
        (
            "response",
            "encoding = Form, response",
            "the others travel in the query",
            "Form",
        ),
        ("POST", "GET", "GET has no body", "body"),
    ] {
        let error = endpoint::derive(&input(&with_body.replacen(from, to, 1))).unwrap_err();
        let errors: Vec<_> = error.into_iter().collect();
        let error = errors
            .iter()
            .find(|error| error.to_string().contains(message))
            .unwrap_or_else(|| panic!("{errors:?}"));
        assert_eq!(error.span().source_text().as_deref(), Some(token));
    }
}

#[test]
fn all_errors_of_a_struct_are_reported() {
    let declaration = GOOD
        .replace("also_body", "x")
        .replace("name:", "#[param(y)] name:");
    let error = endpoint::derive(&input(&declaration)).unwrap_err();
    assert_eq!(error.into_iter().count(), 2);
}

#[test]
fn what_has_no_named_fields_is_refused() {
    for declaration in ["struct A(i64);", "union A { a: u8 }"] {
        assert!(schema::derive(&input(declaration)).is_err(), "{declaration}");
    }
    let error = schema::derive(&input("enum A { B(i64) }")).unwrap_err();
    assert_eq!(error.to_string(), "a variant must not have fields");
    // Only a parameter travels.
    let error = schema::derive(&input("struct A { #[schema(query)] a: i64 }")).unwrap_err();
    assert!(error.to_string().starts_with("unknown attribute"), "{error}");
}

#[test]
fn a_payload_needs_a_kind() {
    let error = payload::derive(&input("/// Ended\nstruct A {}")).unwrap_err();
    assert!(error.to_string().contains("kind"), "{error}");
}

#[test]
fn names_are_written_in_every_case() {
    use crate::case::Case;

    for (case, field, variant) in [
        (Case::Camel, "userId", "inUse"),
        (Case::Pascal, "UserId", "InUse"),
        (Case::Snake, "user_id", "in_use"),
        (Case::Kebab, "user-id", "in-use"),
        (Case::ScreamingSnake, "USER_ID", "IN_USE"),
        (Case::Lower, "userid", "inuse"),
        (Case::Upper, "USERID", "INUSE"),
    ] {
        assert_eq!(
            (case.apply("user_id").as_str(), case.apply("InUse").as_str()),
            (field, variant)
        );
    }
}
