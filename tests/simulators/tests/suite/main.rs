//! The simulators over real connections.

#[cfg(test)]
mod client;
#[cfg(test)]
mod dabei;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod isearch_rpa_state;
#[cfg(test)]
mod isearch_rpa_strict;
#[cfg(test)]
mod plain;
