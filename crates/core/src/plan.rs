//! What to do: the difference between what is asked and what is.

use crate::{
    Address, Desired, Field, Kind, MASK, Owner, Snapshot, Status,
    erased::{AnyObserved, AnyResource},
    field::{Path, fields},
    graph::{Needs, order},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What a change does to its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Makes it.
    Create,
    /// Changes it in place, or publishes a new version of it.
    Update,
    /// Takes over what exists under its name, and changes it where it differs.
    Adopt,
    /// Deletes it.
    Delete,
    /// Writes nothing: it is as asked, and AWS is still at work on it, or gave up.
    Await,
}

/// One step of a plan.
#[derive(Clone)]
pub struct Change {
    /// What it changes.
    pub address: Address,
    /// How.
    pub action: Action,
    /// The fields that differ, with what is sensitive hidden. Empty for a creation or a deletion.
    pub fields: Vec<Field>,
    /// What carrying it out does to what runs; of what is awaited, what AWS is at.
    pub effect: Option<String>,
    /// Whose it is now, if it is an adoption.
    pub owner: Option<Owner>,
    /// Whether it may be carried out: an adoption only with the user's word.
    pub granted: bool,
    /// The changes that come first.
    pub needs: BTreeSet<Address>,
    /// What the spec says, before it takes anything from what is there.
    pub(crate) asked: Option<Box<dyn AnyResource>>,
    pub(crate) before: Option<AnyObserved>,
}

impl Change {
    /// The whole document that a creation makes, with what is sensitive hidden.
    pub fn after(&self) -> Option<Value> {
        self.asked.as_ref().map(|it| it.shown())
    }

    /// The whole document that a deletion removes, with what is sensitive hidden.
    pub fn before(&self) -> Option<Value> {
        self.before.as_ref().map(|it| it.resource.shown())
    }

    /// The resources whose handles this change still waits to know.
    pub fn unknown(&self) -> BTreeSet<Address> {
        let mut unknown = BTreeSet::new();
        if let Some(mut asked) = self.asked.clone() {
            asked.links(&mut |link| unknown.extend(link.waits_for()));
        }
        unknown
    }

    /// What AWS calls what is there now.
    pub fn handle(&self) -> Option<&str> {
        self.before.as_ref().map(|it| it.handle.as_str())
    }
}

/// The changes that take AWS from a snapshot to the spec, each after those it needs.
#[derive(Clone, Default)]
pub struct Plan {
    /// The changes, in an order in which they could be carried out one by one.
    pub changes: Vec<Change>,
    /// What is as asked and not settled, as an interrupted run leaves it. Apply waits for it.
    pub awaited: Vec<Change>,
}

impl Plan {
    /// The plan without the changes of `kept`, and without waiting for them.
    pub fn without(mut self, kept: &BTreeSet<Address>) -> Plan {
        self.changes.retain(|it| !kept.contains(&it.address));
        self.awaited.retain(|it| !kept.contains(&it.address));
        for change in &mut self.changes {
            change.needs.retain(|it| !kept.contains(it));
        }
        self
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether there is nothing to write and nothing to wait for.
    pub fn is_settled(&self) -> bool {
        self.changes.is_empty() && self.awaited.is_empty()
    }
}

/// Why there can be no plan.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PlanError {
    /// A link leads nowhere.
    #[error("{from} links to {to}, which the stack does not declare")]
    UnknownLink {
        /// Where the link is.
        from: Address,
        /// Where it leads.
        to: Address,
    },
    /// What was said to exist does not.
    #[error("{0} is said to exist, and AWS shows no such thing")]
    Missing(Address),
    /// AWS cannot change a field in place.
    #[error(
        "AWS cannot change {field} of {address} in place: give it another name, and setpoint creates \
         that, moves what uses it, and then deletes this one"
    )]
    Fixed {
        /// Whose field.
        address: Address,
        /// Which field.
        field: &'static str,
    },
    /// Nothing in a circle can be made first.
    #[error("these link to one another in a circle: {}", join(.0))]
    Circle(Vec<Address>),
}

fn join(addresses: &[Address]) -> String {
    let mut texts: Vec<String> = addresses.iter().map(Address::to_string).collect();
    texts.extend(texts.first().cloned());
    texts.join(" → ")
}

