//! In which order: everything after what it needs, and otherwise by address.

use crate::Address;
use std::collections::{BTreeMap, BTreeSet};

/// Each address and those that come before it.
pub(crate) type Needs = BTreeMap<Address, BTreeSet<Address>>;

/// Orders the keys, each after those it needs. Needs that are no key are met already.
///
/// Fails with the addresses of a circle, in the order in which they need one another.
pub(crate) fn order(needs: &Needs) -> Result<Vec<Address>, Vec<Address>> {
    let mut missing: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut users: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, needed) in needs {
        let open = needed.iter().filter(|it| needs.contains_key(it));
        missing.insert(address, open.clone().count());
        open.for_each(|it| users.entry(it).or_default().push(address));
    }
    let is_ready = |(_, open): &(&&Address, &usize)| **open == 0;
    let mut ready: BTreeSet<&Address> = missing
        .iter()
        .filter(is_ready)
        .map(|(address, _)| *address)
        .collect();
    let mut ordered = Vec::with_capacity(needs.len());
    while let Some(next) = ready.pop_first() {
        missing.remove(next);
        ordered.push(next.clone());
        for user in users.remove(next).unwrap_or_default() {
            if let Some(open) = missing.get_mut(user) {
                *open -= 1;
                if *open == 0 {
                    ready.insert(user);
                }
            }
        }
    }
    match missing.keys().next() {
        None => Ok(ordered),
        Some(first) => Err(circle(needs, first, &missing)),
    }
}

/// Follows needs among those left over until an address comes a second time.
fn circle(needs: &Needs, first: &Address, left: &BTreeMap<&Address, usize>) -> Vec<Address> {
    let mut path: Vec<&Address> = vec![first];
    loop {
        let last = path[path.len() - 1];
        let next = needs[last]
            .iter()
            .find(|it| left.contains_key(it))
            .expect("what is left over needs something that is left over");
        if let Some(start) = path.iter().position(|it| *it == next) {
            return path[start..].iter().map(|it| (*it).clone()).collect();
        }
        path.push(next);
    }
}
