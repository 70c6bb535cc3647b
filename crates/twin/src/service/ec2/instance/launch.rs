//! Launching: RunInstances, and what Auto Scaling does with a template.

use super::{
    super::{
        interface,
        interface::Interface,
        once,
        refusal::{combined, invalid},
        subnet, tag, template, volume,
    },
    Event, Instance,
    plan::{self, Card, Plan},
    show,
};
use crate::{Action, Answer, Grant, Input, Refusal, World, service::tags::Tags, world};
use serde_json::Value;

/// A launch for an Auto Scaling group.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    /// `LaunchTemplateId` or `LaunchTemplateName`, and `Version`.
    pub template: Value,
    /// The subnet.
    pub subnet: String,
    /// The group.
    pub group: String,
    /// Tags for the instance, further to the template's.
    pub tags: Tags,
}

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on("RunInstances", run_instances, |world, input| {
        let grants = read(world, input).map(|it| grants(world, input, &it));
        grants.unwrap_or_default()
    })]
}

/// Launches an instance as RunInstances does: its id, or the words of the error.
/// When it runs (`Habits::instance_start`), `autoscaling::instance_running` is told, and when its
/// agent is up (`Habits::agent_start` later), `ecs::agent_started`.
pub fn launch(world: &mut World, launch: &Launch) -> Result<String, String> {
    begin(world, launch).map_err(|it| it.message)
}

fn begin(world: &mut World, launch: &Launch) -> Result<String, Refusal> {
    let told = template::told(world, &launch.template)?;
    let mut plan = Plan::read(world, Some(told.version), told.data)?;
    let tags = plan.tags.entry("instance".to_owned()).or_default();
    tags.extend(launch.tags.clone());
    tags.insert("aws:autoscaling:groupName".into(), launch.group.clone());
    let reservation = world.ids.ec2("r");
    let id = start(world, &plan, Some(&launch.subnet), &reservation, 0)?;
    if let Some(instance) = world.ec2.instances.get_mut(&id) {
        instance.group = Some(launch.group.clone());
    }
    Ok(id)
}

/// Checks what CreateAutoScalingGroup checks of a launch template that it is to use: that the
/// template and version exist, and that its image, type, profile and security groups do. `Err` is
/// the text after "You must use a valid fully-formed launch template. ".
pub fn check_template(world: &World, template: &Value) -> Result<(), String> {
    let told = template::told(world, template);
    let plan = told.and_then(|it| Plan::read(world, Some(it.version), it.data));
    plan.map(|_| ()).map_err(|it| it.message)
}

/// What a caller must be allowed who lets an Auto Scaling group launch a template: to run it, and
/// to pass its role. Nothing where the template is not there or does not hold together.
pub fn launch_grants(world: &World, template: &Value) -> Vec<Grant> {
    let told = template::told(world, template);
    let plan = told.and_then(|it| Plan::read(world, Some(it.version), it.data));
    plan.map(|it| grants(world, &Input::default(), &it))
        .unwrap_or_default()
}

fn grants(world: &World, input: &Input, plan: &Plan) -> Vec<Grant> {
    let version = plan.template.as_ref();
    let by = version.map(|(id, _)| tag::arn(world, id));
    let run = |grant: Grant| {
        let grant = Grant {
            action: "ec2:RunInstances".to_owned(),
            ..grant
        };
        by.iter()
            .fold(grant, |it, arn| it.with("ec2:LaunchTemplate", arn))
    };
    let new = |kind: &str| run(Grant::on(world.arn("ec2", &format!("{kind}/*"))));
    let with_tags = |mut grant: Grant, kind: &str| {
        for (key, value) in plan.tags.get(kind).into_iter().flatten() {
            grant = grant
                .with(format!("aws:RequestTag/{key}"), value.as_str())
                .with("aws:TagKeys", key.as_str());
        }
        grant
    };
    let mut grants = vec![
        run(Grant::on(tag::arn(world, &plan.image.id))),
        with_tags(new("instance"), "instance").with("ec2:InstanceType", plan.kind.name),
        with_tags(new("volume"), "volume"),
        with_tags(new("network-interface"), "network-interface"),
    ];
    if let Some((id, _)) = &plan.template {
        grants.push(run(tag::grant(world, id)));
    }
    for card in plan.cards(world, None).into_iter().flatten() {
        grants.push(run(tag::grant(world, &card.subnet)));
        let groups = card.groups.iter().map(|it| run(tag::grant(world, it)));
        grants.extend(groups);
    }
    let asked = input.list("TagSpecifications").iter();
    let told = plan.tags.keys().map(String::as_str);
    let kinds = asked
        .filter_map(|it| it["ResourceType"].as_str())
        .chain(told);
    for kind in kinds.collect::<std::collections::BTreeSet<_>>() {
        let arn = world.arn("ec2", &format!("{kind}/*"));
        let tagging = Grant::of("ec2:CreateTags", arn).with("ec2:CreateAction", "RunInstances");
        grants.push(with_tags(tagging, kind));
    }
    grants.extend(template::resolving(world, plan.data.get("ImageId")));
    if let Some(role) = &plan.role {
        let passing = Grant::of("iam:PassRole", role.as_str());
        grants.push(passing.with("iam:PassedToService", "ec2.amazonaws.com"));
    }
    grants
}

/// What a call of RunInstances asks for.
fn read(world: &World, input: &Input) -> Result<Plan, Refusal> {
    let Some(template) = input.get("LaunchTemplate") else {
        return Plan::read(world, None, input.members.clone());
    };
    if template.get("LaunchTemplateId").is_some() && template.get("LaunchTemplateName").is_some() {
        return Err(combined(
            "Exactly one of launchTemplateId or launchTemplateName may be specified.",
        ));
    }
    let told = template::told(world, template)?;
    let data = plan::over(told.data, &input.members);
    Plan::read(world, Some(told.version), data)
}