/// Every reason why there can be no plan.
#[derive(Debug, PartialEq)]
pub struct PlanErrors(pub Vec<PlanError>);

impl fmt::Display for PlanErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(PlanError::to_string).collect();
        f.write_str(&texts.join("\n"))
    }
}

impl std::error::Error for PlanErrors {}

impl PlanErrors {
    /// Whose fixed field differs from what was shown of it.
    pub(crate) fn fixed(self) -> BTreeSet<Address> {
        let fixed = self.0.into_iter().filter_map(|it| match it {
            PlanError::Fixed { address, .. } => Some(address),
            _ => None,
        });
        fixed.collect()
    }
}

/// Plans without reading or writing anything.
pub fn plan(desired: &Desired, snapshot: &Snapshot) -> Result<Plan, PlanErrors> {
    let wanted = needs_of(desired)?;
    let mut errors: Vec<PlanError> = desired
        .existing
        .iter()
        .filter(|it| !snapshot.0.contains_key(it))
        .map(|it| PlanError::Missing(it.clone()))
        .collect();
    let ordered = order(&wanted).map_err(|circle| PlanErrors(vec![PlanError::Circle(circle)]))?;
    let mut changes = BTreeMap::new();
    let mut awaited = Vec::new();
    let mut handles: BTreeMap<Address, &str> = desired
        .existing
        .iter()
        .filter_map(|it| Some((it.clone(), snapshot.0.get(it)?.handle.as_str())))
        .collect();
    for address in ordered {
        let mut asked = desired.managed[&address].clone();
        fill(&mut *asked, &handles);
        let before = snapshot.0.get(&address).filter(|it| !is_leaving(it));
        let change = match before {
            None => Change::create(address.clone(), asked),
            Some(before) => {
                let resolved = asked.resolved(&*before.resource);
                if let Some(field) = resolved.fixed(&*before.resource) {
                    let address = address.clone();
                    errors.push(PlanError::Fixed { address, field });
                    continue;
                }
                let met = resolved.equals(&*before.resource);
                if met || !resolved.republishes(&*before.resource) {
                    handles.insert(address.clone(), &before.handle);
                }
                if met && before.owner == Owner::Ours {
                    awaited.extend(Change::wait(address, asked, before.clone()));
                    continue;
                }
                let granted = desired.adopted.contains(&address);
                Change::update(address.clone(), asked, &*resolved, before.clone(), granted)
            }
        };
        changes.insert(address, change);
    }
    for (address, before) in &snapshot.0 {
        let unwanted = !wanted.contains_key(address) && !desired.existing.contains(address);
        if unwanted && before.owner == Owner::Ours {
            changes.insert(
                address.clone(),
                Change::delete(address.clone(), before.clone()),
            );
        }
    }
    if !errors.is_empty() {
        return Err(PlanErrors(errors));
    }
    link_up(&mut changes, &wanted, snapshot);
    let needs = changes
        .iter()
        .map(|(address, change)| (address.clone(), change.needs.clone()))
        .collect();
    let ordered = order(&needs).map_err(|circle| PlanErrors(vec![PlanError::Circle(circle)]))?;
    let changes = ordered.iter().filter_map(|it| changes.remove(it)).collect();
    Ok(Plan { changes, awaited })
}

/// Checks that every link leads somewhere and that none leads in a circle.
pub fn check_links(desired: &Desired) -> Result<(), PlanErrors> {
    let wanted = needs_of(desired)?;
    match order(&wanted) {
        Ok(_) => Ok(()),
        Err(circle) => Err(PlanErrors(vec![PlanError::Circle(circle)])),
    }
}

fn is_leaving(observed: &AnyObserved) -> bool {
    matches!(observed.status, Status::Leaving(_))
}

/// Fills the links to what is there already.
fn fill(resource: &mut dyn AnyResource, handles: &BTreeMap<Address, &str>) {
    resource.links(&mut |link| {
        if let Some(handle) = link.waits_for().and_then(|it| handles.get(&it)) {
            link.fill(handle);
        }
    });
}

impl Change {
    fn create(address: Address, asked: Box<dyn AnyResource>) -> Change {
        Change {
            address,
            action: Action::Create,
            fields: Vec::new(),
            effect: asked.effect(None),
            owner: None,
            granted: true,
            needs: BTreeSet::new(),
            asked: Some(asked),
            before: None,
        }
    }

