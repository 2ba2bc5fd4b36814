//! The simulators over real connections.

#[cfg(test)]
mod client;
#[cfg(test)]
mod dabei;
#[cfg(test)]
mod dabei_strict;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod http;
#[cfg(test)]
mod isearch_rpa_state;
#[cfg(test)]
mod isearch_rpa_strict;
#[cfg(test)]
mod jingkun_client;
#[cfg(test)]
mod jingkun_login;
#[cfg(test)]
mod jingkun_plan;
#[cfg(test)]
mod jingkun_workflow;
#[cfg(test)]
mod plain;
#[cfg(test)]
mod program;
#[cfg(test)]
mod workorder;
#[cfg(test)]
mod workorder_strict;
