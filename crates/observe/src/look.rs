//! Taking a picture: what is independent is read at once, and what cannot be read is a value.

mod gap;
mod series;

use crate::{
    Ask, Moment, Part, Picture, Subject,
    picture::{
        Alarm, AlarmChange, Balancer, CapacityProvider, Cluster, ContainerInstance, Group,
        GroupActivity, Instance, Interface, NotShown, Policy, ProtectedTask, ScalingActivity,
        SecurityGroup, Series, Target, TargetGroup, Task,
    },
    read::Reader,
};
use futures::join;
use gap::Gap;
use serde_json::Value;
use series::series;
use setpoint_aws::Aws;
use setpoint_core::Result;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::Duration,
};

/// Looks at services. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Observer {
    reader: Reader,
}

impl Observer {
    /// An observer over this connection.
    pub fn new(aws: &Aws) -> Observer {
        Observer {
            reader: Reader::new(aws),
        }
    }

    /// Takes a picture, by reading calls only.
    ///
    /// What is denied, throttled or takes too long is told in [`Picture::not_shown`]. It is an error
    /// only if nothing can be read at all: AWS cannot be reached, or does not accept who calls.
    pub async fn look(&self, ask: &Ask) -> Result<Picture> {
        let look = Look {
            ask,
            reader: self.reader.anew(),
            gaps: Mutex::default(),
        };
        look.picture().await
    }
}

/// One look, on its way.
struct Look<'a> {
    ask: &'a Ask,
    reader: Reader,
    gaps: Mutex<BTreeSet<NotShown>>,
}

