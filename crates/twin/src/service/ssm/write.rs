//! Putting and deleting the account's own parameters.

use super::{
    arn,
    parameter::{Own, Version, absent, check_name, wrong},
    plain,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World,
    service::tags::{self, Tags},
};
use regex_lite::Regex;
use serde_json::json;

/// How many versions of a parameter are kept.
const KEPT: usize = 100;

pub(super) fn actions() -> Vec<Action> {
    let on_names = |world: &World, input: &Input| {
        let names = input.texts("Names").into_iter();
        let all = names.chain(input.maybe("Name"));
        all.map(|it| Grant::on(arn(world, it))).collect()
    };
    vec![
        Action::on("PutParameter", put_parameter, |world, input| {
            let tags = tags::from_list(input.list("Tags"));
            let on = || Grant::on(arn(world, input.text("Name")));
            let tagging = Grant {
                action: "ssm:AddTagsToResource".to_owned(),
                ..on()
            };
            let some = (!tags.is_empty()).then_some(tagging);
            let grants = [on()].into_iter().chain(some);
            grants.map(|it| requesting(it, &tags)).collect()
        }),
        Action::on("DeleteParameter", delete_parameter, on_names),
        Action::on("DeleteParameters", delete_parameters, on_names),
    ]
}

/// What IAM is told of the tags in a request.
pub(super) fn requesting(grant: Grant, tags: &Tags) -> Grant {
    tags.iter().fold(grant, |grant, (key, value)| {
        grant
            .with(format!("aws:RequestTag/{key}"), value.as_str())
            .with("aws:TagKeys", key.as_str())
    })
}

fn put_parameter(world: &mut World, input: &Input) -> Answer {
    let name = plain(input.text("Name")).to_owned();
    check_name(world, &name)?;
    let tags = tags::from_list(input.list("Tags"));
    tags::check(&tags, "ValidationException")?;
    let known = world.ssm.parameters.get(&name);
    if known.is_some() && !input.flag("Overwrite") {
        return Err(Refusal::new(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in \
             the request to true.",
        ));
    }
    if input.flag("Overwrite") && !tags.is_empty() {
        return Err(wrong(
            "tags and overwrite can't be used together. To create a parameter with tags, please \
             remove overwrite flag. To update tags for an existing parameter, please use \
             AddTagsToResource or RemoveTagsFromResource.",
        ));
    }
    let version = next(world, input, known.map(Own::last))?;
    let answer = json!({ "Version": version.number, "Tier": version.tier });
    let new = || Own {
        versions: Vec::new(),
        tags,
    };
    let own = world.ssm.parameters.entry(name).or_insert_with(new);
    own.versions.push(version);
    let over = own.versions.len().saturating_sub(KEPT);
    own.versions.drain(..over);
    Ok(answer)
}

/// The version that a request makes after the present one.
fn next(world: &World, input: &Input, before: Option<&Version>) -> Result<Version, Refusal> {
    let kind = match (input.maybe("Type"), before) {
        (Some(kind), Some(before)) if kind != before.kind => {
            return Err(Refusal::new(
                "HierarchyTypeMismatchException",
                "Parameter Store doesn't support changing a parameter type in a hierarchy. For \
                 example, you can't change a parameter from a String type to a SecureString type. \
                 You must create a new, unique parameter.",
            ));
        }
        (Some(kind), _) => kind.to_owned(),
        (None, Some(before)) => before.kind.clone(),
        (None, None) => {
            return Err(wrong(
                "A parameter type is required when you create a parameter.",
            ));
        }
    };
    let value = input.text("Value").to_owned();
    let tier = tier(input, before, value.len())?;
    let pattern = input.maybe("AllowedPattern");
    check_pattern(pattern, &value)?;
    let data_type = input.maybe("DataType").unwrap_or("text");
    if !["text", "aws:ec2:image", "aws:ssm:integration"].contains(&data_type) {
        return Err(wrong(format!(
            "The following data type is not supported: {data_type} (Data type names are all \
             lowercase.)"
        )));
    }
    let key = input.maybe("KeyId").unwrap_or("alias/aws/ssm");
    let text = |name: &str| input.maybe(name).map(str::to_owned);
    Ok(Version {
        number: before.map_or(1, |it| it.number + 1),
        key: (kind == "SecureString").then(|| key.to_owned()),
        kind,
        value,
        data_type: data_type.to_owned(),
        tier,
        description: text("Description").or_else(|| before?.description.clone()),
        pattern: pattern.map(str::to_owned),
        changed_at: world.now,
        changed_by: input.caller.arn.clone(),
    })
}

fn tier(input: &Input, before: Option<&Version>, length: usize) -> Result<String, Refusal> {
    let was_advanced = before.is_some_and(|it| it.tier == "Advanced");
    let tier = match input.maybe("Tier") {
        Some("Standard") if was_advanced => {
            return Err(wrong(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter \
                 from the advanced-parameter tier to the standard-parameter tier. If necessary, \
                 you can delete the advanced parameter and recreate it as a standard parameter.",
            ));
        }
        Some("Advanced") => "Advanced",
        Some("Intelligent-Tiering") if length > 4096 => "Advanced",
        _ if was_advanced => "Advanced",
        _ => "Standard",
    };
    let most = if tier == "Advanced" { 8192 } else { 4096 };
    match length <= most {
        true => Ok(tier.to_owned()),
        false => Err(wrong(format!(
            "{tier} tier parameters support a maximum parameter value of {most} characters."
        ))),
    }
}

fn check_pattern(pattern: Option<&str>, value: &str) -> Result<(), Refusal> {
    let Some(pattern) = pattern else {
        return Ok(());
    };
    let regex = Regex::new(pattern).map_err(|_| {
        let words = format!("The pattern {pattern} is no valid regular expression.");
        Refusal::new("InvalidAllowedPatternException", words)
    })?;
    match regex.is_match(value) {
        true => Ok(()),
        false => Err(Refusal::new(
            "ParameterPatternMismatchException",
            format!("Parameter value, cannot be validated against allowedPattern: {pattern}"),
        )),
    }
}

fn delete_parameter(world: &mut World, input: &Input) -> Answer {
    let name = input.text("Name");
    let gone = world.ssm.parameters.remove(plain(name));
    gone.map(|_| json!({})).ok_or_else(|| absent(name))
}

fn delete_parameters(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("Names").into_iter();
    let (deleted, invalid): (Vec<&str>, Vec<&str>) =
        names.partition(|it| world.ssm.parameters.remove(plain(it)).is_some());
    Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": invalid }))
}
