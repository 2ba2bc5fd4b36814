//! A store that lives as long as the instance, for hosts that have none that can be used.

use std::cell::RefCell;

use crate::session::Store;

thread_local! {
    static MEMORY: RefCell<Vec<(String, Vec<u8>)>> = const { RefCell::new(Vec::new()) };
}

/// The memory of this instance.
pub(crate) struct Memory;

impl Store for Memory {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        MEMORY.with_borrow(|memory| {
            let (_, value) = memory.iter().find(|(known, _)| known == key)?;
            Some(value.clone())
        })
    }

    fn set(&self, key: &str, value: Vec<u8>) {
        self.delete(key);
        MEMORY.with_borrow_mut(|memory| memory.push((key.to_owned(), value)));
    }

    fn delete(&self, key: &str) {
        MEMORY.with_borrow_mut(|memory| memory.retain(|(known, _)| known != key));
    }
}