fn run_instances(world: &mut World, input: &Input) -> Answer {
    if let Some(reservation) = once::before(world, input)? {
        return Ok(show::reservation(world, &reservation));
    }
    let least = input.integer("MinCount").unwrap_or(1);
    let most = input.integer("MaxCount").unwrap_or(1);
    if least < 1 || least > most {
        return Err(invalid(format!(
            "Invalid value '{least}' for MinCount. MinCount must be between 1 and MaxCount."
        )));
    }
    let plan = read(world, input)?;
    let cards = plan.cards(world, None)?;
    let subnet = subnet::find(world, &cards[0].subnet)?;
    let free = i64::try_from(subnet.free(world)).unwrap_or(i64::MAX);
    if free < least {
        return Err(full(&subnet.id));
    }
    let reservation = world.ids.ec2("r");
    for number in 0..most.min(free) {
        start(world, &plan, None, &reservation, number)?;
    }
    once::done(world, input, reservation.clone());
    Ok(show::reservation(world, &reservation))
}

fn full(subnet: &str) -> Refusal {
    Refusal::new(
        "InsufficientFreeAddressesInSubnet",
        format!(
            "There are not enough free addresses in subnet '{subnet}' to satisfy the requested \
             number of instances."
        ),
    )
}

/// Makes an instance, which boots from now on.
fn start(
    world: &mut World,
    plan: &Plan,
    place: Option<&str>,
    reservation: &str,
    number: i64,
) -> Result<String, Refusal> {
    let cards = plan.cards(world, place)?;
    let id = world.ids.ec2("i");
    let mut interfaces = Vec::new();
    for card in &cards {
        interfaces.push(attach(world, card, &id)?);
    }
    let tags_for = |kind: &str| plan.tags.get(kind).cloned().unwrap_or_default();
    let primary = interfaces.iter().find(|it| it.device == 0);
    let primary = primary.ok_or_else(|| invalid("There is no device at index 0."))?;
    let zone = subnet::find(world, &primary.subnet)?.zone.clone();
    for disk in &plan.disks {
        let volume = volume::make(world, disk, &id, &zone);
        world.ec2.put_tags(&volume, tags_for("volume"));
    }
    let mut tags = tags_for("instance");
    if let Some((template, version)) = &plan.template {
        tags.insert("aws:ec2launchtemplate:id".into(), template.clone());
        tags.insert("aws:ec2launchtemplate:version".into(), version.to_string());
    }
    let flag = |name: &str| plan.data.get(name).and_then(Value::as_bool);
    let credits = plan.data.get("CreditSpecification");
    let credits = credits.and_then(|it| it["CpuCredits"].as_str());
    let burst = plan.kind.burst;
    let unlimited = burst.is_some_and(|it| credits.map_or(it.unlimited, |it| it == "unlimited"));
    let instance = Instance {
        id: id.clone(),
        instance_type: plan.kind.name.to_owned(),
        image: plan.image.id.clone(),
        state: "pending".to_owned(),
        subnet: primary.subnet.clone(),
        security_groups: primary.groups.clone(),
        private_ip: primary.private_ip.clone(),
        public_ip: primary.public_ip.clone(),
        more: show::lasting(world, plan, &zone, number).into(),
        zone,
        profile: plan.profile.clone(),
        user_data: plan.user_data.clone(),
        launched_at: world.now,
        group: None,
        template: plan.template.clone(),
        tags,
        credits: burst.map_or(0.0, |it| it.launch_credits),
        reservation: reservation.to_owned(),
        running_at: None,
        ended_at: None,
        unlimited,
        locked: flag("DisableApiTermination").unwrap_or(false),
        unstoppable: flag("DisableApiStop").unwrap_or(false),
        ends_when_off: plan
            .data
            .get("InstanceInitiatedShutdownBehavior")
            .is_some_and(|it| it == "terminate"),
    };
    for interface in interfaces {
        let tags = tags_for("network-interface");
        world.ec2.put_tags(&interface.id, tags);
    }
    world.ec2.instances.insert(id.clone(), instance);
    let delay = world.habits.instance_start;
    world.after(delay, world::Event::Ec2(Event::Running(id.clone())));
    Ok(id)
}

/// Makes an interface of an instance.
fn attach(world: &mut World, card: &Card, instance: &str) -> Result<Interface, Refusal> {
    let subnet = subnet::find(world, &card.subnet)?.clone();
    let private_ip = match card.private_ip {
        Some(asked) if subnet.offers(world, asked) => asked,
        Some(asked) => {
            let words = format!("Address {asked} is in use, or not one of the subnet's.");
            return Err(Refusal::new("InvalidIPAddress.InUse", words));
        }
        None => subnet.address(world).ok_or_else(|| full(&subnet.id))?,
    };
    let public_ip = card.public.then(|| interface::public_address(world));
    let digits = world.ids.hex(10);
    let pairs: Vec<&str> = (0..5).map(|it| &digits[2 * it..2 * it + 2]).collect();
    let interface = Interface {
        id: world.ids.ec2("eni"),
        attachment: world.ids.ec2("eni-attach"),
        instance: instance.to_owned(),
        device: card.device,
        subnet: card.subnet.clone(),
        groups: card.groups.clone(),
        mac: format!("02:{}", pairs.join(":")),
        private_ip: private_ip.to_string(),
        public_ip,
        wants_public: card.public,
        description: card.description.clone(),
        goes_with_it: card.goes_with_it,
        attached_at: world.now,
    };
    let made = interface.clone();
    world.ec2.interfaces.insert(interface.id.clone(), interface);
    Ok(made)
}
