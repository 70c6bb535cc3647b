//! Launch templates.

mod data;
mod likeness;
#[cfg(test)]
mod tests;
mod version;

use super::{
    filter::Filters,
    listing::{self, Listing},
    once,
    refusal::{absent_as, combined, formed, missing},
    tag,
};
use crate::{Action, Answer, Grant, Input, Refusal, Time, World, service::ssm};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A launch template.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Template {
    id: String,
    name: String,
    created_at: Time,
    created_by: String,
    default: u64,
    /// The last number that was given out.
    last: u64,
    versions: BTreeMap<u64, Version>,
}

/// A version of a template.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Version {
    description: Option<String>,
    created_at: Time,
    created_by: String,
    data: Map<String, Value>,
}

/// What a template says to a launch.
pub(super) struct Told {
    /// The template's id and the version's number.
    pub(super) version: (String, u64),
    /// By the names of RequestLaunchTemplateData.
    pub(super) data: Map<String, Value>,
}

pub(super) fn actions() -> Vec<Action> {
    let mut actions = vec![
        Action::on(
            "CreateLaunchTemplate",
            create_launch_template,
            |world, input| tag::grants_new(world, input, "launch-template"),
        ),
        Action::on("DeleteLaunchTemplate", delete_launch_template, on_template),
        Action::on("ModifyLaunchTemplate", modify_launch_template, on_template),
        Action::new("DescribeLaunchTemplates", describe_launch_templates),
    ];
    actions.extend(version::actions());
    actions.extend(likeness::actions());
    actions
}

/// What IAM is told of the template that an input names.
fn on_template(world: &World, input: &Input) -> Vec<Grant> {
    let found = named(world, &Value::Object(input.members.clone())).ok();
    found
        .map(|it| tag::grant(world, &it.id))
        .into_iter()
        .collect()
}

impl Template {
    /// The number of its latest version.
    fn latest(&self) -> u64 {
        self.versions
            .keys()
            .next_back()
            .copied()
            .unwrap_or(self.last)
    }

    /// The number that a text names: a number, `$Latest` or `$Default`.
    fn number(&self, text: &str) -> Result<u64, Refusal> {
        let number = match text {
            "$Latest" => self.latest(),
            "$Default" => self.default,
            text => text.parse().map_err(|_| {
                super::refusal::invalid(
                    "Invalid launch template version: either '$Default', '$Latest', or a numeric \
                     version are allowed.",
                )
            })?,
        };
        match self.versions.contains_key(&number) {
            true => Ok(number),
            false => Err(Refusal::new(
                "InvalidLaunchTemplateId.VersionNotFound",
                format!(
                    "Could not find the specified version {text} for the launch template with ID \
                     {}.",
                    self.id
                ),
            )),
        }
    }

    fn show(&self, world: &World) -> Value {
        json!({
            "LaunchTemplateId": self.id,
            "LaunchTemplateName": self.name,
            "CreateTime": self.created_at.value(),
            "CreatedBy": self.created_by,
            "DefaultVersionNumber": self.default,
            "LatestVersionNumber": self.latest(),
            "Tags": world.ec2.shown_tags(&self.id),
            "Operator": { "Managed": false },
        })
    }
}

/// The template that `LaunchTemplateId` or `LaunchTemplateName` names.
fn named<'a>(world: &'a World, by: &Value) -> Result<&'a Template, Refusal> {
    let id = by["LaunchTemplateId"].as_str();
    let name = by["LaunchTemplateName"].as_str();
    match (id, name) {
        (Some(_), Some(_)) => Err(combined(
            "Exactly one of launchTemplateId or launchTemplateName may be specified.",
        )),
        (Some(id), None) => {
            formed("lt", id)?;
            let found = world.ec2.templates.get(id);
            found.ok_or_else(|| absent_as("lt", id))
        }
        (None, Some(name)) => by_name(world, name),
        (None, None) => Err(missing("launchTemplateId or launchTemplateName")),
    }
}

fn by_name<'a>(world: &'a World, name: &str) -> Result<&'a Template, Refusal> {
    let mut templates = world.ec2.templates.values();
    templates.find(|it| it.name == name).ok_or_else(|| {
        let words =
            format!("The specified launch template, with template name {name}, does not exist.");
        Refusal::new("InvalidLaunchTemplateName.NotFoundException", words)
    })
}

/// What a template (`LaunchTemplateId` or `LaunchTemplateName`, and `Version`) says to a launch.
/// Where both are given, as Auto Scaling groups show them, the id counts.
pub(super) fn told(world: &World, template: &Value) -> Result<Told, Refusal> {
    let mut by = template.clone();
    if let Some(members) = by
        .as_object_mut()
        .filter(|it| it.contains_key("LaunchTemplateId"))
    {
        members.remove("LaunchTemplateName");
    }
    let found = named(world, &by)?;
    let number = found.number(template["Version"].as_str().unwrap_or("$Default"))?;
    Ok(Told {
        version: (found.id.clone(), number),
        data: found.versions[&number].data.clone(),
    })
}

