//! A stack as a user writes it, and what it asks for.

mod capacity;
mod documents;
mod identity;
mod images;
mod instances;
mod load;
mod network;
mod read;
mod references;
mod scaling;
mod written;

pub use load::{WrittenLimits, WrittenLoad, WrittenRehearsal};
pub(crate) use written::Written as WholeStack;

use crate::{
    kind::{
        AutoScalingGroup, CapacityProvider, Cluster, ClusterCapacityProviders, Image,
        InstanceProfile, LaunchTemplate, LogGroup, Repository, Role, Scaling, SecurityGroup,
        Service, Subnets, Tags, TaskDefinition, Vpc,
    },
    linked::Target,
    problem::{Code, Problem},
    source::Source,
};
use setpoint_core::{Address, Desired, Kind, Resource};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that one `stack.yaml` says.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The stack's name, which marks what it owns.
    pub name: String,
    /// The region.
    pub region: Option<String>,
    /// The only account it may touch.
    pub account: Option<String>,
    /// The load that it is to bear.
    pub load: Option<WrittenLoad>,
    /// What is rehearsed with it.
    pub rehearse: Option<WrittenRehearsal>,
    /// Its resources, by kind and name.
    pub(crate) resources: Resources,
    /// What it uses and does not own.
    pub(crate) existing: BTreeSet<Address>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Resources {
    pub(crate) repositories: BTreeMap<String, Repository>,
    pub(crate) images: BTreeMap<String, Image>,
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) instance_profiles: BTreeMap<String, InstanceProfile>,
    pub(crate) log_groups: BTreeMap<String, LogGroup>,
    pub(crate) security_groups: BTreeMap<String, SecurityGroup>,
    pub(crate) launch_templates: BTreeMap<String, LaunchTemplate>,
    pub(crate) auto_scaling_groups: BTreeMap<String, AutoScalingGroup>,
    pub(crate) clusters: BTreeMap<String, Cluster>,
    pub(crate) capacity_providers: BTreeMap<String, CapacityProvider>,
    pub(crate) cluster_capacity_providers: BTreeMap<String, ClusterCapacityProviders>,
    pub(crate) task_definitions: BTreeMap<String, TaskDefinition>,
    pub(crate) services: BTreeMap<String, Service>,
    pub(crate) scaling: BTreeMap<String, Scaling>,
}

impl Stack {
    /// Reads a stack. Fails with every problem found, in the order of their places.
    pub fn read(text: &str) -> Result<Stack, Vec<Problem>> {
        let source = Source::read(text).map_err(|it| vec![*it])?;
        Stack::of(&source)
    }

    /// Understands what was read. Fails with every problem found, in the order of their places.
    pub fn of(source: &Source) -> Result<Stack, Vec<Problem>> {
        let (stack, mut problems) = read::stack(source);
        if problems.is_empty() {
            problems = references::dangling(&stack, source);
        }
        problems.sort();
        problems.dedup();
        match problems.is_empty() {
            true => Ok(stack),
            false => Err(problems),
        }
    }

    /// What the stack asks for.
    pub fn desired(&self) -> Desired {
        let mut desired = Desired::default();
        let of = &self.resources;
        insert(&mut desired, &of.repositories);
        insert(&mut desired, &of.images);
        insert(&mut desired, &of.roles);
        insert(&mut desired, &of.instance_profiles);
        insert(&mut desired, &of.log_groups);
        insert(&mut desired, &of.security_groups);
        insert(&mut desired, &of.launch_templates);
        insert(&mut desired, &of.auto_scaling_groups);
        insert(&mut desired, &of.clusters);
        insert(&mut desired, &of.capacity_providers);
        insert(&mut desired, &of.cluster_capacity_providers);
        insert(&mut desired, &of.task_definitions);
        insert(&mut desired, &of.services);
        insert(&mut desired, &of.scaling);
        for address in &self.existing {
            desired.use_existing(address.kind, address.name.as_str());
        }
        desired
    }

    /// What is left to ask for when all that the stack owns is to go: nothing, and what it says
    /// now is looked for by name, since a listing may not know the newest of it.
    pub fn nothing(&self) -> Desired {
        let mut nothing = Desired::default();
        // An image goes with its repository, and not without it.
        for address in self.desired().managed().filter(|it| it.kind != Image::KIND) {
            nothing.suspect(address.clone());
        }
        nothing
    }

    /// The images that the stack builds, by name.
    pub fn images(&self) -> &BTreeMap<String, Image> {
        &self.resources.images
    }

    /// Says what an image is built from, once that has been read: `sha256:` and 64 digits.
    pub fn set_content(&mut self, image: &str, content: String) {
        if let Some(image) = self.resources.images.get_mut(image) {
            image.content = content;
        }
    }

    /// The tags that task definitions name and that are to give way to digests, by repository.
    pub fn tags_to_pin(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for task in self.resources.task_definitions.values() {
            task.clone().pin(|target, tag| {
                if let Target::To(repository) = target {
                    let of = tags.entry(repository.0.clone()).or_default();
                    of.insert(tag.to_owned());
                }
                None
            });
        }
        tags
    }

    /// Puts digests in the place of tags, where `digest` knows the one for a repository and a tag.
    pub fn pin(&mut self, digest: impl Fn(&str, &str) -> Option<String>) {
        for task in self.resources.task_definitions.values_mut() {
            task.pin(|target, tag| match target {
                Target::To(repository) => digest(repository.as_str(), tag),
                Target::Is(_) => None,
            });
        }
    }

