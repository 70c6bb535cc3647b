//! Changing single attributes of instances.

use super::{
    super::{
        group, kind,
        refusal::{combined, invalid},
        subnet, tag,
    },
    Instance, check_ids, instance_mut, user_data,
};
use crate::{Action, Answer, Input, Refusal, World};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on(
        "ModifyInstanceAttribute",
        modify_instance_attribute,
        |world, input| {
            let groups = input.texts("Groups").into_iter();
            let touched = groups.chain([input.text("InstanceId")]);
            touched.map(|it| tag::grant(world, it)).collect()
        },
    )]
}

/// The member for each attribute that can be changed here, and the name by which `Attribute` calls
/// it.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("BlockDeviceMappings", "blockDeviceMapping"),
    ("DisableApiStop", "disableApiStop"),
    ("DisableApiTermination", "disableApiTermination"),
    ("EbsOptimized", "ebsOptimized"),
    ("Groups", "groupSet"),
    (
        "InstanceInitiatedShutdownBehavior",
        "instanceInitiatedShutdownBehavior",
    ),
    ("InstanceType", "instanceType"),
    ("SourceDestCheck", "sourceDestCheck"),
    ("UserData", "userData"),
];

/// The one attribute that the input changes, and what it is to be.
fn asked(input: &Input) -> Result<(&'static str, Value), Refusal> {
    let given = ATTRIBUTES.iter().filter(|it| input.has(it.0));
    let given: Vec<&str> = given.map(|it| it.0).collect();
    let by_name = input.maybe("Attribute").zip(input.get("Value"));
    match (&*given, by_name) {
        ([], Some((name, value))) => {
            let known = ATTRIBUTES.iter().find(|it| it.1 == name);
            let known = known.ok_or_else(|| {
                let words = format!("Value ({name}) for parameter attribute is invalid.");
                invalid(words)
            })?;
            Ok((known.0, json!({ "Value": value })))
        }
        ([_], None) => {
            let known = ATTRIBUTES.iter().find(|it| it.0 == given[0]);
            let name = known.map_or("", |it| it.0);
            Ok((name, input.get(name).cloned().unwrap_or_default()))
        }
        ([], None) => Err(combined("No attributes specified.")),
        (several, _) => Err(combined(format!(
            "Fields for multiple attribute types specified: {}",
            several.join(", ")
        ))),
    }
}

fn modify_instance_attribute(world: &mut World, input: &Input) -> Answer {
    let id = input.text("InstanceId");
    check_ids(world, &[id])?;
    let (attribute, value) = asked(input)?;
    let instance = world.ec2.instances[id].clone();
    match attribute {
        "BlockDeviceMappings" => keep_volumes(world, &instance, &value)?,
        "Groups" => put_groups(world, &instance, &value)?,
        _ => {
            let changed = change(instance, attribute, &value["Value"])?;
            if let Some(instance) = instance_mut(world, id) {
                *instance = changed;
            }
        }
    }
    Ok(json!({}))
}

fn change(mut instance: Instance, attribute: &str, value: &Value) -> Result<Instance, Refusal> {
    let text = value.as_str().unwrap_or_default();
    let flag = value.as_bool().unwrap_or(text == "true");
    match attribute {
        "DisableApiStop" => instance.unstoppable = flag,
        "DisableApiTermination" => instance.locked = flag,
        "InstanceInitiatedShutdownBehavior" => match text {
            "stop" | "terminate" => instance.ends_when_off = text == "terminate",
            _ => {
                return Err(invalid(format!(
                    "Value ({text}) for parameter instanceInitiatedShutdownBehavior is invalid."
                )));
            }
        },
        "InstanceType" => {
            needs_stopped(&instance)?;
            let kind = kind::instance_type(text)
                .ok_or_else(|| invalid(format!("Invalid value '{text}' for InstanceType.")))?;
            instance.instance_type = kind.name.to_owned();
            let threads = kind.threads();
            instance.more["CpuOptions"] =
                json!({ "CoreCount": kind.vcpus / threads, "ThreadsPerCore": threads });
        }
        "UserData" => {
            needs_stopped(&instance)?;
            instance.user_data = user_data::decode(text)?;
        }
        // These are shown by the same name.
        _ => {
            if attribute == "EbsOptimized" {
                needs_stopped(&instance)?;
            }
            instance.more[attribute] = flag.into();
        }
    }
    Ok(instance)
}

fn needs_stopped(instance: &Instance) -> Result<(), Refusal> {
    match &*instance.state {
        "stopped" => Ok(()),
        _ => Err(Refusal::new(
            "IncorrectInstanceState",
            format!(
                "The instance '{}' is not in the 'stopped' state.",
                instance.id
            ),
        )),
    }
}

fn put_groups(world: &mut World, instance: &Instance, value: &Value) -> Result<(), Refusal> {
    // By `Attribute` there is one group.
    let groups = match value.as_array() {
        Some(groups) => groups.iter().filter_map(Value::as_str).collect(),
        None => vec![value["Value"].as_str().unwrap_or_default()],
    };
    let vpc = subnet::find(world, &instance.subnet)?.vpc.clone();
    for id in &groups {
        if group::find(world, id)?.vpc != vpc {
            let words = format!(
                "Security group {id} and interface of instance {} belong to different networks.",
                instance.id
            );
            return Err(Refusal::new("InvalidGroup.NotFound", words));
        }
    }
    let groups: Vec<String> = groups.into_iter().map(str::to_owned).collect();
    for it in world.ec2.interfaces.values_mut() {
        if it.instance == instance.id && it.device == 0 {
            it.groups.clone_from(&groups);
        }
    }
    if let Some(instance) = instance_mut(world, &instance.id) {
        instance.security_groups = groups;
    }
    Ok(())
}

fn keep_volumes(world: &mut World, instance: &Instance, value: &Value) -> Result<(), Refusal> {
    for it in value.as_array().into_iter().flatten() {
        let device = it["DeviceName"].as_str().unwrap_or_default();
        let mut volumes = world.ec2.volumes.values_mut();
        let volume = volumes
            .find(|it| it.instance.as_ref() == Some(&instance.id) && it.device == device)
            .ok_or_else(|| {
                let words = format!("No device is currently mapped at {device}");
                Refusal::new("InvalidInstanceAttributeValue", words)
            })?;
        if let Some(goes) = it["Ebs"]["DeleteOnTermination"].as_bool() {
            volume.goes_with_it = goes;
        }
    }
    Ok(())
}
