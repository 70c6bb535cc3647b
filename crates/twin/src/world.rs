//! Everything there is, as plain values, and what is due to happen.

use crate::{
    Habits, Time,
    habits::ACCOUNT,
    ids::Ids,
    service::{
        autoscaling::{self, Autoscaling},
        cloudwatch::{self, Cloudwatch},
        ec2::{self, Ec2},
        ecr::{self, Ecr},
        ecs::{self, Ecs},
        elb::Elb,
        iam::Iam,
        logs::Logs,
        scaling::{self, Scaling},
        ssm::Ssm,
        sts::Sts,
        tag::{self, Index},
    },
    work::Work,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One account in one region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// The time.
    pub now: Time,
    /// The region.
    pub region: String,
    /// How it behaves.
    pub habits: Habits,
    /// Where identifiers come from.
    pub ids: Ids,
    /// What is due.
    pub agenda: Agenda,
    /// Roles, policies, instance profiles.
    pub iam: Iam,
    /// Sessions.
    pub sts: Sts,
    /// Image repositories.
    pub ecr: Ecr,
    /// Networks, security groups, launch templates, instances.
    pub ec2: Ec2,
    /// Auto Scaling groups.
    pub autoscaling: Autoscaling,
    /// Clusters, task definitions, services, tasks.
    pub ecs: Ecs,
    /// Application Auto Scaling.
    pub scaling: Scaling,
    /// Metrics and alarms.
    pub cloudwatch: Cloudwatch,
    /// Log groups.
    pub logs: Logs,
    /// Load balancers.
    pub elb: Elb,
    /// Parameters.
    #[serde(default)]
    pub ssm: Ssm,
    /// What the tagging API shows.
    pub index: Index,
    /// What tasks have to do.
    pub work: Work,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// To an instance.
    Ec2(ec2::Event),
    /// To a group.
    Autoscaling(autoscaling::Event),
    /// To an image repository.
    Ecr(ecr::Event),
    /// To a cluster, a service or a task.
    Ecs(ecs::Event),
    /// To a scalable target.
    Scaling(scaling::Event),
    /// To an alarm.
    Cloudwatch(cloudwatch::Event),
}

/// What is due, in order; what is due at one moment happens in the order in which it was said.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Agenda {
    due: Vec<(Time, Event)>,
}

impl Agenda {
    /// Lets `event` happen at `at`.
    pub fn at(&mut self, at: Time, event: Event) {
        let place = self.due.partition_point(|(other, _)| *other <= at);
        self.due.insert(place, (at, event));
    }

    /// Lets `event` happen at `at`, unless the same is due at that time or before.
    pub fn once(&mut self, at: Time, event: Event) {
        let before = self.due.partition_point(|(other, _)| *other <= at);
        if !self.due[..before].iter().any(|(_, other)| *other == event) {
            self.at(at, event);
        }
    }

    /// When the next thing is due.
    pub fn next(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }
}

impl World {
    /// An account as it is when new: a default VPC and nothing else.
    pub fn new(region: &str, seed: u64, now: Time, habits: Habits) -> World {
        let mut world = World {
            now,
            region: region.to_owned(),
            habits,
            ids: Ids::new(seed),
            agenda: Agenda::default(),
            iam: Iam::default(),
            sts: Sts::default(),
            ecr: Ecr::default(),
            ec2: Ec2::default(),
            autoscaling: Autoscaling::default(),
            ecs: Ecs::default(),
            scaling: Scaling::default(),
            cloudwatch: Cloudwatch::default(),
            logs: Logs::default(),
            elb: Elb::default(),
            ssm: Ssm::default(),
            index: Index::default(),
            work: Work::default(),
        };
        ec2::furnish(&mut world);
        world
    }

    /// Lets everything happen that is due until `to`, in order, and makes that the time.
    pub fn advance(&mut self, to: Time) {
        while self.agenda.next().is_some_and(|at| at <= to) {
            let (at, event) = self.agenda.due.remove(0);
            self.go_on(at);
            match event {
                Event::Ec2(event) => ec2::happen(self, event),
                Event::Autoscaling(event) => autoscaling::happen(self, event),
                Event::Ecr(event) => ecr::happen(self, event),
                Event::Ecs(event) => ecs::happen(self, event),
                Event::Scaling(event) => scaling::happen(self, event),
                Event::Cloudwatch(event) => cloudwatch::happen(self, event),
            }
        }
        self.go_on(to);
    }

    /// Makes `to` the time, if it is later, once the index has seen what there is until then.
    fn go_on(&mut self, to: Time) {
        if to > self.now {
            tag::observe(self);
            self.now = to;
        }
    }

    /// Lets `event` happen after `delay`.
    pub fn after(&mut self, delay: Duration, event: Event) {
        self.agenda.at(self.now + delay, event);
    }

    /// An ARN in this account and region: `arn:aws:ecs:us-east-1:123456789012:cluster/web`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{resource}", self.region)
    }
}