/// The image that a template names, through its parameter if it names one.
pub(super) fn image(world: &World, text: &str) -> Result<String, Refusal> {
    let Some(name) = text.strip_prefix("resolve:ssm:") else {
        return Ok(text.to_owned());
    };
    ssm::parameter(world, name).ok_or_else(|| {
        Refusal::new(
            "InvalidParameterValue",
            format!(
                "The parameter '{name}' could not be resolved: the SSM parameter does not exist."
            ),
        )
    })
}

/// What a caller must be allowed for an image to be read from its parameter.
pub(super) fn resolving(world: &World, image: Option<&Value>) -> Option<Grant> {
    let name = image?.as_str()?.strip_prefix("resolve:ssm:")?;
    Some(Grant::of("ssm:GetParameters", ssm::arn(world, name)))
}

fn create_launch_template(world: &mut World, input: &Input) -> Answer {
    if let Some(id) = once::before(world, input)? {
        let made = world.ec2.templates.get(&id).map(|it| it.show(world));
        let made = made.ok_or_else(|| absent_as("lt", &id))?;
        return Ok(json!({ "LaunchTemplate": made }));
    }
    let name = input.text("LaunchTemplateName");
    check_name(name)?;
    let tags = tag::on_create(input, "launch-template")?;
    let data = data::read(input)?;
    if by_name(world, name).is_ok() {
        return Err(Refusal::new(
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "Launch template name already in use.",
        ));
    }
    let id = world.ids.ec2("lt");
    let first = Version {
        description: input.maybe("VersionDescription").map(str::to_owned),
        created_at: world.now,
        created_by: input.caller.arn.clone(),
        data,
    };
    let template = Template {
        id: id.clone(),
        name: name.to_owned(),
        created_at: world.now,
        created_by: input.caller.arn.clone(),
        default: 1,
        last: 1,
        versions: BTreeMap::from([(1, first)]),
    };
    world.ec2.put_tags(&id, tags);
    let shown = template.show(world);
    world.ec2.templates.insert(id.clone(), template);
    once::done(world, input, id);
    Ok(json!({ "LaunchTemplate": shown }))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let is_known = |it: char| it.is_ascii_alphanumeric() || "().-/_".contains(it);
    match (3..=128).contains(&name.len()) && name.chars().all(is_known) {
        true => Ok(()),
        false => Err(Refusal::new(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain \
             letters, numbers, and the following characters: - ( ) . / _.",
        )),
    }
}

/// The id of the template that an input names.
fn id_of(world: &World, input: &Input) -> Result<String, Refusal> {
    named(world, &Value::Object(input.members.clone())).map(|it| it.id.clone())
}

fn delete_launch_template(world: &mut World, input: &Input) -> Answer {
    let id = id_of(world, input)?;
    let shown = world.ec2.templates[&id].show(world);
    world.ec2.templates.remove(&id);
    world.ec2.tags.remove(&id);
    Ok(json!({ "LaunchTemplate": shown }))
}

fn modify_launch_template(world: &mut World, input: &Input) -> Answer {
    let id = id_of(world, input)?;
    let default = input.maybe("DefaultVersion");
    let default = default.ok_or_else(|| missing("SetDefaultVersion"))?;
    let number = world.ec2.templates[&id].number(default)?;
    let found = world.ec2.templates.get_mut(&id);
    let template = found.ok_or_else(|| absent_as("lt", &id))?;
    template.default = number;
    let shown = world.ec2.templates[&id].show(world);
    Ok(json!({ "LaunchTemplate": shown }))
}

const FILTERS: Filters = &[
    ("create-time", "CreateTime"),
    ("launch-template-name", "LaunchTemplateName"),
    ("tag", "Tags"),
];

/// How many templates and versions a page shows at most.
const PAGE: usize = 200;

fn describe_launch_templates(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("LaunchTemplateNames");
    for name in &names {
        by_name(world, name)?;
    }
    let is_asked = |it: &&Template| names.is_empty() || names.contains(&&*it.name);
    let templates = world.ec2.templates.values().filter(is_asked);
    let listing = Listing {
        member: "LaunchTemplates",
        ids: Some(("LaunchTemplateIds", "lt", "LaunchTemplateId")),
        filters: FILTERS,
    };
    let shown = templates.map(|it| it.show(world)).collect();
    let shown = listing.select(input, shown)?;
    listing::pages(input, "LaunchTemplates", &shown, PAGE)
}
