use serde::Serialize;
use setpoint_core::{Kind, Resource};

/// A VPC the stack uses and does not own. Its handle is its id.
///
/// Its name says how it is found: `default`, an id, or `tag:<key>=<value>`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Vpc {}

impl Resource for Vpc {
    const KIND: Kind = Kind("vpc");
}

/// Subnets the stack uses and does not own. Their handle is their ids in order, joined by commas.
///
/// Their name says how they are found: `default` for the default subnets of the default VPC, ids
/// joined by commas, or `tag:<key>=<value>`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Subnets {}

impl Resource for Subnets {
    const KIND: Kind = Kind("subnets");
}
