//! The search, and what it has found.

use std::collections::HashMap;

use serde::Serialize;

use super::hits::{Hits, Matched, Place};
use super::query::Query;
use crate::connector::catalog::Catalog;
use crate::error::Kind;
use crate::manifest::{Effect, Operation, VendorCode};

/// How many operations are given, and how many codes.
const RESULTS: usize = 100;

/// An operation that was found.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct OperationMatch {
    /// The connection or the connector that has it.
    pub target: String,
    /// Its id.
    pub id: String,
    /// The vendor's name for it.
    pub title: String,
    /// One line.
    pub summary: String,
    /// What it does at the vendor.
    pub effect: Effect,
    /// Where the words were found, at most five places.
    pub matched: Vec<Matched>,
    #[serde(skip)]
    score: u32,
}

/// One of a vendor's codes that was found.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CodeMatch {
    /// The connection or the connector whose vendor has it.
    pub target: String,
    /// The code.
    pub code: String,
    /// What the vendor says of it.
    pub meaning: String,
    /// The failure that it leads to.
    pub kind: Kind,
}

/// What a search has found.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct SearchResults {
    /// The operations, the best first; at most 100.
    pub operations: Vec<OperationMatch>,
    /// The vendors' codes; at most 100.
    pub codes: Vec<CodeMatch>,
    /// How many operations and codes were found besides.
    pub more: usize,
}

/// Searches the operations and codes of these connections and connectors.
///
/// Ids, titles, summaries, routes and descriptions of operations, names, titles and descriptions of their fields, and
/// codes with their meanings are looked at.
#[must_use]
pub fn search<'a>(query: &Query, targets: impl IntoIterator<Item = (&'a str, &'a Catalog)>) -> SearchResults {
    let mut results = SearchResults::default();
    // Connections share connectors.
    let mut searched: HashMap<*const Catalog, SearchResults> = HashMap::new();
    for (target, catalog) in targets {
        let found = searched
            .entry(std::ptr::from_ref(catalog))
            .or_insert_with(|| search_one(query, catalog));
        results.more += found.more;
        results
            .operations
            .extend(found.operations.iter().cloned().map(|found| OperationMatch {
                target: target.to_owned(),
                ..found
            }));
        results
            .codes
            .extend(found.codes.iter().cloned().map(|found| CodeMatch {
                target: target.to_owned(),
                ..found
            }));
        results.keep_best();
    }
    results
}

impl SearchResults {
    fn keep_best(&mut self) {
        // Those that are equal stay in the order of their targets and manifests.
        self.operations
            .sort_by_key(|found| std::cmp::Reverse(found.score));
        self.more += self.operations.len().saturating_sub(RESULTS) + self.codes.len().saturating_sub(RESULTS);
        self.operations.truncate(RESULTS);
        self.codes.truncate(RESULTS);
    }
}

fn search_one(query: &Query, catalog: &Catalog) -> SearchResults {
    let manifest = catalog.manifest();
    let operations = manifest.operations.iter();
    let codes = manifest.codes.iter();
    let mut results = SearchResults {
        operations: operations
            .filter_map(|operation| operation_match(query, operation))
            .collect(),
        codes: codes.filter_map(|code| code_match(query, code)).collect(),
        more: 0,
    };
    results.keep_best();
    results
}

fn code_match(query: &Query, code: &VendorCode) -> Option<CodeMatch> {
    let text = format!("{} {}", code.code, code.meaning).to_lowercase();
    let found = query.words.iter().all(|word| text.contains(word));
    found.then(|| CodeMatch {
        target: String::new(),
        code: code.code.clone(),
        meaning: code.meaning.clone(),
        kind: code.kind,
    })
}

