//! Judging events together: what of a run is missing, doubled or out of order.

mod auditor;
mod chain;
mod line;
mod recent;
mod report;

pub use auditor::{Audit, Order};
pub use line::{Line, Lines};
pub use report::{ChainReport, Fault, Finding, Origins, Report};
