//! An AWS in memory, for what a stack of ECS on EC2 capacity needs.
//!
//! It speaks AWS's wire protocols and knows nothing of who calls. It is held to AWS's documented
//! behaviour: what AWS refuses, it refuses; what AWS fills in, it fills in; and what AWS does by
//! itself - booting instances, placing tasks, rolling services, moving counts - it does on its
//! clock.
//!
//! - [`World`] is plain values: everything there is, and what is due to happen when.
//! - [`service`] holds each service's actions and its part of the world.
//! - [`call`] is what an action is given and what it answers.

pub mod call;
pub mod client;
pub mod habits;
pub mod ids;
pub mod model;
pub mod quota;
pub mod server;
pub mod service;
pub mod store;
pub mod tasks;
pub mod time;
pub mod twin;
pub mod wire;
pub mod work;
pub mod world;

pub use call::{Action, Answer, Caller, Grant, Input, Refusal};
pub use client::Carrier;
pub use habits::Habits;
pub use time::Time;
pub use twin::{Fate, Heard, Twin};
pub use world::World;