    /// The cluster of each service.
    pub fn clusters_of_services(&self) -> BTreeMap<String, String> {
        let clusters = self.resources.services.iter().filter_map(|(name, it)| {
            let value = it.document.value();
            let cluster = value["cluster"].as_str()?.trim_matches(['(', ')']);
            let cluster = cluster.strip_prefix("cluster.").unwrap_or(cluster);
            Some((name.clone(), cluster.to_owned()))
        });
        clusters.collect()
    }

    /// The services that run each task definition.
    pub fn services_of_task_definitions(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut services: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, service) in &self.resources.services {
            service.clone().links(&mut |link| {
                if let Some(address) = link.waits_for()
                    && address.kind == TaskDefinition::KIND
                {
                    services
                        .entry(address.name.0)
                        .or_default()
                        .insert(name.clone());
                }
            });
        }
        services
    }

    /// The services whose `monitoring` or gateways AWS shows only in their revisions.
    pub fn services_read_by_revision(&self) -> BTreeSet<String> {
        let named = self.resources.services.iter().filter(|(_, it)| {
            let value = it.document.value();
            ["monitoring", "gatewayConnectors"]
                .iter()
                .any(|member| value.get(member).is_some())
        });
        named.map(|(name, _)| name.clone()).collect()
    }

    /// The name under which the VPC of each security group is looked up.
    pub fn vpcs_of_security_groups(&self) -> BTreeMap<String, String> {
        let mut vpcs = BTreeMap::new();
        for (name, group) in &self.resources.security_groups {
            group.clone().links(&mut |link| {
                if let Some(address) = link.waits_for()
                    && address.kind == Vpc::KIND
                {
                    vpcs.insert(name.clone(), address.name.0);
                }
            });
        }
        vpcs
    }

    /// The names of the launch templates.
    pub fn launch_templates(&self) -> BTreeSet<String> {
        self.resources.launch_templates.keys().cloned().collect()
    }

    /// The names of the stack's Auto Scaling groups.
    pub fn auto_scaling_groups(&self) -> BTreeSet<String> {
        self.resources.auto_scaling_groups.keys().cloned().collect()
    }

    /// The IAM paths on which roles of this stack may be.
    pub fn paths(&self) -> BTreeSet<String> {
        let roles = self.resources.roles.values().map(|it| &it.path);
        let profiles = self.resources.instance_profiles.values();
        let own = path_of(&self.name);
        let paths = roles.chain(profiles.map(|it| &it.path)).flatten();
        paths.cloned().chain([own]).collect()
    }
}

/// The IAM path of a stack's roles: listable in one call, and a boundary for permissions.
pub(crate) fn path_of(stack: &str) -> String {
    format!("/setpoint/{stack}/")
}

fn insert<R: Resource>(desired: &mut Desired, resources: &BTreeMap<String, R>) {
    for (name, resource) in resources {
        desired.insert(name, resource.clone());
    }
}

/// The sections of a stack, with the kind of what stands in each.
pub(crate) const SECTIONS: [(&str, Kind); 13] = [
    ("repositories", Repository::KIND),
    ("images", Image::KIND),
    ("roles", Role::KIND),
    ("instanceProfiles", InstanceProfile::KIND),
    ("logGroups", LogGroup::KIND),
    ("securityGroups", SecurityGroup::KIND),
    ("launchTemplates", LaunchTemplate::KIND),
    ("autoScalingGroups", AutoScalingGroup::KIND),
    ("capacityProviders", CapacityProvider::KIND),
    ("clusters", Cluster::KIND),
    ("taskDefinitions", TaskDefinition::KIND),
    ("services", Service::KIND),
    ("scaling", Scaling::KIND),
];

/// What the writers of the sections know of the stack around them.
pub(crate) struct Around<'a> {
    pub(crate) tags: &'a Tags,
    /// How the default VPC and subnets are looked up.
    pub(crate) vpc: &'a str,
    pub(crate) subnets: &'a str,
    /// Every name declared or said to exist, by kind.
    pub(crate) names: &'a BTreeMap<Kind, BTreeSet<String>>,
    /// The services that have scaling.
    pub(crate) autoscaled: &'a BTreeSet<String>,
    /// The clusters that have capacity providers.
    pub(crate) with_providers: &'a BTreeSet<String>,
}

impl Around<'_> {
    pub(crate) fn has(&self, kind: Kind, name: &str) -> bool {
        self.names.get(&kind).is_some_and(|it| it.contains(name))
    }

    /// The stack's tags with a resource's own on top.
    pub(crate) fn tagged(&self, own: Tags) -> Tags {
        let mut tags = self.tags.clone();
        tags.extend(own);
        tags
    }
}

/// Something wrong within one item: the path from the item, what, and what to do.
pub(crate) struct Wrong {
    pub(crate) path: Vec<crate::source::Step>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) code: Code,
    /// What was probably meant, where it is one word for another.
    pub(crate) meant: Option<String>,
}

impl Wrong {
    pub(crate) fn new(
        path: impl IntoIterator<Item = crate::source::Step>,
        message: impl Into<String>,
    ) -> Wrong {
        Wrong {
            path: path.into_iter().collect(),
            message: message.into(),
            hint: None,
            code: Code::VALUE,
            meant: None,
        }
    }

    pub(crate) fn code(mut self, code: Code) -> Wrong {
        self.code = code;
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Wrong {
        self.hint = Some(hint.into());
        self
    }
}

/// The YAML form of one kind: what may be written, and the resource it stands for.
pub(crate) trait Written: serde::de::DeserializeOwned {
    type Resource: Resource;
    fn resource(self, name: &str, around: &Around<'_>) -> Result<Self::Resource, Vec<Wrong>>;
}

pub(crate) fn subnets_kind() -> Kind {
    Subnets::KIND
}
