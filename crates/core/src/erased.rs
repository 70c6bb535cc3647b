//! The typed edge meets the untyped engine here and nowhere else.

use crate::{
    Adapter, AnyLink, Freshness, Handle, Kind, Name, Observed, Owner, Path, Resource, Result,
    Status, field::masked,
};
use futures::future::{BoxFuture, FutureExt};
use serde_json::Value;
use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
};

pub(crate) trait AnyResource: Send + Sync {
    fn boxed(&self) -> Box<dyn AnyResource>;
    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink));
    fn inherit(&mut self, observed: &dyn AnyResource);
    fn equals(&self, other: &dyn AnyResource) -> bool;
    fn fixed(&self, observed: &dyn AnyResource) -> Option<&'static str>;
    fn republishes(&self, observed: &dyn AnyResource) -> bool;
    fn effect(&self, before: Option<(&dyn AnyResource, u64)>) -> Option<String>;
    fn sensitive(&self, path: &Path) -> bool;
    fn value(&self) -> Value;
    fn any(&self) -> &dyn Any;
}

fn typed<R: Resource>(resource: &dyn AnyResource) -> &R {
    resource
        .any()
        .downcast_ref()
        .expect("an address names one kind")
}

impl<R: Resource> AnyResource for R {
    fn boxed(&self) -> Box<dyn AnyResource> {
        Box::new(self.clone())
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        Resource::links(self, visit)
    }

    fn inherit(&mut self, observed: &dyn AnyResource) {
        Resource::inherit(self, typed(observed))
    }

    fn equals(&self, other: &dyn AnyResource) -> bool {
        self == typed::<R>(other)
    }

    fn fixed(&self, observed: &dyn AnyResource) -> Option<&'static str> {
        Resource::fixed(self, typed(observed))
    }

    fn republishes(&self, observed: &dyn AnyResource) -> bool {
        Resource::republishes(self, typed(observed))
    }

    fn effect(&self, before: Option<(&dyn AnyResource, u64)>) -> Option<String> {
        Resource::effect(self, before.map(|(it, running)| (typed(it), running)))
    }

    fn sensitive(&self, path: &Path) -> bool {
        Resource::sensitive(self, path)
    }

    fn value(&self) -> Value {
        serde_json::to_value(self).expect("resources are plain data with text for keys")
    }

    fn any(&self) -> &dyn Any {
        self
    }
}

impl dyn AnyResource + '_ {
    /// This value with what it leaves to others taken from `observed`.
    pub(crate) fn resolved(&self, observed: &dyn AnyResource) -> Box<dyn AnyResource> {
        let mut resolved = self.boxed();
        resolved.inherit(observed);
        resolved
    }

    /// Whether AWS already shows what this asks for. The only such test there is.
    pub(crate) fn is_met_by(&self, observed: &dyn AnyResource) -> bool {
        self.resolved(observed).equals(observed)
    }

    /// The serialized form with what is sensitive hidden.
    pub(crate) fn shown(&self) -> Value {
        masked(&self.value(), &Path::default(), &|path| {
            self.sensitive(path)
        })
    }
}

impl Clone for Box<dyn AnyResource> {
    fn clone(&self) -> Self {
        (**self).boxed()
    }
}

#[derive(Clone)]
pub(crate) struct AnyObserved {
    pub(crate) resource: Box<dyn AnyResource>,
    pub(crate) handle: String,
    pub(crate) owner: Owner,
    pub(crate) status: Status,
    pub(crate) running: u64,
    pub(crate) indexed: bool,
}

impl<R: Resource> From<Observed<R>> for AnyObserved {
    fn from(it: Observed<R>) -> Self {
        AnyObserved {
            handle: it.handle.as_str().to_owned(),
            owner: it.owner,
            status: it.status,
            running: it.running,
            indexed: it.indexed,
            resource: Box::new(it.resource),
        }
    }
}

impl AnyObserved {
    fn typed<R: Resource>(&self) -> Observed<R> {
        Observed {
            resource: typed::<R>(&*self.resource).clone(),
            handle: Handle::new(&*self.handle),
            owner: self.owner.clone(),
            status: self.status.clone(),
            running: self.running,
            indexed: self.indexed,
        }
    }
}

pub(crate) type Shown = BTreeMap<Name, AnyObserved>;

pub(crate) trait AnyAdapter: Send + Sync {
    fn list(&self) -> BoxFuture<'_, Result<BTreeSet<Name>>>;
    fn observe<'a>(
        &'a self,
        names: &'a BTreeSet<Name>,
        freshness: Freshness,
    ) -> BoxFuture<'a, Result<Shown>>;
    fn create<'a>(
        &'a self,
        name: &'a Name,
        desired: &'a dyn AnyResource,
    ) -> BoxFuture<'a, Result<String>>;
    fn update<'a>(
        &'a self,
        name: &'a Name,
        desired: &'a dyn AnyResource,
        observed: &'a AnyObserved,
    ) -> BoxFuture<'a, Result<String>>;
    fn delete<'a>(&'a self, name: &'a Name, observed: &'a AnyObserved)
    -> BoxFuture<'a, Result<()>>;
}

impl<A: Adapter> AnyAdapter for A {
    fn list(&self) -> BoxFuture<'_, Result<BTreeSet<Name>>> {
        Adapter::list(self).boxed()
    }

    fn observe<'a>(
        &'a self,
        names: &'a BTreeSet<Name>,
        freshness: Freshness,
    ) -> BoxFuture<'a, Result<Shown>> {
        async move {
            let shown = Adapter::observe(self, names, freshness).await?;
            Ok(shown
                .into_iter()
                .map(|(name, it)| (name, it.into()))
                .collect())
        }
        .boxed()
    }

    fn create<'a>(
        &'a self,
        name: &'a Name,
        desired: &'a dyn AnyResource,
    ) -> BoxFuture<'a, Result<String>> {
        async move {
            let handle = Adapter::create(self, name, typed(desired)).await?;
            Ok(handle.as_str().to_owned())
        }
        .boxed()
    }

    fn update<'a>(
        &'a self,
        name: &'a Name,
        desired: &'a dyn AnyResource,
        observed: &'a AnyObserved,
    ) -> BoxFuture<'a, Result<String>> {
        async move {
            let handle = Adapter::update(self, name, typed(desired), &observed.typed()).await?;
            Ok(handle.as_str().to_owned())
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        name: &'a Name,
        observed: &'a AnyObserved,
    ) -> BoxFuture<'a, Result<()>> {
        async move { Adapter::delete(self, name, &observed.typed()).await }.boxed()
    }
}

/// One adapter for each kind.
#[derive(Default)]
pub struct Adapters(BTreeMap<Kind, Box<dyn AnyAdapter>>);

impl Adapters {
    /// These adapters and one more.
    pub fn with<A: Adapter>(mut self, adapter: A) -> Self {
        self.0.insert(A::Resource::KIND, Box::new(adapter));
        self
    }

    pub(crate) fn of(&self, kind: Kind) -> &dyn AnyAdapter {
        self.0
            .get(&kind)
            .map(|it| &**it)
            .unwrap_or_else(|| panic!("no adapter was given for the kind {kind}"))
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = (Kind, &dyn AnyAdapter)> {
        self.0.iter().map(|(kind, adapter)| (*kind, &**adapter))
    }
}

impl std::fmt::Debug for crate::Desired {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let managed = self.managed.iter();
        let shown = managed.map(|(address, it)| (address.to_string(), it.shown().to_string()));
        f.debug_map().entries(shown).finish()
    }
}