fn operation_match(query: &Query, operation: &Operation) -> Option<OperationMatch> {
    let mut hits = Hits::new(query);
    let route = operation.route.as_ref();
    let route = route
        .map(|route| format!("{} {}", route.method, route.path))
        .unwrap_or_default();
    hits.look(Place::Id, None, &operation.id);
    hits.look(Place::Title, None, &operation.title);
    hits.look(Place::Summary, None, &operation.summary);
    hits.look(Place::Route, None, &route);
    hits.look(Place::Description, None, &operation.description);
    hits.look_into(&operation.input_schema, Place::Input, Place::InputDescription);
    hits.look_into(&operation.output_schema, Place::Output, Place::OutputDescription);
    Some(OperationMatch {
        target: String::new(),
        id: operation.id.clone(),
        title: operation.title.clone(),
        summary: operation.summary.clone(),
        effect: operation.effect,
        score: hits.score()?,
        matched: hits.places(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::{Manifest, Route};

    fn catalog() -> Catalog {
        let schema = || json!({ "type": "object" });
        let mut transfer = Operation::new(
            "task.transfer",
            Effect::Write,
            json!({
                "type": "object",
                "properties": {
                    "taskId": { "type": "string", "title": "任务ID" },
                    "to": { "type": "object", "properties": { "userId": { "title": "转办人", "description": "Who gets it." } } },
                },
            }),
            json!({ "items": { "properties": { "state": { "title": "状态" } } } }),
        );
        transfer.title = "转办任务".to_owned();
        transfer.summary = "Hand a task over to another user".to_owned();
        transfer.route = Some(Route::new("POST", "/workflow/task/delegate"));
        let mut list = Operation::new("task.list", Effect::Read, schema(), schema());
        list.title = "待办任务".to_owned();
        list.description = format!(
            "{} Who hands over, sees the task no more. {}",
            "a ".repeat(100),
            "z ".repeat(100)
        );
        let mut manifest = Manifest {
            id: "some".to_owned(),
            operations: vec![list, transfer],
            ..Manifest::default()
        };
        manifest
            .codes
            .push(VendorCode::new("4001", "没有权限", Kind::Rejected));
        Catalog::new(manifest).unwrap()
    }

    fn found(text: &str) -> SearchResults {
        search(&Query::new(text).unwrap(), [("desk", &catalog())])
    }

    fn ids(text: &str) -> Vec<String> {
        found(text).operations.into_iter().map(|found| found.id).collect()
    }

    #[test]
    fn every_word_is_found_in_any_language_and_case() {
        for (text, expected) in [
            ("转办", &["task.transfer"][..]),
            ("TASK", &["task.list", "task.transfer"]),
            ("任务", &["task.list", "task.transfer"]),
            ("task 转办", &["task.transfer"]),
            ("delegate", &["task.transfer"]),
            ("userid", &["task.transfer"]),
            ("状态", &["task.transfer"]),
            ("over", &["task.transfer", "task.list"]),
            ("task nowhere", &[]),
        ] {
            assert_eq!(ids(text), expected, "{text}");
        }
    }

    #[test]
    fn what_was_found_says_where() {
        let [found] = found("转办人 hand").operations.try_into().unwrap();
        assert_eq!(
            json!(found),
            json!({
                "target": "desk",
                "id": "task.transfer",
                "title": "转办任务",
                "summary": "Hand a task over to another user",
                "effect": "write",
                "matched": [
                    { "place": "summary", "text": "Hand a task over to another user" },
                    { "place": "input", "field": "to.userId", "text": "userId 转办人" },
                ],
            })
        );
        let long = self::found("sees").operations.remove(0).matched.remove(0).text;
        assert!(long.contains("over, sees the task") && long.len() < 200, "{long}");
    }

    #[test]
    fn codes_are_found_by_number_and_meaning() {
        for text in ["4001", "权限"] {
            let [code] = found(text).codes.try_into().unwrap();
            assert_eq!(
                (code.target.as_str(), code.code.as_str()),
                ("desk", "4001"),
                "{text}"
            );
        }
        assert!(found("task").codes.is_empty());
    }

    #[test]
    fn results_are_bounded() {
        let catalog = catalog();
        let names: Vec<String> = (0..80).map(|number| format!("c{number}")).collect();
        let targets = names.iter().map(|name| (name.as_str(), &catalog));
        let results = search(&Query::new("task").unwrap(), targets);
        assert_eq!((results.operations.len(), results.more), (100, 60));
    }
}
