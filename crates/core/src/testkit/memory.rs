//! What is kept of one kind, and the hand that moves it behind the engine's back.

use super::Account;
use crate::{Address, Kind, Name, Observed, Owner, Resource, Status};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

/// Keeps the resources of one kind. A clone is the same adapter.
pub struct Memory<R> {
    pub(super) account: Account,
    pub(super) manners: Manners<R>,
    kept: Arc<Mutex<Kept<R>>>,
}

/// How AWS treats this kind.
pub(super) struct Manners<R> {
    habit: fn(&mut R),
    running: fn(&R) -> u64,
    settling: u32,
    pub(super) leaving: u32,
    lag: u32,
    pub(super) indexed: bool,
}

pub(super) struct Kept<R> {
    pub(super) records: BTreeMap<Name, Record<R>>,
    /// What lagging reads still show, and for how many looks.
    past: BTreeMap<Name, (u32, Option<Record<R>>)>,
    pub(super) index: BTreeMap<Name, Observed<R>>,
    doomed: BTreeMap<Name, String>,
    /// What each name was last shown as. Writes start from there.
    pub(super) shown: BTreeMap<Name, (R, String)>,
    /// How many versions each name has had. A name that comes back goes on counting.
    versions: BTreeMap<Name, u32>,
}

#[derive(Clone)]
pub(super) struct Record<R> {
    pub(super) resource: R,
    pub(super) handle: String,
    pub(super) owner: Owner,
    settling: u32,
    pub(super) leaving: Option<u32>,
}

impl<R: Resource> Clone for Memory<R> {
    fn clone(&self) -> Self {
        Memory {
            account: self.account.clone(),
            manners: Manners { ..self.manners },
            kept: self.kept.clone(),
        }
    }
}

impl<R: Resource> Memory<R> {
    pub(super) fn new(account: Account) -> Self {
        Memory {
            account,
            manners: Manners {
                habit: |_| (),
                running: |_| 0,
                settling: 0,
                leaving: 0,
                lag: 0,
                indexed: false,
            },
            kept: Arc::new(Mutex::new(Kept {
                records: BTreeMap::new(),
                past: BTreeMap::new(),
                index: BTreeMap::new(),
                doomed: BTreeMap::new(),
                shown: BTreeMap::new(),
                versions: BTreeMap::new(),
            })),
        }
    }

    /// Changes what is written the way AWS would, for example by choosing what was left out.
    pub fn with_habit(mut self, habit: fn(&mut R)) -> Self {
        self.manners.habit = habit;
        self
    }

    /// Says how much runs on a resource.
    pub fn with_running(mut self, running: fn(&R) -> u64) -> Self {
        self.manners.running = running;
        self
    }

    /// Shows what was written as settling, for this many looks.
    pub fn settling_for(mut self, looks: u32) -> Self {
        self.manners.settling = looks;
        self
    }

    /// Shows what was deleted as leaving, for this many looks; until then its name is taken.
    pub fn leaving_for(mut self, looks: u32) -> Self {
        self.manners.leaving = looks;
        self
    }

    /// Shows what was before a write, for this many looks after it.
    pub fn lagging_for(mut self, looks: u32) -> Self {
        self.manners.lag = looks;
        self
    }

    /// Answers from an index, where that is allowed, as it was at the last [`Memory::reindex`].
    pub fn with_index(mut self) -> Self {
        self.manners.indexed = true;
        self
    }

    /// Brings the index up to date.
    pub fn reindex(&self) {
        let mut kept = self.kept();
        let names: Vec<Name> = kept.records.keys().cloned().collect();
        kept.index.clear();
        for name in names {
            let mut observed = self.observed(&kept, &name, &kept.records[&name]);
            observed.indexed = true;
            kept.index.insert(name, observed);
        }
    }

    /// What is there now.
    pub fn get(&self, name: &str) -> Option<R> {
        let kept = self.kept();
        kept.records.get(&name.into()).map(|it| it.resource.clone())
    }

    /// Everything that is there, with what AWS calls it and whose it is.
    pub fn all(&self) -> BTreeMap<Name, (R, String, Owner)> {
        let kept = self.kept();
        let record = |(name, it): (&Name, &Record<R>)| {
            let it = it.clone();
            (name.clone(), (it.resource, it.handle, it.owner))
        };
        kept.records.iter().map(record).collect()
    }

    /// Puts something there behind the engine's back.
    pub fn put(&self, name: &str, resource: R, owner: Owner) {
        self.write(&mut self.kept(), &name.into(), &resource, owner);
    }

    /// Changes something behind the engine's back.
    pub fn meddle(&self, name: &str, change: impl FnOnce(&mut R)) {
        let mut kept = self.kept();
        let record = kept.records.get_mut(&name.into());
        change(&mut record.expect("something to meddle with").resource);
    }

