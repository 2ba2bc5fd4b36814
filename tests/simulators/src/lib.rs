//! Strict, stateful simulators of the vendors, written from the vendors' documents.
