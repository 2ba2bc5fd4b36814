//! One operation, as the vendor's document has it: what goes in, what must arrive, what comes out.

use patchbay_simulators::Recorded;
use patchbay_simulators::vendor::Vendor;
use serde_json::{Map, Value};

use super::Rig;

type Check = Box<dyn Fn(&Value) + Send + Sync>;

/// What an operation must send and give.
pub(crate) struct Case {
    pub(crate) operation: &'static str,
    method: &'static str,
    path: &'static str,
    earlier: Vec<(&'static str, Value)>,
    input: Value,
    query: Option<Value>,
    json: Option<Value>,
    form: Option<Value>,
    parts: Option<Value>,
    preferred: Option<(&'static str, &'static str)>,
    stand_in: Option<(&'static str, &'static str)>,
    check: Check,
}

/// A case whose request has this method and path: `case("robot.list", "GET /oapi/v1/robot")`. What the
/// document has in braces, `{app_id}`, stands for the input's parameter of that name.
pub(crate) fn case(operation: &'static str, route: &'static str) -> Case {
    let (method, path) = route.split_once(' ').unwrap();
    Case {
        operation,
        method,
        path,
        earlier: Vec::new(),
        input: Value::Object(Map::new()),
        query: None,
        json: None,
        form: None,
        parts: None,
        preferred: None,
        stand_in: None,
        check: Box::new(|_| {}),
    }
}

impl Case {
    pub(crate) fn input(mut self, input: Value) -> Self {
        self.input = input;
        self
    }

    /// Before it, this is carried out. What that gives is the case's to use: `"$0/taskId"`, anywhere in what
    /// follows, is the member at `/taskId` of what the first of the earlier operations gave.
    pub(crate) fn after(mut self, operation: &'static str, input: Value) -> Self {
        self.earlier.push((operation, input));
        self
    }

    /// These parameters of the input arrive in the path.
    pub(crate) fn in_path(self, parameters: Value) -> Self {
        self.with(parameters)
    }

    pub(crate) fn with(mut self, parameters: Value) -> Self {
        let Value::Object(parameters) = parameters else {
            panic!("{}: parameters that are no object", self.operation);
        };
        self.input.as_object_mut().unwrap().extend(parameters);
        self
    }

    /// These parameters arrive in the query.
    pub(crate) fn query(mut self, query: Value) -> Self {
        self.query = Some(query);
        self
    }

    /// This arrives as JSON.
    pub(crate) fn json(mut self, json: Value) -> Self {
        self.json = Some(json);
        self
    }

    /// These fields arrive as a form.
    pub(crate) fn form(mut self, form: Value) -> Self {
        self.form = Some(form);
        self
    }

    /// These text parts arrive in a multipart body.
    pub(crate) fn parts(mut self, parts: Value) -> Self {
        self.parts = Some(parts);
        self
    }

    /// Where both are given, only the first is sent.
    pub(crate) fn prefers(mut self, first: &'static str, second: &'static str) -> Self {
        self.preferred = Some((first, second));
        self
    }

    /// What is hostile at this path of the input, where the vendor takes values of one kind only.
    pub(crate) fn hostile_as(mut self, path: &'static str, value: &'static str) -> Self {
        self.stand_in = Some((path, value));
        self
    }

    /// These parameters of the input arrive in the query.
    pub(crate) fn in_query(self, parameters: Value) -> Self {
        self.query(parameters.clone()).with(parameters)
    }

    /// These parameters of the input arrive as JSON.
    pub(crate) fn in_json(self, parameters: Value) -> Self {
        self.json(parameters.clone()).with(parameters)
    }

    /// What comes out.
    pub(crate) fn gives(mut self, check: impl Fn(&Value) + Send + Sync + 'static) -> Self {
        self.check = Box::new(check);
        self
    }

    /// What comes out, exactly.
    pub(crate) fn gives_exactly(self, expected: Value) -> Self {
        self.gives(move |output| assert_eq!(*output, expected))
    }

    /// The paths of the strings in its input.
    pub(crate) fn strings(&self) -> Vec<String> {
        string_paths(&self.input, String::new())
    }

