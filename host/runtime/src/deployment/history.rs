//! What was in service before, and the way back to it.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use super::status::{DrainingVersion, EarlierVersion, PastVersion};
use super::version::Version;
use crate::connector::Connector;

/// How many versions can be gone back to. Each keeps its compiled code in memory.
const EARLIER: usize = 2;
/// How many past versions, and how many marks, are remembered.
const REMEMBERED: usize = 20;

/// What was in service before.
#[derive(Default)]
pub(super) struct History {
    /// What can be gone back to, the latest last.
    earlier: Vec<Earlier>,
    /// Digests of what was rolled back, and why, the latest last: it isn't loaded again by itself.
    marks: VecDeque<(String, String)>,
    /// What was in service, the latest last.
    past: VecDeque<PastVersion>,
    /// Replaced, and perhaps still at work.
    draining: Vec<Weak<Version>>,
}

/// A version that can be gone back to.
struct Earlier {
    connector: Arc<Connector>,
    /// Whether it was in service for long enough, or from the start.
    proven: bool,
}

impl History {
    /// Keeps a version that can be gone back to.
    pub(super) fn keep(&mut self, connector: Arc<Connector>, proven: bool) {
        self.earlier.push(Earlier { connector, proven });
        if self.earlier.len() > EARLIER {
            // The one before is kept whatever it was, and else what has proven itself.
            let before = self.earlier.len() - 1;
            let unproven = self.earlier[..before].iter().position(|earlier| !earlier.proven);
            self.earlier.remove(unproven.unwrap_or(0));
        }
    }

    /// Takes the version to go back to, and whether it must be watched there.
    pub(super) fn take(&mut self) -> Option<(Arc<Connector>, bool)> {
        let Earlier { connector, proven } = self.earlier.pop()?;
        // What hasn't proven itself may be no better.
        Some((connector, !proven && !self.earlier.is_empty()))
    }

    /// Remembers that a version was rolled back, and why.
    pub(super) fn mark(&mut self, digest: &str, why: String) {
        self.unmark(digest);
        self.marks.push_back((digest.to_owned(), why));
        if self.marks.len() > REMEMBERED {
            self.marks.pop_front();
        }
    }

    /// Why a file of this digest was rolled back, if it was.
    pub(super) fn marked(&self, digest: &str) -> Option<&str> {
        let mark = self.marks.iter().find(|(marked, _)| marked == digest);
        mark.map(|(_, why)| why.as_str())
    }

    pub(super) fn unmark(&mut self, digest: &str) {
        self.marks.retain(|(marked, _)| marked != digest);
    }

    /// A version isn't in service any more.
    pub(super) fn ended(&mut self, version: &Arc<Version>, ended: &'static str, reason: Option<String>) {
        if self.past.len() == REMEMBERED {
            self.past.pop_front();
        }
        self.past.push_back(PastVersion {
            version: version.connector().manifest().version.clone(),
            digest: version.connector().digest().to_owned(),
            since: version.since_time,
            until: SystemTime::now(),
            ended,
            reason,
        });
        self.draining
            .retain(|version| version.upgrade().is_some_and(|version| version.in_flight() > 0));
        self.draining.push(Arc::downgrade(version));
    }

    pub(super) fn draining(&self) -> Vec<DrainingVersion> {
        let draining = self.draining.iter().filter_map(Weak::upgrade);
        let draining = draining.filter(|version| version.in_flight() > 0);
        draining
            .map(|version| DrainingVersion {
                version: version.connector().manifest().version.clone(),
                digest: version.connector().digest().to_owned(),
                calls: version.in_flight(),
            })
            .collect()
    }

    /// What can be gone back to, the latest first.
    pub(super) fn earlier(&self) -> Vec<EarlierVersion> {
        let earlier = self.earlier.iter().rev();
        earlier
            .map(|Earlier { connector, .. }| EarlierVersion {
                version: connector.manifest().version.clone(),
                digest: connector.digest().to_owned(),
            })
            .collect()
    }

    pub(super) fn past(&self) -> Vec<PastVersion> {
        self.past.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_mark_is_forgotten_first() {
        let mut history = History::default();
        history.mark("ff", "the first".to_owned());
        for number in 0..REMEMBERED - 1 {
            history.mark(&format!("{number:02}"), String::new());
        }
        history.mark("00", "again".to_owned());
        assert_eq!(history.marked("ff"), Some("the first"));
        history.mark("aa", "the last".to_owned());
        assert_eq!(history.marked("ff"), None);
        assert_eq!(history.marked("aa"), Some("the last"));
        assert_eq!(history.marked("00"), Some("again"));
    }
}
