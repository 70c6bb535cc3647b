//! What the end-to-end tests run the binary against, and how they watch it.
//!
//! Here is an independent AWS ([`moto`]: somebody else's, with corrections), a
//! [`proxy`] before it that records, slows, throttles and breaks calls, a client
//! of AWS that is not ours ([`boto`]), a [`registry`] that is not ours with a [`front`] before it,
//! a [`site`] to be loaded, and a runner for the binary ([`setpoint`]).
//! Beside one stack of many services for measuring ([`many`]), any knowledge of
//! stacks, plans or kinds is absent. The tests have that.

pub mod boto;
pub mod call;
pub mod denial;
pub mod faults;
pub mod front;
mod listening;
pub mod many;
pub mod moto;
pub mod parts;
pub mod process;
pub mod proxy;
pub mod quotas;
pub mod record;
pub mod registry;
pub mod sandbox;
pub mod scenario;
pub mod setpoint;
pub mod site;
pub mod stack;
pub mod world;

pub use boto::{Boto, BotoError};
pub use call::Call;
pub use faults::{Fault, Matching};
pub use front::{Asked, Front, Trouble};
pub use proxy::Proxy;
pub use quotas::Quotas;
pub use record::Recording;
pub use registry::Registry;
pub use sandbox::Sandbox;
pub use scenario::Scenario;
pub use setpoint::{Outcome, Running, Setpoint};
pub use site::{Site, Visit};
pub use stack::Stack;
pub use world::World;
