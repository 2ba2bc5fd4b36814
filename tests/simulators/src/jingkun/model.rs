//! Workflows: what they take and what they give.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::impossible;
use crate::strict::scalar;
use crate::vendor::Refusal;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Finish,
    Fail,
    Never,
}

/// What a variable takes. A string of an integer or a boolean does as well.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Text,
    Integer,
    Boolean,
}

#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// Its value where none is sent; without one, it has to be.
    pub(crate) default: Option<&'static str>,
}

/// A node with an output; `{NAME}` in it becomes the value of the variable.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) result: &'static str,
    pub(crate) designated: bool,
}

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) owner: &'static str,
    /// Its status until it first runs.
    pub(crate) status: &'static str,
    pub(crate) ending: Ending,
    pub(crate) variables: &'static [Variable],
    pub(crate) nodes: &'static [Node],
}

/// The values of a workflow's variables, as text.
pub(crate) type Values = BTreeMap<&'static str, String>;

impl Model {
    /// The variables as they are printed; `null` where there are none.
    pub(crate) fn print_variables(&self) -> Value {
        if self.variables.is_empty() {
            return Value::Null;
        }
        let print = |variable: &Variable| {
            json!({
                "name": variable.name,
                "type": "running",
                // Not documented:
                "valueType": match variable.form {
                    Form::Text => "string",
                    Form::Integer => "integer",
                    Form::Boolean => "boolean",
                },
                "defaultValue": variable.default,
            })
        };
        self.variables.iter().map(print).collect()
    }

    /// Takes the values of a `mapParam`.
    pub(crate) fn values(&self, given: Option<&Map<String, Value>>) -> Result<Values, Refusal> {
        let none = Map::new();
        let given = given.unwrap_or(&none);
        if let Some(name) = given
            .keys()
            .find(|name| self.variables.iter().all(|v| v.name != *name))
        {
            return Err(impossible(&format!("工作流 {} 没有变量 {name}", self.id)));
        }
        let mut values = Values::new();
        for variable in self.variables {
            let name = variable.name;
            let value = match (given.get(name), variable.default) {
                (Some(value), _) if variable.form.takes(value) => scalar(value),
                (Some(_), _) => return Err(impossible(&format!("变量 {name} 类型不符"))),
                (None, Some(default)) => default.to_owned(),
                (None, None) => return Err(impossible(&format!("缺少变量 {name}"))),
            };
            values.insert(name, value);
        }
        Ok(values)
    }

    /// The outputs of all nodes, or of the designated ones.
    pub(crate) fn outputs(&self, values: &Values, designated: bool) -> Value {
        let fill = |node: &Node| {
            let mut text = node.result.to_owned();
            for (name, value) in values {
                text = text.replace(&format!("{{{name}}}"), value);
            }
            // The type is not documented.
            json!({"result": text, "nodeName": node.name, "nodeType": "shell"})
        };
        let nodes = self.nodes.iter();
        nodes
            .filter(|node| node.designated || !designated)
            .map(fill)
            .collect()
    }
}

impl Form {
    fn takes(self, value: &Value) -> bool {
        let text = scalar(value);
        match self {
            Self::Text => value.is_string(),
            Self::Integer => {
                let digits = text.strip_prefix('-').unwrap_or(&text);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Boolean => text == "true" || text == "false",
        }
    }
}
