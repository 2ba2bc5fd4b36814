//! What checking a value against a schema costs at most, known before anything is checked.
//!
//! A validator can't be stopped, and a schema of a few kilobytes can have it work for hours: references multiply.
//! So the schema is walked once, at load, and gives for each depth of a value in how many steps one value at that
//! depth is checked. With the number of values at each depth that bounds a check.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::text::shown;

/// How deep a value may be nested that is checked. JSON texts that are read have no more either.
pub(super) const DEPTH: usize = 128;
/// How many schemas may follow from each other for one and the same value. Each takes stack.
const CHAIN: usize = 32;
/// In how many steps one value may be checked, references followed, that isn't nested deeper than `SHALLOW`. What
/// grows with the depth of a value is decided by the value.
const EXPANSION: u64 = 100_000;
const SHALLOW: usize = 8;
/// So many bytes of a string count as one step.
const STRING: usize = 16;
/// The longest reference that a finding quotes, in bytes.
const QUOTED: usize = 80;
/// The digits of a number that is exact in every representation.
const EXACT_DIGITS: usize = 15;

/// What checking a value against one schema costs at most.
#[derive(Debug)]
pub(super) struct Effort {
    /// In how many steps one value is checked, by its depth. Deeper ones aren't looked at.
    steps: Vec<u64>,
    /// In how many steps patterns look at each byte of a string, by its depth.
    matching: Vec<u64>,
    /// Whether elements are compared with each other.
    unique: bool,
    /// Whether there are alternatives: what one of them says against a value is kept until all have been tried.
    alternatives: bool,
}

/// A value is nested too deep to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is nested deeper than {DEPTH} levels")]
pub(super) struct TooDeep;

impl Effort {
    /// Walks a schema.
    ///
    /// # Errors
    ///
    /// Why no value may be checked against it, in words that follow the schema's name.
    pub(super) fn of(schema: &Value) -> Result<Self, String> {
        let mut graph = Graph {
            root: schema,
            nodes: Vec::new(),
            known: HashMap::new(),
            pending: Vec::new(),
            unique: false,
            alternatives: false,
        };
        graph.node(schema);
        while let Some((index, schema)) = graph.pending.pop() {
            graph.nodes[index] = graph.expand(schema)?;
        }
        Ok(Self {
            steps: steps(&graph.nodes, |node| node.weight)?,
            matching: steps(&graph.nodes, |node| node.matching)?,
            unique: graph.unique,
            alternatives: graph.alternatives,
        })
    }

    /// Whether the schema has alternatives.
    pub(super) fn has_alternatives(&self) -> bool {
        self.alternatives
    }

    /// In how many steps a value is checked at most.
    ///
    /// # Errors
    ///
    /// [`TooDeep`].
    pub(super) fn steps(&self, value: &Value) -> Result<u64, TooDeep> {
        let mut measure = Measure {
            effort: self,
            steps: 0,
            inexact: 0,
        };
        measure.add(value, 0)?;
        // Numbers that look alike when rounded are compared each with each.
        let compared = if self.unique {
            measure.inexact.saturating_mul(measure.inexact)
        } else {
            0
        };
        Ok(measure.steps.saturating_add(compared))
    }
}

/// The sum over a value and everything in it.
struct Measure<'a> {
    effort: &'a Effort,
    steps: u64,
    inexact: u64,
}

impl Measure<'_> {
    fn add(&mut self, value: &Value, depth: usize) -> Result<(), TooDeep> {
        if depth >= DEPTH {
            return Err(TooDeep);
        }
        let at = |steps: &[u64], depth: usize| steps.get(depth).copied().unwrap_or(0);
        let matching = &self.effort.matching;
        // Bytes that patterns look at: of a string, and of the names in an object.
        let (mut bytes, mut each_byte) = (0, at(matching, depth));
        let size = match value {
            Value::Null | Value::Bool(_) => 1,
            Value::Number(number) => {
                let digits = number.as_str().len();
                self.inexact += u64::from(digits > EXACT_DIGITS && number.as_i64().is_none());
                1 + digits / STRING
            }
            Value::String(text) => {
                bytes = text.len();
                1 + text.len() / STRING
            }
            Value::Array(elements) => {
                for element in elements {
                    self.add(element, depth + 1)?;
                }
                1
            }
            Value::Object(members) => {
                let mut size = 1;
                each_byte = each_byte.saturating_add(at(matching, depth + 1));
                for (name, member) in members {
                    bytes += name.len();
                    size += 1 + name.len() / STRING;
                    self.add(member, depth + 1)?;
                }
                size
            }
        };
        let each = at(&self.effort.steps, depth);
        let looked_at = each_byte.saturating_mul(bytes as u64);
        let checked = each.saturating_mul(size as u64);
        self.steps = self.steps.saturating_add(checked).saturating_add(looked_at);
        Ok(())
    }
}

