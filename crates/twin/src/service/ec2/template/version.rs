//! The versions of a launch template.

use super::{
    super::{
        filter::{self, Filters},
        listing, once,
        refusal::{absent_as, combined, invalid, missing},
    },
    PAGE, Template, Version, data, id_of, on_template,
};
use crate::{Action, Answer, Grant, Input, Refusal, World, call::object};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::on("CreateLaunchTemplateVersion", create_version, on_template),
        Action::on("DeleteLaunchTemplateVersions", delete_versions, on_template),
        Action::on(
            "DescribeLaunchTemplateVersions",
            describe_versions,
            describing,
        ),
    ]
}

fn describing(world: &World, input: &Input) -> Vec<Grant> {
    let mut grants = vec![Grant::on("*")];
    if input.flag("ResolveAlias") {
        for template in asked(world, input).unwrap_or_default() {
            let numbers = numbers(template, input).unwrap_or_default();
            let data = numbers.iter().map(|it| &template.versions[it].data);
            let images = data.map(|it| super::resolving(world, it.get("ImageId")));
            grants.extend(images.flatten());
        }
    }
    grants
}

fn show(template: &Template, number: u64, version: &Version) -> Value {
    let description = version.description.clone().map(Value::from);
    object([
        ("LaunchTemplateId", Some(template.id.as_str().into())),
        ("LaunchTemplateName", Some(template.name.as_str().into())),
        ("VersionNumber", Some(number.into())),
        ("VersionDescription", description),
        ("CreateTime", Some(version.created_at.value())),
        ("CreatedBy", Some(version.created_by.as_str().into())),
        ("DefaultVersion", Some((number == template.default).into())),
        ("LaunchTemplateData", Some(data::show(&version.data).into())),
        ("Operator", Some(json!({ "Managed": false }))),
    ])
}

/// Puts the image in the place of a parameter that names it.
fn resolve(world: &World, shown: &mut Value) -> Result<(), Refusal> {
    let data = &mut shown["LaunchTemplateData"];
    if let Some(image) = data["ImageId"].as_str() {
        data["ImageId"] = super::image(world, image)?.into();
    }
    Ok(())
}

fn create_version(world: &mut World, input: &Input) -> Answer {
    let id = id_of(world, input)?;
    let made = match once::before(world, input)? {
        Some(number) => number.parse().unwrap_or_default(),
        None => publish(world, input, &id)?,
    };
    let template = &world.ec2.templates[&id];
    let version = template.versions.get(&made);
    let version = version.ok_or_else(|| absent_as("lt", &id))?;
    let mut shown = show(template, made, version);
    if input.flag("ResolveAlias") {
        resolve(world, &mut shown)?;
    }
    Ok(json!({ "LaunchTemplateVersion": shown }))
}

/// Adds a version, which holds what its source does where the input says nothing else.
fn publish(world: &mut World, input: &Input, id: &str) -> Result<u64, Refusal> {
    let given = data::read(input)?;
    let template = &world.ec2.templates[id];
    let mut data = match input.maybe("SourceVersion") {
        Some(source) => template.versions[&template.number(source)?].data.clone(),
        None => serde_json::Map::new(),
    };
    data.extend(given);
    let version = Version {
        description: input.maybe("VersionDescription").map(str::to_owned),
        created_at: world.now,
        created_by: input.caller.arn.clone(),
        data,
    };
    let found = world.ec2.templates.get_mut(id);
    let template = found.ok_or_else(|| absent_as("lt", id))?;
    template.last += 1;
    let number = template.last;
    template.versions.insert(number, version);
    once::done(world, input, number.to_string());
    Ok(number)
}

fn delete_versions(world: &mut World, input: &Input) -> Answer {
    let id = id_of(world, input)?;
    let asked = input.texts("Versions");
    if asked.len() > PAGE {
        return Err(invalid(
            "You can specify up to 200 launch template version numbers.",
        ));
    }
    let found = world.ec2.templates.get_mut(&id);
    let template = found.ok_or_else(|| absent_as("lt", &id))?;
    let (mut deleted, mut kept) = (Vec::new(), Vec::new());
    for text in asked {
        let mut item = json!({
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
        });
        let number = text.parse::<u64>().ok();
        if let Some(number) = number {
            item["VersionNumber"] = number.into();
        }
        let error = match number {
            Some(it) if it == template.default => Some((
                "unexpectedError",
                "You cannot delete the default version of a launch template.".to_owned(),
            )),
            Some(it) if template.versions.remove(&it).is_some() => None,
            _ => Some((
                "launchTemplateVersionDoesNotExist",
                format!("The launch template version {text} does not exist."),
            )),
        };
        match error {
            None => deleted.push(item),
            Some((code, message)) => {
                item["ResponseError"] = json!({ "Code": code, "Message": message });
                kept.push(item);
            }
        }
    }
    Ok(json!({
        "SuccessfullyDeletedLaunchTemplateVersions": deleted,
        "UnsuccessfullyDeletedLaunchTemplateVersions": kept,
    }))
}

