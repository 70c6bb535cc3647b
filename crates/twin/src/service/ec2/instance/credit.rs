//! What CloudWatch is told of the CPU credits of burstable instances: every five minutes, whether or
//! not the instance has detailed monitoring ("Monitor your CPU credits", EC2 user guide).

use super::{super::kind::instance_type, Event};
use crate::{
    World,
    service::cloudwatch::{self, Datum},
    world,
};
use std::{collections::BTreeMap, time::Duration};

const PERIOD: Duration = Duration::from_secs(300);

/// Lets the balances be published at the end of this period.
pub(super) fn measure(world: &mut World) {
    let at = world.now.floor(PERIOD) + PERIOD;
    world.agenda.once(at, world::Event::Ec2(Event::Credits));
}

/// Publishes the balances, and goes on as long as there are some.
pub(super) fn publish(world: &mut World) {
    let at = world.now.floor(PERIOD) - PERIOD;
    let running = world.ec2.instances.values();
    let running = running.filter(|it| it.state == "running");
    let burstable = running.filter(|it| {
        let kind = instance_type(&it.instance_type);
        kind.is_some_and(|it| it.burst.is_some())
    });
    let balances: Vec<(String, f64)> = burstable.map(|it| (it.id.clone(), it.credits)).collect();
    for (id, value) in &balances {
        let datum = Datum {
            namespace: "AWS/EC2".into(),
            name: "CPUCreditBalance".into(),
            dimensions: BTreeMap::from([("InstanceId".to_owned(), id.clone())]),
            at,
            value: *value,
            unit: "Count".into(),
        };
        cloudwatch::put(world, datum);
    }
    if !balances.is_empty() {
        measure(world);
    }
}
