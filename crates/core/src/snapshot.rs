//! What is: everything the stack owns, and everything it asks for, as AWS shows it.

use crate::{
    AdapterError, Adapters, Address, Desired, Freshness, Kind, Name,
    erased::{AnyAdapter, AnyObserved, Shown},
    plan,
};
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet};

/// What AWS shows of a stack.
#[derive(Clone, Default)]
pub struct Snapshot(pub(crate) BTreeMap<Address, AnyObserved>);

/// What could not be read.
#[derive(Debug, thiserror::Error)]
#[error("could not read {kind}")]
pub struct ObserveError {
    /// The kind whose adapter failed.
    pub kind: Kind,
    /// Why.
    #[source]
    pub source: AdapterError,
}

/// Reads what the stack owns and what it asks for, in batches, all kinds at once.
///
/// What an index says is believed only where it agrees with the spec: whatever would be changed on
/// its word is read again from the resource itself.
pub async fn observe(
    desired: &Desired,
    adapters: &Adapters,
) -> Result<Snapshot, Vec<ObserveError>> {
    let names = desired.names();
    let none = BTreeSet::new();
    let reads = adapters.kinds().map(|(kind, adapter)| {
        let asked = names.get(&kind).unwrap_or(&none);
        async move { (kind, read(adapter, asked).await) }
    });
    let mut snapshot = Snapshot::default();
    snapshot.take(join_all(reads).await)?;
    snapshot.confirm(desired, adapters).await?;
    Ok(snapshot)
}

/// Reads the names asked for while listing the owned ones, then those of the list not asked for.
async fn read(adapter: &dyn AnyAdapter, asked: &BTreeSet<Name>) -> crate::Result<Shown> {
    let (listed, shown) = futures::join!(adapter.list(), look(adapter, asked, Freshness::Indexed));
    let (listed, mut shown) = (listed?, shown?);
    let others: BTreeSet<Name> = listed.difference(asked).cloned().collect();
    shown.extend(look(adapter, &others, Freshness::Indexed).await?);
    Ok(shown)
}

/// Observes `names`, without a call if there are none.
pub(crate) async fn look(
    adapter: &dyn AnyAdapter,
    names: &BTreeSet<Name>,
    freshness: Freshness,
) -> crate::Result<Shown> {
    match names.is_empty() {
        true => Ok(Shown::new()),
        false => adapter.observe(names, freshness).await,
    }
}

impl Snapshot {
    fn take(&mut self, reads: Vec<(Kind, crate::Result<Shown>)>) -> Result<(), Vec<ObserveError>> {
        let mut errors = Vec::new();
        for (kind, result) in reads {
            match result {
                Ok(shown) => self.0.extend(
                    shown
                        .into_iter()
                        .map(|(name, it)| (Address { kind, name }, it)),
                ),
                Err(source) => errors.push(ObserveError { kind, source }),
            }
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(errors),
        }
    }

    /// Reads again what would be changed or refused on the word of an index, until nothing is.
    async fn confirm(
        &mut self,
        desired: &Desired,
        adapters: &Adapters,
    ) -> Result<(), Vec<ObserveError>> {
        let mut confirmed = BTreeSet::new();
        loop {
            // What one read shows may change what another index's word leads to.
            let doubtful = self.doubtful(desired, &confirmed);
            if doubtful.is_empty() {
                return Ok(());
            }
            self.read_again(&doubtful, adapters).await?;
            confirmed.extend(doubtful);
        }
    }

    /// What a plan from this snapshot rests on and an index only says.
    fn doubtful(&self, desired: &Desired, confirmed: &BTreeSet<Address>) -> BTreeSet<Address> {
        let mut rests_on = match plan(desired, self) {
            Ok(plan) => plan.changes.into_iter().map(|it| it.address).collect(),
            Err(errors) => errors.fixed(),
        };
        rests_on.retain(|it| {
            let indexed = self.0.get(it).is_some_and(|it| it.indexed);
            indexed && !confirmed.contains(it)
        });
        rests_on
    }

    async fn read_again(
        &mut self,
        addresses: &BTreeSet<Address>,
        adapters: &Adapters,
    ) -> Result<(), Vec<ObserveError>> {
        let mut doubtful: BTreeMap<Kind, BTreeSet<Name>> = BTreeMap::new();
        for address in addresses {
            let Address { kind, name } = address.clone();
            self.0.remove(address);
            doubtful.entry(kind).or_default().insert(name);
        }
        let reads = doubtful.iter().map(|(kind, names)| async move {
            let shown = look(adapters.of(*kind), names, Freshness::Direct).await;
            (*kind, shown)
        });
        self.take(join_all(reads).await)
    }
}