/// A schema and everything that it applies.
struct Graph<'a> {
    root: &'a Value,
    nodes: Vec<Node>,
    /// By their address: what is referred to twice is one node.
    known: HashMap<*const Value, usize>,
    pending: Vec<(usize, &'a Value)>,
    unique: bool,
    alternatives: bool,
}

/// One schema.
#[derive(Default)]
struct Node {
    /// Steps that it takes by itself.
    weight: u64,
    /// Steps that its patterns take for each byte of a string.
    matching: u64,
    /// What it applies to the same value.
    here: Vec<usize>,
    /// How often it applies these.
    repeats: u64,
    /// What it applies to the members of an object. Of each group at most one applies to any of them.
    members: Vec<Vec<usize>>,
    /// What it applies to the elements of an array, likewise.
    elements: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    fn node(&mut self, schema: &'a Value) -> usize {
        let index = *self
            .known
            .entry(std::ptr::from_ref(schema))
            .or_insert(self.nodes.len());
        if index == self.nodes.len() {
            self.nodes.push(Node::default());
            self.pending.push((index, schema));
        }
        index
    }

    /// The schemas in a list, or in the members of an object.
    fn all(&mut self, schemas: &'a Value) -> Vec<usize> {
        match schemas {
            Value::Array(schemas) => schemas.iter().map(|schema| self.node(schema)).collect(),
            Value::Object(schemas) => schemas.values().map(|schema| self.node(schema)).collect(),
            _ => Vec::new(),
        }
    }

    fn expand(&mut self, schema: &'a Value) -> Result<Node, String> {
        let mut node = Node {
            weight: 1,
            repeats: 1,
            ..Node::default()
        };
        let Value::Object(keywords) = schema else {
            return Ok(node);
        };
        // Those that have a name or a place, and the rest.
        let (mut members, mut elements) = (Vec::new(), Vec::new());
        for (keyword, value) in keywords {
            self.alternatives |= matches!(keyword.as_str(), "anyOf" | "oneOf" | "propertyNames");
            match keyword.as_str() {
                "$ref" => {
                    let target = target(self.root, value)?;
                    node.here.push(self.node(target));
                }
                "allOf" | "anyOf" | "oneOf" | "dependentSchemas" | "dependencies" => {
                    node.here.extend(self.all(value));
                }
                "not" | "if" | "then" | "else" => node.here.push(self.node(value)),
                "properties" => members.extend(self.all(value)),
                "additionalProperties" => members.push(self.node(value)),
                "patternProperties" => {
                    let patterns = value.as_object().into_iter().flatten();
                    node.matching += patterns.map(|(pattern, _)| pattern_steps(pattern)).sum::<u64>();
                    node.members
                        .extend(self.all(value).into_iter().map(|schema| vec![schema]));
                }
                "prefixItems" => elements.extend(self.all(value)),
                "items" => elements.push(self.node(value)),
                "propertyNames" => node.members.push(vec![self.node(value)]),
                "contains" => node.elements.push(vec![self.node(value)]),
                "unevaluatedProperties" | "unevaluatedItems" => {
                    let rest = vec![self.node(value)];
                    if keyword == "unevaluatedItems" {
                        node.elements.push(rest);
                    } else {
                        node.members.push(rest);
                    }
                    // What has been evaluated is found out by applying the others again.
                    node.repeats = 3;
                }
                "enum" | "const" | "required" | "dependentRequired" | "type" => {
                    node.weight += values(value) as u64;
                }
                "pattern" => {
                    node.weight += 1;
                    node.matching += value.as_str().map_or(0, pattern_steps);
                }
                "uniqueItems" => self.unique |= value == &Value::Bool(true),
                _ => node.weight += 1,
            }
        }
        node.members.push(members);
        node.elements.push(elements);
        let applied = node
            .members
            .iter()
            .chain(&node.elements)
            .map(Vec::len)
            .sum::<usize>();
        node.weight += (node.here.len() + applied) as u64;
        Ok(node)
    }
}

