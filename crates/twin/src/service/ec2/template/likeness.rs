//! What a launch template would hold whose instances are like one that there is.

use super::super::{
    refusal::{absent, formed},
    tag,
};
use crate::{Action, Answer, Input, World, call::object, service::tags};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![Action::on(
        "GetLaunchTemplateData",
        get_launch_template_data,
        |world, input| vec![tag::grant(world, input.text("InstanceId"))],
    )]
}

fn get_launch_template_data(world: &mut World, input: &Input) -> Answer {
    let id = input.text("InstanceId");
    formed("i", id)?;
    let instance = world.ec2.instances.get(id).ok_or_else(|| absent(id))?;
    let more = |name: &str| Some(instance.more[name].clone()).filter(|it| !it.is_null());
    let tags: tags::Tags = instance.tags.clone();
    let own: tags::Tags = tags
        .into_iter()
        .filter(|(key, _)| !key.starts_with("aws:"))
        .collect();
    let tagged = json!([{ "ResourceType": "instance", "Tags": tags::upper(&own) }]);
    let profile = instance.profile.as_ref().map(|it| json!({ "Arn": it }));
    let data = (!instance.user_data.is_empty()).then(|| BASE64.encode(&instance.user_data));
    let watched = instance.more["Monitoring"]["State"] == "enabled";
    let data = object([
        ("ImageId", Some(instance.image.as_str().into())),
        ("InstanceType", Some(instance.instance_type.as_str().into())),
        ("KeyName", more("KeyName")),
        ("IamInstanceProfile", profile),
        ("UserData", data.map(Value::from)),
        ("EbsOptimized", more("EbsOptimized")),
        ("Monitoring", Some(json!({ "Enabled": watched }))),
        ("Placement", more("Placement").map(place)),
        ("MetadataOptions", more("MetadataOptions")),
        ("DisableApiTermination", Some(instance.locked.into())),
        ("DisableApiStop", Some(instance.unstoppable.into())),
        ("NetworkInterfaces", Some(cards(world, id))),
        ("BlockDeviceMappings", Some(disks(world, id))),
        ("TagSpecifications", (!own.is_empty()).then_some(tagged)),
    ]);
    Ok(json!({ "LaunchTemplateData": data }))
}

fn place(mut placement: Value) -> Value {
    if let Some(members) = placement.as_object_mut() {
        members.remove("AvailabilityZoneId");
    }
    placement
}

fn cards(world: &World, id: &str) -> Value {
    let all = world.ec2.interfaces.values().filter(|it| it.instance == id);
    let show = |it: &super::super::interface::Interface| {
        json!({
            "AssociatePublicIpAddress": it.wants_public,
            "DeleteOnTermination": it.goes_with_it,
            "Description": it.description,
            "DeviceIndex": it.device,
            "Groups": it.groups,
            "InterfaceType": "interface",
            "SubnetId": it.subnet,
        })
    };
    all.map(show).collect()
}

fn disks(world: &World, id: &str) -> Value {
    let all = world.ec2.volumes.values();
    let own = all.filter(|it| it.instance.as_deref() == Some(id));
    own.map(|it| it.like()).collect()
}
