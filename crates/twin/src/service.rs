//! AWS's services: each with its part of the world, its actions, and what happens in it.

pub mod autoscaling;
pub mod cloudwatch;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod iam;
pub mod logs;
pub mod scaling;
pub mod ssm;
pub mod sts;
pub mod tag;
pub mod tags;

use crate::{Action, Answer, Input, Refusal, World};
use std::{collections::BTreeMap, sync::LazyLock};

type Actions = BTreeMap<&'static str, BTreeMap<&'static str, Action>>;

/// Every action, by its service's signing name and its own.
static ACTIONS: LazyLock<Actions> = LazyLock::new(|| {
    let services: [(&'static str, Vec<Action>); 12] = [
        ("application-autoscaling", scaling::actions()),
        ("autoscaling", autoscaling::actions()),
        ("ec2", ec2::actions()),
        ("ecr", ecr::actions()),
        ("ecs", ecs::actions()),
        ("elasticloadbalancing", elb::actions()),
        ("iam", iam::actions()),
        ("logs", logs::actions()),
        ("monitoring", cloudwatch::actions()),
        ("ssm", ssm::actions()),
        ("sts", sts::actions()),
        ("tagging", tag::actions()),
    ];
    services
        .into_iter()
        .map(|(service, actions)| {
            let named = actions.into_iter().map(|it| (it.name, it));
            (service, named.collect())
        })
        .collect()
});

/// The action of that name, if this AWS has it. The service is given by its signing name.
pub fn action(service: &str, name: &str) -> Option<&'static Action> {
    ACTIONS.get(service)?.get(name)
}

/// Every action that this AWS has: its service's signing name, and its own.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let named = |(service, actions): (&&'static str, &'static BTreeMap<&'static str, Action>)| {
        let service = *service;
        actions.keys().map(move |it| (service, *it))
    };
    ACTIONS.iter().flat_map(named)
}

/// Does what is asked, without a wire: nothing is checked against the model.
pub fn run(world: &mut World, input: &Input) -> Answer {
    match action(&input.service, &input.action) {
        Some(action) => (action.run)(world, input),
        None => Err(Refusal::new(
            "UnknownOperationException",
            format!("{} has no action {} here", input.service, input.action),
        )),
    }
}
