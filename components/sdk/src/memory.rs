//! A store that lives as long as the instance, for hosts that have none that can be used.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::session::Store;

thread_local! {
    static MEMORY: RefCell<HashMap<String, Vec<u8>>> = RefCell::new(HashMap::new());
}

/// The memory of this instance.
pub(crate) struct Memory;

impl Store for Memory {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        MEMORY.with_borrow(|memory| memory.get(key).cloned())
    }

    fn set(&self, key: &str, value: Vec<u8>) {
        MEMORY.with_borrow_mut(|memory| memory.insert(key.to_owned(), value));
    }

    fn delete(&self, key: &str) {
        MEMORY.with_borrow_mut(|memory| memory.remove(key));
    }
}