    fn update(
        address: Address,
        asked: Box<dyn AnyResource>,
        resolved: &dyn AnyResource,
        before: AnyObserved,
        granted: bool,
    ) -> Change {
        let ours = before.owner == Owner::Ours;
        Change {
            address,
            action: if ours { Action::Update } else { Action::Adopt },
            fields: shown_fields(&*before.resource, resolved),
            effect: resolved.effect(Some((&*before.resource, before.running))),
            owner: (!ours).then(|| before.owner.clone()),
            granted: ours || granted,
            needs: BTreeSet::new(),
            asked: Some(asked),
            before: Some(before),
        }
    }

    /// Waits for what is as asked, unless AWS has settled it.
    fn wait(address: Address, asked: Box<dyn AnyResource>, before: AnyObserved) -> Option<Change> {
        let state = match &before.status {
            Status::Settling(state) | Status::Failed(state) => state.clone(),
            Status::Ready | Status::Leaving(_) => return None,
        };
        Some(Change {
            address,
            action: Action::Await,
            fields: Vec::new(),
            effect: Some(state),
            owner: None,
            granted: true,
            needs: BTreeSet::new(),
            asked: Some(asked),
            before: Some(before),
        })
    }

    fn delete(address: Address, before: AnyObserved) -> Change {
        Change {
            address,
            action: Action::Delete,
            fields: Vec::new(),
            effect: None,
            owner: None,
            granted: true,
            needs: BTreeSet::new(),
            asked: None,
            before: Some(before),
        }
    }
}

/// The fields in which two resources differ, with what is sensitive in either hidden.
pub(crate) fn shown_fields(before: &dyn AnyResource, after: &dyn AnyResource) -> Vec<Field> {
    let sensitive = |path: &Path| {
        let mut within = path.within();
        within.any(|it| before.sensitive(&it) || after.sensitive(&it))
    };
    let mut found = fields(&before.value(), &after.value());
    for field in &mut found {
        for value in [&mut field.before, &mut field.after].into_iter().flatten() {
            *value = crate::field::masked(value, &field.path, &sensitive);
        }
        if field.before.is_some() && field.before == field.after {
            // Both sides are hidden, and the reader must still see that they differ.
            field.before = Some(Value::String(format!("{MASK}, before")));
            field.after = Some(Value::String(format!("{MASK}, after")));
        }
    }
    found
}

/// What each asked-for resource links to, checked to lead somewhere.
fn needs_of(desired: &Desired) -> Result<Needs, PlanErrors> {
    let mut needs = Needs::new();
    let mut errors = Vec::new();
    for (address, resource) in &desired.managed {
        let mut targets = BTreeSet::new();
        let mut resource = resource.clone();
        resource.links(&mut |link| targets.extend(link.waits_for()));
        for to in &targets {
            if !desired.managed.contains_key(to) && !desired.existing.contains(to) {
                errors.push(PlanError::UnknownLink {
                    from: address.clone(),
                    to: to.clone(),
                });
            }
        }
        needs.insert(address.clone(), targets);
    }
    match errors.is_empty() {
        true => Ok(needs),
        false => Err(PlanErrors(errors)),
    }
}

/// Says of each change which others come first: those it links to, and before a deletion the
/// changes of whatever holds the handle of what is deleted.
fn link_up(changes: &mut BTreeMap<Address, Change>, wanted: &Needs, snapshot: &Snapshot) {
    let changed: BTreeSet<Address> = changes.keys().cloned().collect();
    for (address, change) in changes.iter_mut().filter(|(_, it)| it.asked.is_some()) {
        change.needs = wanted[address].intersection(&changed).cloned().collect();
    }
    let owners: BTreeMap<(Kind, &str), &Address> = snapshot
        .0
        .iter()
        .map(|(address, it)| ((address.kind, it.handle.as_str()), address))
        .collect();
    for user in &changed {
        let Some(observed) = snapshot.0.get(user) else {
            continue;
        };
        observed.resource.clone().links(&mut |link| {
            let owner = link.holds().and_then(|held| owners.get(&held));
            if let Some(change) = owner.and_then(|owner| changes.get_mut(owner))
                && change.action == Action::Delete
            {
                change.needs.insert(user.clone());
            }
        });
    }
}