/// What a reference refers to: a place in the same schema.
fn target<'a>(root: &'a Value, reference: &Value) -> Result<&'a Value, String> {
    let text = reference.as_str().unwrap_or_default();
    let Some(pointer) = text
        .strip_prefix('#')
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    else {
        return Err(format!(
            "refers to {:?}; a reference must be a place in the same schema, as \"#/$defs/name\"",
            shown(text, QUOTED)
        ));
    };
    let pointer = percent_decode_str(pointer).decode_utf8();
    let place = pointer.ok().and_then(|pointer| root.pointer(&pointer));
    place.ok_or_else(|| format!("refers to {:?}, which isn't in it", shown(text, QUOTED)))
}

/// How many values there are in a value.
pub(super) fn values(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(values).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(values).sum::<usize>(),
        _ => 1,
    }
}

/// In how many steps a pattern looks at one byte.
fn pattern_steps(pattern: &str) -> u64 {
    (pattern.len() as u64 / 4).max(1)
}

/// In how many steps of `weight` one value is checked at each depth. The first node is the root.
fn steps(nodes: &[Node], weight: impl Fn(&Node) -> u64) -> Result<Vec<u64>, String> {
    let order = in_order(nodes)?;
    let mut chains = vec![1; nodes.len()];
    for &index in &order {
        let longest = nodes[index].here.iter().map(|&applied| chains[applied]).max();
        chains[index] = 1 + longest.unwrap_or(0);
        if chains[index] > CHAIN {
            return Err(format!(
                "applies more than {CHAIN} schemas to one value, each by way of the one before ($ref, allOf and others); make the chain shorter"
            ));
        }
    }
    let mut steps = Vec::new();
    let mut above = vec![0; nodes.len()];
    for depth in 0..DEPTH {
        // A value is either of them, and only one sort of schemas goes into it.
        let objects = at_depth(nodes, &order, depth, &above, &weight, |node| &node.members);
        let arrays = at_depth(nodes, &order, depth, &above, &weight, |node| &node.elements);
        above = objects
            .into_iter()
            .zip(arrays)
            .map(|(object, array)| object.max(array))
            .collect();
        if above.iter().all(|steps| *steps == 0) {
            break;
        }
        let root = above.first().copied().unwrap_or(0);
        if root > EXPANSION && depth <= SHALLOW {
            return Err(format!(
                "expands to more than {EXPANSION} steps for one value when its references are followed; refer to the same schema less often"
            ));
        }
        steps.push(root);
    }
    Ok(steps)
}

/// In how many steps each schema has one value checked that is `depth` levels inside the value that it is applied to.
fn at_depth(
    nodes: &[Node],
    order: &[usize],
    depth: usize,
    above: &[u64],
    weight: &impl Fn(&Node) -> u64,
    below: impl Fn(&Node) -> &[Vec<usize>],
) -> Vec<u64> {
    let mut at = vec![0_u64; nodes.len()];
    for &index in order {
        let node = &nodes[index];
        let here = node.here.iter().map(|&applied| at[applied]);
        let here = here.fold(0, u64::saturating_add).saturating_mul(node.repeats);
        let own = if depth == 0 {
            weight(node)
        } else {
            let groups = below(node).iter();
            let groups = groups.filter_map(|group| group.iter().map(|&applied| above[applied]).max());
            groups.fold(0, u64::saturating_add)
        };
        at[index] = here.saturating_add(own);
    }
    at
}

/// The nodes, each after those that it applies to the same value.
fn in_order(nodes: &[Node]) -> Result<Vec<usize>, String> {
    let mut applied_by = vec![0_usize; nodes.len()];
    for &applied in nodes.iter().flat_map(|node| &node.here) {
        applied_by[applied] += 1;
    }
    let mut order: Vec<usize> = (0..nodes.len()).filter(|&index| applied_by[index] == 0).collect();
    let mut next = 0;
    while let Some(&index) = order.get(next) {
        next += 1;
        for &applied in &nodes[index].here {
            applied_by[applied] -= 1;
            if applied_by[applied] == 0 {
                order.push(applied);
            }
        }
    }
    if order.len() < nodes.len() {
        return Err(
            "refers to itself without going into the value, so that a check would never end".to_owned(),
        );
    }
    order.reverse();
    Ok(order)
}
