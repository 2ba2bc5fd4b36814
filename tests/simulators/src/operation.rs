//! The rules of an operation as data, to be read beside the vendor's document.

/// Where a parameter travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A `{name}` segment of the path.
    Path,
    /// The query string.
    Query,
    /// The JSON body.
    Json,
    /// The query string and, with the same value, the JSON body.
    QueryAndJson,
    /// A field of an urlencoded form.
    Form,
    /// A text part of a multipart form.
    Multipart,
    /// A file part of a multipart form.
    File,
}

/// The type of a parameter. Outside JSON it is the form of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A number without fraction or exponent.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
    /// An integer, or a string of its digits: for parameters that the document types both ways.
    IntegerOrText,
    /// Anything.
    Any,
}

/// One documented parameter. A dotted name is nested, `[]` is an element of a list.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// The vendor's name for it.
    pub name: &'static str,
    /// Where it travels.
    pub place: Place,
    /// Its type.
    pub kind: Kind,
    /// Whether it has to be there.
    pub required: bool,
    /// The values it may have; empty for any.
    pub one_of: &'static [&'static str],
    /// The most characters it may have.
    pub max_length: Option<usize>,
    /// Whether its value must not appear in messages.
    pub secret: bool,
}

impl Param {
    const fn new(name: &'static str, place: Place, kind: Kind) -> Self {
        Self {
            name,
            place,
            kind,
            required: false,
            one_of: &[],
            max_length: None,
            secret: false,
        }
    }

    /// It has to be there.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It has one of these values.
    #[must_use]
    pub const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.one_of = values;
        self
    }

    /// It has at most this many characters.
    #[must_use]
    pub const fn max(mut self, characters: usize) -> Self {
        self.max_length = Some(characters);
        self
    }

    /// Its value is not repeated in messages.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(crate) const fn in_query(&self) -> bool {
        matches!(self.place, Place::Query | Place::QueryAndJson)
    }

    pub(crate) const fn in_json(&self) -> bool {
        matches!(self.place, Place::Json | Place::QueryAndJson)
    }
}

/// A parameter of the path.
#[must_use]
pub const fn path(name: &'static str, kind: Kind) -> Param {
    Param::new(name, Place::Path, kind).required()
}

/// A parameter of the query.
#[must_use]
pub const fn query(name: &'static str, kind: Kind) -> Param {
    Param::new(name, Place::Query, kind)
}

/// A member of the JSON body.
#[must_use]
pub const fn json(name: &'static str, kind: Kind) -> Param {
    Param::new(name, Place::Json, kind)
}

/// A parameter sent in the query and, the same, in the JSON body.
#[must_use]
pub const fn query_and_json(name: &'static str, kind: Kind) -> Param {
    Param::new(name, Place::QueryAndJson, kind)
}

/// A field of an urlencoded form.
#[must_use]
pub const fn form(name: &'static str, kind: Kind) -> Param {
    Param::new(name, Place::Form, kind)
}

/// A text part of a multipart form.
#[must_use]
pub const fn part(name: &'static str, kind: Kind) -> Param {
    Param::new(name, Place::Multipart, kind)
}

/// A file part of a multipart form.
#[must_use]
pub const fn file(name: &'static str) -> Param {
    Param::new(name, Place::File, Kind::Any)
}

/// What the body of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// No body and no content type.
    None,
    /// A JSON object.
    Json,
    /// An urlencoded form.
    Form,
    /// A multipart form.
    Multipart,
}

/// What an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Business.
    Call,
    /// Gets a session with the credentials.
    Login,
    /// Renews a session.
    Refresh,
}

/// One documented operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Its id in the inventory.
    pub id: &'static str,
    /// Its HTTP method.
    pub method: &'static str,
    /// Its path, with `{name}` for parameters.
    pub path: &'static str,
    /// What its body is.
    pub payload: Payload,
    /// What it is for.
    pub role: Role,
    /// Whether members that the document does not name may be in the JSON body.
    pub free_fields: bool,
    /// Its parameters.
    pub params: &'static [Param],
}

impl Operation {
    const fn new(
        id: &'static str,
        method: &'static str,
        path: &'static str,
        payload: Payload,
        params: &'static [Param],
    ) -> Self {
        Self {
            id,
            method,
            path,
            payload,
            role: Role::Call,
            free_fields: false,
            params,
        }
    }

    /// A GET: no body.
    #[must_use]
    pub const fn get(id: &'static str, path: &'static str, params: &'static [Param]) -> Self {
        Self::new(id, "GET", path, Payload::None, params)
    }

    /// A POST of JSON.
    #[must_use]
    pub const fn post(id: &'static str, path: &'static str, params: &'static [Param]) -> Self {
        Self::new(id, "POST", path, Payload::Json, params)
    }

    /// A PUT of JSON.
    #[must_use]
    pub const fn put(id: &'static str, path: &'static str, params: &'static [Param]) -> Self {
        Self::new(id, "PUT", path, Payload::Json, params)
    }

    /// A DELETE with a JSON body.
    #[must_use]
    pub const fn delete(id: &'static str, path: &'static str, params: &'static [Param]) -> Self {
        Self::new(id, "DELETE", path, Payload::Json, params)
    }

    /// The same with another body.
    #[must_use]
    pub const fn payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// The same, as a login or a renewal.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The same, with members of the JSON body allowed that the document does not name.
    #[must_use]
    pub const fn free_fields(mut self) -> Self {
        self.free_fields = true;
        self
    }
}
