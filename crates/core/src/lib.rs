//! Plan and apply, for any kind of resource.
//!
//! Desired values, a snapshot of what is, a plan of what to do and a report of what was done: four
//! values, each computed from the ones before. What is absent here: AWS, YAML, a terminal, and any
//! kind of resource by name. [`plan`] is pure; only [`observe`] reads and only [`apply`] writes.

mod adapter;
mod address;
mod apply;
mod desired;
mod erased;
mod field;
mod graph;
mod limits;
mod plan;
mod report;
mod resource;
mod settle;
mod snapshot;
#[cfg(feature = "testkit")]
pub mod testkit;
mod undo;

pub use adapter::{Adapter, AdapterError, ErrorKind, Freshness, Observed, Owner, Result, Status};
pub use address::{Address, Handle, Kind, Name};
pub use apply::apply;
pub use desired::Desired;
pub use erased::Adapters;
pub use field::{Field, MASK, Path, Segment, fields};
pub use limits::{Limits, Stop};
pub use plan::{Action, Change, Plan, PlanError, PlanErrors, check_links, plan};
pub use report::{ChangeError, Event, EventKind, Report};
pub use resource::{AnyLink, Link, Resource};
pub use snapshot::{ObserveError, Snapshot, observe};
