//! Walking a list operation that answers in pages.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;

use super::account::Account;
use super::input::Input;
use super::operation::{Call, invoke_text};
use crate::error::{Error, Kind};
use crate::manifest::{Advance, Paging};
use crate::pointer::{self, put};
use crate::trace::{CallId, CallRecord};

/// How many items a page has where the caller doesn't say.
const SIZE: u64 = 100;

/// The pages of a list, one call each.
///
/// The walk ends with an empty page, with a page that repeats the one before (a vendor that ignores paging), at the
/// total, where the vendor says that there is no more, and where a cursor ends it. A page with fewer items than asked
/// for doesn't end it: a vendor may cap the size. Nor does a total that is less than what was given already. A page
/// that was there before the last one ends the walk with a failure.
pub struct Pages {
    account: Arc<Account>,
    operation: String,
    input: Value,
    paging: Paging,
    /// How long each page may take. `None`: as the connection's limits say.
    deadline: Option<Duration>,
    given: u64,
    /// The id of the first page's call, where it was given.
    first: Option<CallId>,
    /// The call of the latest page.
    call: Option<CallId>,
    /// What happened in the latest of the calls that have ended.
    record: Option<Arc<CallRecord>>,
    /// Digest of the page before.
    last: Option<u64>,
    /// Digests of all pages.
    seen: HashSet<u64>,
    ended: bool,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages")
            .field("connection", &self.account.name)
            .field("operation", &self.operation)
            .field("given", &self.given)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl Pages {
    pub(crate) fn new(account: &Arc<Account>, operation: &str, input: &impl Input) -> Result<Self, Error> {
        let at = |error: Error| account.secrets.scrub_error(error.at(&account.name, operation));
        let mut input = input.value().map_err(at)?.into_owned();
        let connector = account.deployment.connector();
        let catalog = connector.catalog();
        let described = catalog.operation(operation).map_err(at)?;
        let paging = described.pages.clone().ok_or_else(|| {
            at(Error::usage(format!(
                "{operation} doesn't answer in pages, so it can't be walked; leave out --all, or all=true in the query"
            )))
        })?;
        if input.is_object() {
            let first = match &paging.advance {
                Advance::PageNumber { page, first } => Some((page, *first)),
                Advance::Offset { offset, first } => Some((offset, *first)),
                Advance::Cursors(_) | Advance::LastItem { .. } => None,
            };
            let places = first.map(|(place, first)| (place.as_str(), u64::from(first)));
            for (place, value) in places
                .into_iter()
                .chain(paging.size.as_deref().map(|size| (size, SIZE)))
            {
                if input.pointer(place).is_none() {
                    put(&mut input, place, value.into());
                }
            }
        }
        catalog.validate(operation, &input).map_err(at)?;
        Ok(Self {
            account: account.clone(),
            operation: operation.to_owned(),
            input,
            paging,
            deadline: None,
            given: 0,
            first: None,
            call: None,
            record: None,
            last: None,
            seen: HashSet::new(),
            ended: false,
        })
    }

    /// Gives each page this time in place of the connection's deadline.
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Gives the call of the first page this id. Those of the others have ids of their own.
    #[must_use]
    pub fn beginning_with(mut self, id: CallId) -> Self {
        self.first = Some(id);
        self
    }

    /// What happened in the latest of the calls that have ended.
    #[must_use]
    pub fn record(&self) -> Option<&CallRecord> {
        self.record.as_deref()
    }

    /// The call of the latest page: the one that is under way, or was given up, or else has ended.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        self.call
    }

    /// How many items were given so far.
    #[must_use]
    pub fn given(&self) -> u64 {
        self.given
    }

    /// The items of the next page; `None` after the last.
    ///
    /// # Errors
    ///
    /// Those of the operation, and [`Kind::MalformedResponse`] where the answer has no list or the vendor repeats
    /// an earlier page. No page follows an error.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>, Error> {
        let Some(items) = self.next_text().await? else {
            return Ok(None);
        };
        let built: Result<_, _> = items
            .iter()
            .map(|item| serde_json::from_str(item.get()))
            .collect();
        built.map(Some).map_err(|error| {
            self.ended = true;
            self.broken(format!("an item of the answer can't be built: {error}"))
        })
    }

    /// The items of the next page, as [`Pages::next`] gives them. Each is the text that the connector returned.
    ///
    /// # Errors
    ///
    /// Those of [`Pages::next`].
    pub async fn next_text(&mut self) -> Result<Option<Vec<Box<RawValue>>>, Error> {
        if self.ended {
            return Ok(None);
        }
        // Whatever goes wrong, the next page isn't known to follow this one.
        self.ended = true;
        let call = Call {
            id: self.first.take().unwrap_or_else(CallId::new),
            deadline: self.deadline,
            ..Call::new(&self.operation, &self.input)
        };
        self.call = Some(call.id);
        let called = invoke_text(&self.account, call).await;
        self.record = Some(called.record);
        let output = called.result?;
        let items = pointer::select(&output, &self.paging.items).and_then(pointer::items);
        let Some(items) = items else {
            return Err(self.broken(format!("the answer has no list at {:?}", self.paging.items)));
        };
        let page = digest(&items);
        if items.is_empty() || self.last == Some(page) {
            return Ok(None);
        }
        if !self.seen.insert(page) {
            return Err(self.broken(format!(
                "the vendor repeats an earlier page; {} items were given before it",
                self.given
            )));
        }
        self.last = Some(page);
        self.given += items.len() as u64;
        let total = self.paging.total.as_deref();
        let total = total.and_then(|total| number(&pointer::value(&output, total)?));
        let more = self.paging.more.as_deref();
        let more = more.and_then(|more| pointer::value(&output, more)?.as_bool());
        let complete = total == Some(self.given) || more == Some(false);
        self.ended = complete || !self.advance(&output, &items);
        Ok(Some(items.into_iter().map(ToOwned::to_owned).collect()))
    }

    /// Makes the input of the page after this one. Returns whether there is one.
    fn advance(&mut self, output: &RawValue, items: &[&RawValue]) -> bool {
        let input = &mut self.input;
        let mut add = |place: &str, first: u32, step: u64| {
            let number = input.pointer(place).and_then(number).unwrap_or(u64::from(first));
            put(input, place, number.saturating_add(step).into());
            true
        };
        match &self.paging.advance {
            Advance::PageNumber { page, first } => add(page, *first, 1),
            Advance::Offset { offset, first } => add(offset, *first, items.len() as u64),
            Advance::Cursors(cursors) => cursors.iter().all(|cursor| {
                let value = pointer::value(output, &cursor.output).filter(|value| !ends(value));
                value.is_some_and(|value| put(&mut self.input, &cursor.input, value))
            }),
            Advance::LastItem { item, input: place } => {
                let value = items.last().and_then(|last| pointer::value(last, item));
                value.is_some_and(|value| put(&mut self.input, place, value))
            }
        }
    }

    fn broken(&self, message: String) -> Error {
        Error::new(Kind::MalformedResponse, message)
            .at(&self.account.name, &self.operation)
            .sent(true)
    }
}

/// A number that a caller or a vendor may have given as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Whether a cursor ends the walk.
fn ends(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn digest(items: &[&RawValue]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for item in items {
        item.get().hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_ends_a_cursor() {
        for value in [json!(null), json!(""), json!(false)] {
            assert!(ends(&value), "{value}");
        }
        for value in [json!(0), json!("0"), json!(true), json!({})] {
            assert!(!ends(&value), "{value}");
        }
    }
}
