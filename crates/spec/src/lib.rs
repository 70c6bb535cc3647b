//! The kinds of resource, and the stack a user writes.
//!
//! A [`Stack`] is parsed from text and turned into a [`setpoint_core::Desired`]. What is absent
//! here: the AWS SDK, anything asynchronous, and any reading or writing of files.

pub mod document;
pub mod kind;
mod linked;
pub mod policy;
pub mod problem;
mod schema;
pub mod source;
mod stack;

pub use linked::{Linked, Slot, Target};
pub use problem::{Code, Edit, Fix, Place, Problem, Severity, Span};
pub use schema::schema;
pub use source::{File, Source, Step, Variables, edited};
pub use stack::{Stack, WrittenLimits, WrittenLoad, WrittenRehearsal};
