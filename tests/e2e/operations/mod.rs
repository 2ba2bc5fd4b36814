//! Every operation of every connector.
//!
//! A vendor's file lists a case for each operation of the vendor's document. A connector without such a
//! list, or with an operation that no case covers, fails [`coverage`].

mod coverage;
mod dabei;
mod isearch_rpa;
mod jingkun_plan;
mod jingkun_workflow;
mod workorder;
