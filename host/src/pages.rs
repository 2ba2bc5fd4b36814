//! Walking a list operation that answers in pages.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use crate::catalog;
use crate::connection::Connection;
use crate::error::{Error, Kind};

/// How many items a page has where the caller doesn't say.
const SIZE: u64 = 100;

/// The pages of a list, one call each.
///
/// The walk ends with an empty page, when the vendor's total is reached, or, where the vendor tells no
/// total, with a page that isn't full. With a total a page that isn't full doesn't end it: a vendor may
/// give fewer items than were asked for. A page that has been there already ends it with a failure.
#[derive(Debug)]
pub struct Pages {
    connection: Connection,
    operation: String,
    input: Value,
    how: catalog::Pages,
    number: u64,
    size: u64,
    given: u64,
    seen: HashSet<u64>,
    ended: bool,
}

impl Connection {
    /// Walks a list operation. The input may leave out page and size; a page in it is where the walk starts.
    pub fn pages(&self, operation: &str, mut input: Value) -> Result<Pages, Error> {
        let at = |error: Error| self.scrubbed(error.at(self.name(), operation));
        let connector = self.connector();
        let described = connector.catalog().operation(operation).map_err(at)?;
        let how = described.pages.clone().ok_or_else(|| {
            at(Error::usage(format!(
                "{operation} doesn't answer in pages; leave out --all"
            )))
        })?;
        if let Some(input) = input.as_object_mut() {
            input.entry(how.page.as_str()).or_insert_with(|| how.first.into());
            input.entry(how.size.as_str()).or_insert_with(|| SIZE.into());
        }
        self.connector()
            .catalog()
            .validate(operation, &input)
            .map_err(at)?;
        Ok(Pages {
            number: input[how.page.as_str()].as_u64().unwrap_or(u64::from(how.first)),
            size: input[how.size.as_str()].as_u64().unwrap_or(SIZE),
            connection: self.clone(),
            operation: operation.to_owned(),
            input,
            how,
            given: 0,
            seen: HashSet::new(),
            ended: false,
        })
    }
}

impl Pages {
    /// The items of the next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>, Error> {
        if self.ended {
            return Ok(None);
        }
        self.input[self.how.page.as_str()] = self.number.into();
        let output = self.connection.invoke(&self.operation, &self.input).await;
        // Whatever went wrong, the next page isn't known to follow this one.
        let mut output = output.inspect_err(|_| self.ended = true)?;
        let total = self
            .how
            .total
            .as_deref()
            .and_then(|total| output.pointer(total)?.as_u64());
        let Some(Value::Array(items)) = output.pointer_mut(&self.how.items).map(Value::take) else {
            self.ended = true;
            return Err(self.broken(format!("the answer has no list at {:?}", self.how.items)));
        };
        if items.is_empty() {
            self.ended = true;
            return Ok(None);
        }
        if !self.seen.insert(digest(&items)) {
            self.ended = true;
            return Err(self.broken(format!(
                "the vendor repeats a page: page {} has been there already; {} items were given before it",
                self.number, self.given
            )));
        }
        self.given += items.len() as u64;
        self.number += 1;
        self.ended = match total {
            Some(total) => self.given >= total,
            None => (items.len() as u64) < self.size,
        };
        Ok(Some(items))
    }

    fn broken(&self, message: String) -> Error {
        Error::new(Kind::MalformedResponse, message).at(self.connection.name(), &self.operation)
    }
}

fn digest(items: &[Value]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for item in items {
        item.to_string().hash(&mut hasher);
    }
    hasher.finish()
}
