//! Taking back a plan that was carried out.

use crate::{Action, Address, Desired, Kind, Plan};
use std::collections::BTreeMap;

impl Desired {
    /// What to ask for so that everything is again as it was before a plan was carried out: what the plan
    /// made is not asked for, and what it changed is asked for as it was.
    ///
    /// Fails with what cannot be taken back: what the plan deletes, and what it takes over from others.
    pub fn before(mut self, plan: &Plan) -> Result<Desired, Vec<Address>> {
        let lost = plan
            .changes
            .iter()
            .filter(|it| matches!(it.action, Action::Delete | Action::Adopt));
        let lost: Vec<Address> = lost.map(|it| it.address.clone()).collect();
        if !lost.is_empty() {
            return Err(lost);
        }
        // What held a version that is published anew holds the new one.
        let changed: BTreeMap<(Kind, &str), &Address> = plan
            .changes
            .iter()
            .filter_map(|it| Some(((it.address.kind, it.handle()?), &it.address)))
            .collect();
        for change in &plan.changes {
            let address = change.address.clone();
            match &change.before {
                Some(before) => {
                    let mut resource = before.resource.clone();
                    resource.links(&mut |link| {
                        if let Some(of) = link.holds().and_then(|it| changed.get(&it)) {
                            link.point(&of.name);
                        }
                    });
                    self.managed.insert(address, resource);
                }
                None => {
                    self.managed.remove(&address);
                    // A listing may not know the newest.
                    self.suspected.insert(address);
                }
            }
        }
        Ok(self)
    }
}
