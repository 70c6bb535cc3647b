//! What a stack asks for.

use crate::{Address, Kind, Name, Resource, erased::AnyResource};
use std::collections::{BTreeMap, BTreeSet};

/// Every resource a stack asks for, those it uses without owning them, and what it may take over.
#[derive(Clone, Default)]
pub struct Desired {
    pub(crate) managed: BTreeMap<Address, Box<dyn AnyResource>>,
    pub(crate) existing: BTreeSet<Address>,
    pub(crate) adopted: BTreeSet<Address>,
    pub(crate) suspected: BTreeSet<Address>,
}

impl Desired {
    /// Asks for `resource` under `name`.
    pub fn insert<R: Resource>(&mut self, name: &str, resource: R) {
        self.managed
            .insert(Address::new(R::KIND, name), Box::new(resource));
    }

    /// Uses what exists under `name` without owning it: it is read, and never written.
    pub fn use_existing(&mut self, kind: Kind, name: &str) {
        self.existing.insert(Address::new(kind, name));
    }

    /// Lets the plan take over what bears this address and is not the stack's.
    pub fn adopt(&mut self, address: Address) {
        self.adopted.insert(address);
    }

    /// Looks for what may be there under this address without asking for it: if it is there and is
    /// the stack's, it is deleted, whether or not a listing knows it.
    pub fn suspect(&mut self, address: Address) {
        self.suspected.insert(address);
    }

    /// Every address asked for.
    pub fn managed(&self) -> impl Iterator<Item = &Address> {
        self.managed.keys()
    }

    /// Every address asked for or used.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.managed.keys().chain(&self.existing)
    }

    /// The names asked for or used within each kind.
    pub(crate) fn names(&self) -> BTreeMap<Kind, BTreeSet<Name>> {
        let mut names: BTreeMap<Kind, BTreeSet<Name>> = BTreeMap::new();
        for address in self.addresses().chain(&self.suspected) {
            names
                .entry(address.kind)
                .or_default()
                .insert(address.name.clone());
        }
        names
    }
}