    /// Gives something to another owner behind the engine's back.
    pub fn give(&self, name: &str, owner: Owner) {
        let mut kept = self.kept();
        let record = kept.records.get_mut(&name.into());
        record.expect("something to give away").owner = owner;
    }

    /// Deletes something behind the engine's back, whatever links to it.
    pub fn remove(&self, name: &str) {
        self.erase(&mut self.kept(), &name.into());
    }

    /// Lets AWS give up on this name, now and whenever it is written.
    pub fn doom(&self, name: &str, reason: &str) {
        self.kept().doomed.insert(name.into(), reason.into());
    }

    /// Lets AWS succeed with every name again.
    pub fn redeem(&self) {
        self.kept().doomed.clear();
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Kept<R>> {
        self.kept.lock().expect("no call panics half-way")
    }

    fn address(name: &Name) -> Address {
        Address::new(R::KIND, name)
    }

    fn observed(&self, kept: &Kept<R>, name: &Name, record: &Record<R>) -> Observed<R> {
        let mut observed = Observed::new(
            record.resource.clone(),
            record.handle.clone(),
            record.owner.clone(),
        );
        observed.running = (self.manners.running)(&record.resource);
        observed.status = match (record.leaving, kept.doomed.get(name)) {
            (Some(_), None) => Status::Leaving("what runs on it to stop".into()),
            (Some(_), Some(reason)) => Status::Failed(reason.clone()),
            (None, _) if record.settling > 0 => Status::Settling("AWS to finish".into()),
            (None, Some(reason)) => Status::Failed(reason.clone()),
            (None, None) => Status::Ready,
        };
        observed
    }

    /// Keeps a resource under a new handle, or under the one it has if it publishes no version.
    pub(super) fn write(
        &self,
        kept: &mut Kept<R>,
        name: &Name,
        desired: &R,
        owner: Owner,
    ) -> String {
        let old = kept.records.get(name);
        let handle = match old {
            Some(old) if !desired.republishes(&old.resource) => old.handle.clone(),
            _ => {
                let version = kept.versions.entry(name.clone()).or_default();
                *version += 1;
                format!("aws:{}:{name}:{version}", R::KIND)
            }
        };
        let mut resource = desired.clone();
        (self.manners.habit)(&mut resource);
        let mut ledger = self.account.ledger();
        let at = (R::KIND, handle.clone());
        ledger.published.insert(at, Self::address(name));
        ledger.uses.insert(Self::address(name), links(desired));
        let record = Record {
            resource,
            handle: handle.clone(),
            owner,
            settling: self.manners.settling,
            leaving: None,
        };
        kept.records.insert(name.clone(), record);
        handle
    }

    pub(super) fn erase(&self, kept: &mut Kept<R>, name: &Name) {
        kept.records.remove(name);
        let mut ledger = self.account.ledger();
        let address = Self::address(name);
        ledger.published.retain(|_, it| *it != address);
        ledger.uses.remove(&address);
    }

    /// Keeps what was before a write for those reads that lag.
    pub(super) fn lag(&self, kept: &mut Kept<R>, name: &Name) {
        if self.manners.lag > 0 {
            let now = kept.records.get(name).cloned();
            let past = kept.past.entry(name.clone()).or_insert((0, now));
            past.0 = self.manners.lag;
        }
    }

    /// One look at one name: what it shows, and time going by.
    pub(super) fn look(&self, kept: &mut Kept<R>, name: &Name) -> Option<Observed<R>> {
        let record = match kept.past.remove(name) {
            Some((looks @ 1.., record)) => {
                kept.past.insert(name.clone(), (looks - 1, record.clone()));
                record
            }
            _ => {
                let record = kept.records.get(name).cloned();
                self.pass(kept, name);
                record.filter(|it| it.leaving != Some(0))
            }
        };
        let observed = record.map(|it| self.observed(kept, name, &it));
        match &observed {
            Some(it) => {
                let shown = (it.resource.clone(), it.handle.as_str().to_owned());
                kept.shown.insert(name.clone(), shown)
            }
            None => kept.shown.remove(name),
        };
        observed
    }

    pub(super) fn pass(&self, kept: &mut Kept<R>, name: &Name) {
        if let Some(record) = kept.records.get_mut(name) {
            record.settling = record.settling.saturating_sub(1);
            match &mut record.leaving {
                Some(0) => self.erase(kept, name),
                Some(looks) => *looks -= 1,
                None => {}
            }
        }
    }
}

/// What a resource links to.
pub(super) fn links<R: Resource>(resource: &R) -> BTreeSet<(Kind, String)> {
    let mut found = BTreeSet::new();
    resource.clone().links(&mut |link| {
        let (kind, handle) = link.holds().expect("an adapter is given filled links only");
        found.insert((kind, handle.to_owned()));
    });
    found
}
