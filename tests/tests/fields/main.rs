//! Each field of each kind: changed in the YAML, and changed behind our back.
//!
//! A table has one resource for each of its rows, so that a whole table is one stack: one plan shows
//! for each resource what its row says, and nothing else at all.

mod additions;
mod capacity;
mod clusters;
mod containers;
mod foundations;
mod groups;
mod identities;
mod networks;
mod revisions;
mod row;
mod scaling;
mod services;
mod table;
mod templates;