#[rustfmt::skip]
const FILTERS: Filters = &[
    ("create-time", "CreateTime"), ("ebs-optimized", "LaunchTemplateData.EbsOptimized"),
    ("http-endpoint", "LaunchTemplateData.MetadataOptions.HttpEndpoint"),
    ("http-protocol-ipv4", "LaunchTemplateData.MetadataOptions.HttpProtocolIpv4"),
    ("http-tokens", "LaunchTemplateData.MetadataOptions.HttpTokens"),
    ("host-resource-group-arn", "LaunchTemplateData.Placement.HostResourceGroupArn"),
    ("iam-instance-profile", "LaunchTemplateData.IamInstanceProfile.Arn"),
    ("image-id", "LaunchTemplateData.ImageId"),
    ("instance-type", "LaunchTemplateData.InstanceType"), ("is-default-version", "DefaultVersion"),
    ("kernel-id", "LaunchTemplateData.KernelId"),
    ("license-configuration-arn", "LaunchTemplateData.LicenseSpecifications.LicenseConfigurationArn"),
    ("network-card-index", "LaunchTemplateData.NetworkInterfaces.NetworkCardIndex"),
    ("ram-disk-id", "LaunchTemplateData.RamDiskId"),
];

fn describe_versions(world: &mut World, input: &Input) -> Answer {
    let mut shown = Vec::new();
    for template in asked(world, input)? {
        // The latest first.
        for number in numbers(template, input)?.into_iter().rev() {
            shown.push(show(template, number, &template.versions[&number]));
        }
    }
    if input.flag("ResolveAlias") {
        for it in &mut shown {
            resolve(world, it)?;
        }
    }
    let shown = filter::keep(input, FILTERS, shown)?;
    listing::pages(input, "LaunchTemplateVersions", &shown, PAGE)
}

/// The templates whose versions are asked for.
fn asked<'a>(world: &'a World, input: &Input) -> Result<Vec<&'a Template>, Refusal> {
    let is_named = input.has("LaunchTemplateId") || input.has("LaunchTemplateName");
    match is_named {
        true => Ok(vec![&world.ec2.templates[&id_of(world, input)?]]),
        false => every(world, input),
    }
}

/// Every template: asked for so, only versions that each of them has can be named.
fn every<'a>(world: &'a World, input: &Input) -> Result<Vec<&'a Template>, Refusal> {
    let asked = input.texts("Versions");
    let is_common = |it: &&str| matches!(*it, "$Latest" | "$Default");
    match !asked.is_empty() && asked.iter().all(is_common) {
        true => Ok(world.ec2.templates.values().collect()),
        false => Err(missing("launchTemplateId or launchTemplateName")),
    }
}

/// The numbers of the versions that are asked for, each once.
fn numbers(template: &Template, input: &Input) -> Result<BTreeSet<u64>, Refusal> {
    let asked = input.texts("Versions");
    let (least, most) = (input.maybe("MinVersion"), input.maybe("MaxVersion"));
    if !asked.is_empty() {
        if least.is_some() || most.is_some() {
            return Err(combined(
                "The parameter Versions cannot be used with MinVersion or MaxVersion",
            ));
        }
        return asked.into_iter().map(|it| template.number(it)).collect();
    }
    let bound = |text: Option<&str>, open: u64| match text {
        Some(text) => text.parse().map_err(|_| {
            invalid(format!(
                "Value ({text}) for a launch template version is invalid."
            ))
        }),
        None => Ok(open),
    };
    let (least, most) = (bound(least, 0)?, bound(most, u64::MAX)?);
    let known = template.versions.keys().copied();
    Ok(known.filter(|it| (least..=most).contains(it)).collect())
}
