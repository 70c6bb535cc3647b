//! The adapter: every call as AWS would take it, and its refusals.

use super::{
    Call, Memory, Operation,
    account::{Ledger, error},
    memory::{Kept, links},
};
use crate::{
    Adapter, AdapterError, ErrorKind, Freshness, Handle, Name, Observed, Owner, Resource, Result,
};
use std::collections::{BTreeMap, BTreeSet};

impl<R: Resource> Adapter for Memory<R> {
    type Resource = R;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let ours = || {
            let kept = self.kept();
            let ours = kept.records.iter().filter(|(name, it)| {
                let is_known = !self.manners.indexed || kept.index.contains_key(*name);
                it.owner == Owner::Ours && is_known
            });
            Ok(ours.map(|(name, _)| name.clone()).collect())
        };
        let call = Self::call(Operation::List, []);
        self.account.carry_out(call, ours).await
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<R>>> {
        let call = Self::call(Operation::Observe, names.iter().cloned());
        let shown = || {
            let mut kept = self.kept();
            let mut shown = BTreeMap::new();
            for name in names {
                let indexed = kept.index.get(name).cloned();
                let observed = match freshness {
                    Freshness::Indexed if self.manners.indexed && indexed.is_some() => indexed,
                    _ => self.look(&mut kept, name),
                };
                shown.extend(observed.map(|it| (name.clone(), it)));
            }
            Ok(shown)
        };
        self.account.carry_out(call, shown).await
    }

    async fn create(&self, name: &Name, desired: &R) -> Result<Handle<R>> {
        let call = Self::call(Operation::Create, [name.clone()]);
        let made = || {
            let mut kept = self.kept();
            match kept.records.get(name).map(|it| it.leaving) {
                None => {}
                Some(None) => return Err(error(&call, ErrorKind::Exists, "it exists")),
                Some(Some(_)) => {
                    self.pass(&mut kept, name);
                    let kind = ErrorKind::NotYet("the name to be free".into());
                    return Err(error(&call, kind, "it is still leaving"));
                }
            }
            Self::leads(&self.account.ledger(), &call, desired)?;
            self.lag(&mut kept, name);
            let handle = self.write(&mut kept, name, desired, Owner::Ours);
            Ok(Handle::new(handle))
        };
        self.account.carry_out(call.clone(), made).await
    }

    async fn update(&self, name: &Name, desired: &R, observed: &Observed<R>) -> Result<Handle<R>> {
        let call = Self::call(Operation::Update, [name.clone()]);
        let changed = || {
            let mut kept = self.kept();
            let record = kept.records.get(name).filter(|it| it.leaving.is_none());
            if record.is_none() {
                return Err(error(&call, ErrorKind::Absent, "there is no such thing"));
            }
            self.starts(&kept, &call, observed)?;
            Self::leads(&self.account.ledger(), &call, desired)?;
            self.lag(&mut kept, name);
            // What the spec leaves to AWS stays as AWS has it.
            let mut resolved = desired.clone();
            resolved.inherit(&kept.records[name].resource);
            let handle = self.write(&mut kept, name, &resolved, Owner::Ours);
            Ok(Handle::new(handle))
        };
        self.account.carry_out(call.clone(), changed).await
    }

    async fn delete(&self, name: &Name, observed: &Observed<R>) -> Result<()> {
        let call = Self::call(Operation::Delete, [name.clone()]);
        let deleted = || {
            let mut kept = self.kept();
            let Some(record) = kept.records.get(name).cloned() else {
                return Err(error(&call, ErrorKind::Absent, "there is no such thing"));
            };
            if record.leaving.is_some() {
                return Ok(());
            }
            self.starts(&kept, &call, observed)?;
            let at = (R::KIND, record.handle.clone());
            let user = {
                let ledger = self.account.ledger();
                let user = ledger.uses.iter().find(|(_, uses)| uses.contains(&at));
                user.map(|(user, _)| user.clone())
            };
            if let Some(user) = user {
                return Err(refuse(&call, &format!("{user} still links to it")));
            }
            self.lag(&mut kept, name);
            match self.manners.leaving {
                0 => self.erase(&mut kept, name),
                looks => {
                    let record = kept.records.get_mut(name).expect("it was just found");
                    record.leaving = Some(looks);
                }
            }
            Ok(())
        };
        self.account.carry_out(call.clone(), deleted).await
    }
}

impl<R: Resource> Memory<R> {
    fn call(operation: Operation, names: impl IntoIterator<Item = Name>) -> Call {
        Call {
            operation,
            kind: R::KIND,
            names: names.into_iter().collect(),
        }
    }

    /// Checks that a write starts from what was last shown.
    fn starts(&self, kept: &Kept<R>, call: &Call, observed: &Observed<R>) -> Result<()> {
        let from = (
            observed.resource.clone(),
            observed.handle.as_str().to_owned(),
        );
        match kept.shown.get(&call.names[0]) == Some(&from) {
            true => Ok(()),
            false => Err(refuse(call, "it starts from what was not last shown")),
        }
    }

    /// Checks that every link leads somewhere.
    fn leads(ledger: &Ledger, call: &Call, desired: &R) -> Result<()> {
        let links = links(desired);
        let lost = links.iter().find(|it| !ledger.published.contains_key(it));
        match lost {
            None => Ok(()),
            Some((kind, handle)) => Err(refuse(call, &format!("there is no {kind} {handle}"))),
        }
    }
}

fn refuse(call: &Call, why: &str) -> AdapterError {
    error(call, ErrorKind::Refused, why)
}
