//! An AWS in memory, for tests of the engine and of whoever uses it.
//!
//! One adapter, [`Memory`], serves every kind, since what is desired and what is observed share a
//! type. It is strict: it refuses to delete what something links to and to link to what is not
//! there, makes nothing twice, and takes no write that starts from anything but what it last
//! showed. It keeps an account of every call, and fails those it is told to fail.

mod account;
mod adapter;
mod memory;

pub use account::{Account, At, Call, Fault, Operation};
pub use memory::Memory;