    /// The names of the parameters in its input.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.input.as_object().unwrap().keys().map(String::as_str)
    }

    /// Carries out what comes before it.
    async fn prepare<V: Vendor>(&self, rig: &Rig<V>) -> Vec<Value> {
        let mut outputs = Vec::new();
        for (operation, input) in &self.earlier {
            let output = rig.invoke(operation, filled(input, &outputs)).await;
            outputs.push(output.unwrap_or_else(|error| panic!("{operation} before: {error:?}")));
        }
        outputs
    }

    /// The segments that the path must have with this input.
    fn segments(&self, input: &Value) -> Vec<String> {
        let segments = self.path.split('/').map(|segment| {
            let name = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
            name.map_or(segment, |name| input[name].as_str().unwrap())
                .to_owned()
        });
        segments.collect()
    }

    /// Carries the operation out, and checks request and answer.
    pub(crate) async fn verify<V: Vendor>(&self, rig: &Rig<V>) {
        let operation = self.operation;
        let earlier = self.prepare(rig).await;
        let input = filled(&self.input, &earlier);
        rig.sim.clear_requests();
        let output = rig.invoke(operation, input.clone()).await;
        let requests = rig.sim.requests_of(operation);
        rig.assert_well_behaved();
        let output = output.unwrap_or_else(|error| panic!("{operation}: {error:?}"));
        let [request] = requests.as_slice() else {
            panic!("{operation}: {} requests instead of one", requests.len());
        };
        assert_eq!(request.method, self.method, "{operation}");
        assert_eq!(segments(request), self.segments(&input), "{operation}: the path");
        let expected = self.query.as_ref();
        let expected = expected.map_or_else(Map::new, |query| texts(&filled(query, &earlier)));
        assert_eq!(query(request), expected, "{operation}: the query");
        if let Some(json) = &self.json {
            assert_eq!(
                request.json(),
                Some(filled(json, &earlier)),
                "{operation}: the JSON body"
            );
        } else if let Some(form) = &self.form {
            assert_eq!(
                pairs(&String::from_utf8_lossy(&request.body)),
                texts(form),
                "{operation}: the form"
            );
        } else if let Some(parts) = &self.parts {
            for (name, value) in texts(parts) {
                let part = format!("name=\"{name}\"\r\n\r\n{}\r\n", value.as_str().unwrap());
                assert!(contains(request, &part), "{operation}: the part {name}");
            }
        } else {
            assert!(request.body.is_empty(), "{operation}: a body");
            assert_eq!(request.header("content-type"), None, "{operation}");
        }
        let connector = rig.connection.connector();
        let schema = &connector.catalog().operation(operation).unwrap().output_schema;
        let broken: Vec<String> = jsonschema::validator_for(schema)
            .unwrap()
            .iter_errors(&output)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(
            broken,
            Vec::<String>::new(),
            "{operation}: the output breaks its schema"
        );
        (self.check)(&output);
    }

    /// Puts `hostile` into each string of the input in turn, and checks that it arrives as it is,
    /// wherever it travels. The vendor may refuse it, but not for how it came. Gives the paths of those
    /// that have arrived: the others are of a kind that nothing hostile is.
    pub(crate) async fn verify_hostile<V: Vendor>(&self, rig: &Rig<V>, hostile: &str) -> Vec<String> {
        let schema = rig
            .connection
            .connector()
            .catalog()
            .operation(self.operation)
            .unwrap()
            .input_schema
            .clone();
        let mut verified = Vec::new();
        for path in self.strings() {
            let mut input = filled(&self.input, &self.prepare(rig).await);
            let mut value = match self.stand_in {
                Some((at, value)) if at == path => value.to_owned(),
                _ => hostile.to_owned(),
            };
            if let Some(most) = max_length(&schema, &path) {
                value = value.chars().take(most).collect();
            }
            *input.pointer_mut(&path).unwrap() = Value::from(value.clone());
            if let Some((first, second)) = self.preferred
                && path == format!("/{second}")
            {
                input.as_object_mut().unwrap().remove(first);
            }
            if rig
                .connection
                .connector()
                .catalog()
                .validate(self.operation, &input)
                .is_err()
            {
                // An enumeration, or something with a format.
                continue;
            }
            rig.sim.clear_requests();
            let result = rig.invoke(self.operation, input.clone()).await;
            rig.assert_well_behaved();
            if let Err(error) = &result {
                let refused = matches!(
                    error.kind,
                    patchbay::Kind::Rejected | patchbay::Kind::InvalidInput
                );
                assert!(refused, "{} with a hostile {path}: {error:?}", self.operation);
                if error.kind == patchbay::Kind::InvalidInput {
                    continue;
                }
            }
            let requests = rig.sim.requests_of(self.operation);
            let arrived = requests
                .iter()
                .any(|request| arrives(request, &value) && segments(request) == self.segments(&input));
            assert!(
                arrived,
                "{}: the hostile {path} didn't arrive as it was: {requests:#?}",
                self.operation
            );
            verified.push(path);
        }
        verified
    }
}

