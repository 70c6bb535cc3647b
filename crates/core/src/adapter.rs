//! What an adapter promises: to read and to write one kind of resource.

use crate::{Handle, Name, Resource};
use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    future::Future,
};

/// What AWS shows of one resource.
#[derive(Clone, Debug)]
pub struct Observed<R> {
    /// The part of it that we manage.
    pub resource: R,
    /// What AWS calls it.
    pub handle: Handle<R>,
    /// Whose it is.
    pub owner: Owner,
    /// Whether AWS has finished acting on it.
    pub status: Status,
    /// How many tasks or instances run on it now.
    pub running: u64,
    /// Whether part of it was read from an index that may lag behind the resource itself.
    pub indexed: bool,
}

impl<R> Observed<R> {
    /// A resource that is ready, with nothing running on it, read directly.
    pub fn new(resource: R, handle: impl Into<String>, owner: Owner) -> Self {
        Observed {
            resource,
            handle: Handle::new(handle),
            owner,
            status: Status::Ready,
            running: 0,
            indexed: false,
        }
    }
}

/// Whose a resource is, by its tags or its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This stack's.
    Ours,
    /// Another stack's, by name.
    Stack(String),
    /// Nobody's that this tool knows.
    Nobody,
}

/// Whether AWS has finished acting on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is as it shows.
    Ready,
    /// AWS is still at work on it; the text says on what.
    Settling(String),
    /// AWS gave up on it; the text says why.
    Failed(String),
    /// It is going away, and its name is not free yet; the text says what holds it.
    Leaving(String),
}

/// How a read may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// From an index or from what this run has read already, where that saves calls.
    Indexed,
    /// From the resource itself, now.
    Direct,
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed")]
pub struct AdapterError {
    /// The call, as IAM names it: `ecs:CreateService`.
    pub operation: String,
    /// What the engine may do about it.
    pub kind: ErrorKind,
    /// What AWS, or the way there, said.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

/// What a failed call means to the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was to be created is there already.
    Exists,
    /// What it was about is not there.
    Absent,
    /// AWS will accept it later; the text says what it waits for.
    NotYet(String),
    /// It is not known whether the call had its effect, or AWS asks to try again.
    Unsure,
    /// AWS refuses it, and trying again will not help.
    Refused,
}

/// The result of a call.
pub type Result<T> = std::result::Result<T, AdapterError>;

/// Reads and writes one kind of resource.
///
/// Every method may be called again after it succeeded, and after it failed half-way: `create` on
/// what exists answers [`ErrorKind::Exists`], and the engine then looks again and updates what is
/// ours. An adapter knows no other adapter, no order, no timeout and no plan.
pub trait Adapter: Send + Sync + 'static {
    /// The kind of resource.
    type Resource: Resource;

    /// Names the resources of this kind that the stack owns.
    fn list(&self) -> impl Future<Output = Result<BTreeSet<Name>>> + Send;

    /// Shows those of `names` that exist, in as few calls as the API allows.
    fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> impl Future<Output = Result<BTreeMap<Name, Observed<Self::Resource>>>> + Send;

    /// Returns what AWS calls the new resource, once AWS has accepted it.
    fn create(
        &self,
        name: &Name,
        desired: &Self::Resource,
    ) -> impl Future<Output = Result<Handle<Self::Resource>>> + Send;

    /// Writes only what differs between the two, and marks as ours what was not.
    fn update(
        &self,
        name: &Name,
        desired: &Self::Resource,
        observed: &Observed<Self::Resource>,
    ) -> impl Future<Output = Result<Handle<Self::Resource>>> + Send;

    /// Returns once AWS has accepted the deletion; `observe` tells when it is gone.
    fn delete(
        &self,
        name: &Name,
        observed: &Observed<Self::Resource>,
    ) -> impl Future<Output = Result<()>> + Send;
}