impl Look<'_> {
    async fn picture(self) -> Result<Picture> {
        let mut picture = Picture::default();
        let services = async {
            let services = self.reader.services(&self.ask.services);
            self.within(Part::Services, services).await
        };
        // Everything here can be asked for without knowing anything but names.
        let (services, clusters, tasks, stopped, hosts, targets, policies) = join!(
            services,
            self.clusters(),
            self.tasks(),
            self.stopped(),
            self.host_arns(),
            self.targets(),
            self.policies(),
        );
        picture.services = match services {
            Ok(services) => services,
            Err(Gap::Fatal(err)) => return Err(err),
            Err(Gap::Part(gap)) => {
                self.note(gap);
                Vec::new()
            }
        };
        picture.clusters = clusters;
        picture.tasks = tasks;
        picture.tasks.extend(stopped);
        picture
            .tasks
            .sort_by(|a, b| (a.created_at, &a.task_arn).cmp(&(b.created_at, &b.task_arn)));
        picture.tasks.dedup_by(|a, b| a.task_arn == b.task_arn);
        picture.targets = targets;
        picture.policies = policies;
        let is_known = !self.is_gap(Part::Services);
        let missing = self
            .ask
            .services
            .iter()
            .filter(|it| picture.service(it).is_none());
        picture.absent = missing.filter(|_| is_known).cloned().collect();
        let (definitions, (providers, groups), hosts, activities, alarms, changes, balancers, kept) = join!(
            self.definitions(&picture),
            self.capacity(&picture),
            self.hosts(&picture, hosts),
            self.scaling_activities(),
            self.alarms(&picture.policies),
            self.alarm_changes(&picture.policies),
            self.balancers(&picture),
            self.protection(&picture),
        );
        picture.definitions = definitions;
        picture.capacity_providers = providers;
        picture.groups = groups;
        picture.container_instances = hosts;
        picture.scaling_activities = activities;
        picture.alarms = alarms;
        picture.alarm_changes = changes;
        picture.protected_tasks = kept;
        (picture.target_groups, picture.balancers) = balancers;
        let (instances, interfaces, activities) = join!(
            self.instances(&picture),
            self.interfaces(&picture),
            self.group_activities(&picture),
        );
        picture.instances = instances;
        picture.interfaces = interfaces;
        picture.group_activities = activities;
        let (rules, series) = join!(self.rules(&picture), self.metrics(&picture));
        picture.security_groups = rules;
        picture.series = series;
        let credits = self.credits(&picture).await;
        for it in &mut picture.instances {
            it.cpu_credits = credits.get(&it.id).cloned();
        }
        picture.at = self.reader.now();
        picture.not_shown = self
            .gaps
            .into_inner()
            .expect("no holder panics")
            .into_iter()
            .collect();
        Ok(picture)
    }

    async fn clusters(&self) -> Vec<Cluster> {
        let names: Vec<&str> = self.ask.clusters().into_iter().collect();
        self.part(Part::Capacity, &names, |it| self.reader.clusters(it))
            .await
    }

    async fn tasks(&self) -> Vec<Task> {
        let services = &self.ask.services;
        self.part(Part::Tasks, services, |it| self.reader.tasks(it, false))
            .await
    }

    async fn stopped(&self) -> Vec<Task> {
        let services = &self.ask.services;
        self.part(Part::StoppedTasks, services, |it| {
            self.reader.tasks(it, true)
        })
        .await
    }

    async fn host_arns(&self) -> Vec<String> {
        let names: Vec<&str> = self.ask.clusters().into_iter().collect();
        let read = |it| self.reader.container_instance_arns(it);
        self.part(Part::Hosts, &names, read).await
    }

    async fn targets(&self) -> Vec<Target> {
        let resources = self.resources();
        self.part(Part::Scaling, &resources, |it| self.reader.targets(it))
            .await
    }

    async fn policies(&self) -> Vec<Policy> {
        let resources = self.resources();
        self.part(Part::Scaling, &resources, |it| self.reader.policies(it))
            .await
    }

    fn resources(&self) -> Vec<String> {
        self.ask.services.iter().map(Subject::resource_id).collect()
    }

    async fn definitions(&self, picture: &Picture) -> BTreeMap<String, Value> {
        let deployments = picture.services.iter().flat_map(|it| &it.deployments);
        let arns = deployments.map(|it| it.task_definition.clone());
        let own = picture.services.iter().map(|it| it.task_definition.clone());
        let arns = distinct(arns.chain(own));
        self.part(Part::Definitions, &arns, |it| self.reader.definitions(it))
            .await
    }

    async fn capacity(&self, picture: &Picture) -> (Vec<CapacityProvider>, Vec<Group>) {
        let names = picture.services.iter().flat_map(|it| {
            let deployments = it.deployments.iter();
            let strategies = deployments.flat_map(|it| &it.capacity_provider_strategy);
            let older = strategies.map(|it| it.capacity_provider.as_str());
            picture
                .providers_of(it)
                .into_iter()
                .chain(older)
                .map(str::to_owned)
        });
        let names = distinct(names);
        let read = |it| self.reader.capacity_providers(it);
        let providers = self.part(Part::Capacity, &names, read).await;
        let groups = providers
            .iter()
            .filter_map(|it| it.group().map(str::to_owned));
        let groups = distinct(groups.chain(self.ask.groups.iter().cloned()));
        let groups = self
            .part(Part::Capacity, &groups, |it| self.reader.groups(it))
            .await;
        (providers, groups)
    }

    async fn hosts(&self, picture: &Picture, listed: Vec<String>) -> Vec<ContainerInstance> {
        let part = self.hosts_part();
        let of_tasks = picture
            .tasks
            .iter()
            .filter(|it| it.last_status != "STOPPED");
        let of_tasks = of_tasks.filter_map(|it| it.container_instance_arn.clone());
        let arns = distinct(listed.into_iter().chain(of_tasks));
        self.part(part, &arns, |it| self.reader.container_instances(it))
            .await
    }

    /// The part that asks for instances, if one does.
    fn hosts_part(&self) -> Part {
        match self.ask.wants(Part::Hosts) {
            true => Part::Hosts,
            false => Part::TaskHosts,
        }
    }

    async fn instances(&self, picture: &Picture) -> Vec<Instance> {
        let hosts = picture.container_instances.iter();
        let hosts = hosts.map(|it| it.ec2_instance_id.clone());
        let members = picture.groups.iter().flat_map(|it| &it.instances);
        let members = members.map(|it| it.id.clone());
        let members = members.filter(|_| self.ask.wants(Part::Hosts));
        let ids = distinct(hosts.chain(members));
        self.part(self.hosts_part(), &ids, |it| self.reader.instances(it))
            .await
    }

    async fn interfaces(&self, picture: &Picture) -> Vec<Interface> {
        let running = picture
            .tasks
            .iter()
            .filter(|it| it.last_status != "STOPPED");
        let ids = running.filter_map(|it| it.interface_detail("networkInterfaceId"));
        let ids = distinct(ids.map(str::to_owned));
        self.part(Part::Interfaces, &ids, |it| self.reader.interfaces(it))
            .await
    }

    async fn scaling_activities(&self) -> Vec<ScalingActivity> {
        let resources = self.resources();
        let since = self.since();
        let read = |it| self.reader.scaling_activities(it, since);
        self.part(Part::ScalingActivities, &resources, read).await
    }

    async fn group_activities(&self, picture: &Picture) -> Vec<GroupActivity> {
        let names: Vec<String> = picture.groups.iter().map(|it| it.name.clone()).collect();
        let since = self.since();
        let read = |it| self.reader.group_activities(it, since);
        self.part(Part::GroupActivities, &names, read).await
    }

    async fn alarms(&self, policies: &[Policy]) -> Vec<Alarm> {
        let names = alarm_names(policies);
        self.part(Part::Alarms, &names, |it| self.reader.alarms(it))
            .await
    }

    async fn alarm_changes(&self, policies: &[Policy]) -> Vec<AlarmChange> {
        let names = alarm_names(policies);
        let since = self.since();
        let read = |it| self.reader.alarm_changes(it, since);
        self.part(Part::AlarmHistory, &names, read).await
    }

    async fn balancers(&self, picture: &Picture) -> (Vec<TargetGroup>, Vec<Balancer>) {
        let uses = picture.services.iter().flat_map(|it| &it.load_balancers);
        let groups = distinct(uses.filter_map(|it| it.target_group_arn.clone()));
        self.part(Part::Balancers, &groups, |it| self.reader.balancers(it))
            .await
    }

    async fn credits(&self, picture: &Picture) -> BTreeMap<String, String> {
        let spent = picture.instances.iter().filter(|it| picture.is_spent(it));
        let ids: Vec<String> = spent.map(|it| it.id.clone()).collect();
        self.part(Part::Credits, &ids, |it| self.reader.credits(it))
            .await
    }

    async fn protection(&self, picture: &Picture) -> Vec<ProtectedTask> {
        // Only where tasks are to go is it asked what keeps them.
        let all = picture.services.iter().map(|it| {
            let running: Vec<&Task> = picture.running_of(it).collect();
            (it.desired_count, running)
        });
        let many = all.filter(|(desired, running)| running.len() as i64 > *desired);
        let arns = many.flat_map(|it| it.1).map(|it| it.task_arn.clone());
        let arns: Vec<String> = arns.collect();
        self.part(Part::Protection, &arns, |it| self.reader.protection(it))
            .await
    }

    async fn rules(&self, picture: &Picture) -> Vec<SecurityGroup> {
        let hosts = picture.instances.iter().flat_map(|it| &it.security_groups);
        let interfaces = picture.interfaces.iter().flat_map(|it| &it.security_groups);
        let ids = distinct(hosts.chain(interfaces).cloned());
        self.part(Part::Rules, &ids, |it| self.reader.security_groups(it))
            .await
    }

    async fn metrics(&self, picture: &Picture) -> Vec<Series> {
        let series = series(picture);
        let until = self.reader.now() + Duration::from_secs(1);
        let from = self.since();
        let read = |it| self.reader.metrics(it, from, until);
        self.part(Part::Metrics, &series, read).await
    }

    fn since(&self) -> Moment {
        self.reader.now() - self.ask.window
    }

    /// Reads a part, if it is asked for and there is something to ask.
    async fn part<'b, I, T, F>(
        &self,
        part: Part,
        items: &'b [I],
        read: impl FnOnce(&'b [I]) -> F,
    ) -> T
    where
        T: Default,
        F: Future<Output = Result<T>>,
    {
        if !self.ask.wants(part) || items.is_empty() {
            return T::default();
        }
        match self.within(part, read(items)).await {
            Ok(read) => read,
            Err(gap) => {
                self.note(gap.told(part));
                T::default()
            }
        }
    }

    async fn within<T>(
        &self,
        part: Part,
        read: impl Future<Output = Result<T>>,
    ) -> std::result::Result<T, Gap> {
        let patience = self.ask.patience;
        match tokio::time::timeout(patience, read).await {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(err)) => Err(Gap::of(part, err)),
            Err(_) => Err(Gap::of_waiting(part, patience)),
        }
    }

    fn note(&self, gap: NotShown) {
        self.gaps.lock().expect("no holder panics").insert(gap);
    }

    fn is_gap(&self, part: Part) -> bool {
        let gaps = self.gaps.lock().expect("no holder panics");
        gaps.iter().any(|it| it.part == part)
    }
}

fn alarm_names(policies: &[Policy]) -> Vec<String> {
    let alarms = policies.iter().flat_map(|it| &it.alarms);
    distinct(alarms.map(|it| it.alarm_name.clone()))
}

fn distinct(items: impl Iterator<Item = String>) -> Vec<String> {
    items.collect::<BTreeSet<_>>().into_iter().collect()
}