/// The segments of a request's path, decoded.
fn segments(request: &Recorded) -> Vec<String> {
    let decode = |text| percent_encoding::percent_decode_str(text).decode_utf8_lossy();
    request
        .path
        .split('/')
        .map(|text| decode(text).into_owned())
        .collect()
}

/// A value with what earlier operations gave in the places for it: see [`Case::after`].
fn filled(value: &Value, earlier: &[Value]) -> Value {
    match value {
        Value::String(text) => given(text, earlier).unwrap_or(value).clone(),
        Value::Array(items) => items.iter().map(|item| filled(item, earlier)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), filled(member, earlier)))
            .collect(),
        _ => value.clone(),
    }
}

fn given<'a>(text: &str, earlier: &'a [Value]) -> Option<&'a Value> {
    let place = text.strip_prefix('$')?;
    let (at, pointer) = place.split_at(place.find('/')?);
    let output = &earlier[at.parse::<usize>().ok()?];
    let member = output.pointer(pointer);
    Some(member.unwrap_or_else(|| panic!("there is no {pointer} in {output}")))
}

/// Whether a value is in the request, decoded, as a whole parameter or inside of a nested JSON text.
fn arrives(request: &Recorded, value: &str) -> bool {
    let in_json = |json: &Value| {
        string_paths(json, String::new()).iter().any(|path| {
            json.pointer(path).and_then(Value::as_str).is_some_and(|text| {
                text == value
                    || serde_json::from_str::<Value>(text).is_ok_and(|inner| {
                        string_paths(&inner, String::new())
                            .iter()
                            .any(|path| inner.pointer(path).is_some_and(|v| v == value))
                    })
            })
        })
    };
    let form = Value::Object(pairs(&String::from_utf8_lossy(&request.body)));
    let segment = segments(request).iter().any(|segment| segment == value);
    let file_name = value
        .replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    segment
        || in_json(&Value::Object(query(request)))
        || request.json().is_some_and(|json| in_json(&json))
        || in_json(&form)
        || contains(request, &format!("\r\n\r\n{value}\r\n"))
        || contains(request, &format!("filename=\"{file_name}\""))
}

fn contains(request: &Recorded, text: &str) -> bool {
    request
        .body
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

fn query(request: &Recorded) -> Map<String, Value> {
    pairs(&request.query)
}

/// Decoded pairs. `+` stays `+`: nothing that is sent may rely on it being a space.
fn pairs(text: &str) -> Map<String, Value> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decode(name), Value::from(decode(value))))
        .collect()
}

/// An object's members as the texts that travel.
fn texts(object: &Value) -> Map<String, Value> {
    let members = object.as_object().unwrap().iter();
    members
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), Value::from(text))
        })
        .collect()
}

fn string_paths(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::String(_) => vec![at],
        Value::Array(items) => (0..items.len())
            .flat_map(|i| string_paths(&items[i], format!("{at}/{i}")))
            .collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| {
                string_paths(
                    member,
                    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn max_length(schema: &Value, path: &str) -> Option<usize> {
    let name = path.strip_prefix('/')?;
    let most = schema["properties"][name]["maxLength"].as_u64()?;
    usize::try_from(most).ok()
}
