//! Account settings.

use super::cluster::{invalid, limit, paged};
use crate::{Action, Answer, Input, Refusal, World, habits::ACCOUNT};
use serde_json::{Value, json};

/// Every setting, and what it is where nobody set it.
const SETTINGS: [(&str, &str); 11] = [
    ("awsvpcTrunking", "disabled"),
    ("containerInsights", "disabled"),
    ("containerInstanceLongArnFormat", "enabled"),
    ("defaultLogDriverMode", "non-blocking"),
    ("fargateEventWindows", "disabled"),
    ("fargateFIPSMode", "disabled"),
    ("fargateTaskRetirementWaitPeriod", "7"),
    ("guardDutyActivate", "off"),
    ("serviceLongArnFormat", "enabled"),
    ("tagResourceAuthorization", "on"),
    ("taskLongArnFormat", "enabled"),
];

/// The actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::new("DeleteAccountSetting", delete),
        Action::new("ListAccountSettings", list),
        Action::new("PutAccountSetting", put),
        Action::new("PutAccountSettingDefault", put_default),
    ]
}

/// What a setting is for a principal: its own, or else the account's, or else AWS's.
pub(super) fn effective(world: &World, principal: &str, name: &str) -> String {
    let set = &world.ecs.settings;
    let own = set.get(&key(name, principal));
    let account = || set.get(&key(name, "default"));
    let found = own.or_else(account).cloned();
    found.unwrap_or_else(|| aws_default(name).to_owned())
}

fn aws_default(name: &str) -> &'static str {
    let found = SETTINGS.iter().find(|(it, _)| *it == name);
    found.map_or("disabled", |(_, value)| value)
}

fn key(name: &str, principal: &str) -> String {
    format!("{name} {principal}")
}

fn root() -> String {
    format!("arn:aws:iam::{ACCOUNT}:root")
}

/// Whom the input is about; the root user stands for the account.
fn principal(input: &Input) -> (String, String) {
    let arn = match (input.maybe("principalArn"), input.caller.arn.as_str()) {
        (Some(arn), _) => arn.to_owned(),
        (None, "") => root(),
        (None, caller) => caller.to_owned(),
    };
    let place = match arn == root() {
        true => "default".to_owned(),
        false => arn.clone(),
    };
    (arn, place)
}

fn put(world: &mut World, input: &Input) -> Answer {
    let (arn, place) = principal(input);
    set(world, input, &arn, &place)
}

fn put_default(world: &mut World, input: &Input) -> Answer {
    set(world, input, &root(), "default")
}

fn set(world: &mut World, input: &Input, arn: &str, place: &str) -> Answer {
    let (name, value) = (input.text("name"), input.text("value"));
    check(name, value)?;
    let settings = &mut world.ecs.settings;
    settings.insert(key(name, place), value.to_owned());
    Ok(json!({ "setting": setting(name, value, arn) }))
}

fn check(name: &str, value: &str) -> Result<(), Refusal> {
    let taken: &[&str] = match name {
        "containerInsights" => &["enabled", "disabled", "enhanced"],
        "defaultLogDriverMode" => &["blocking", "non-blocking"],
        "fargateTaskRetirementWaitPeriod" => &["0", "7", "14"],
        "guardDutyActivate" => &[],
        "tagResourceAuthorization" => &["on", "off"],
        // Long ARNs have been the only ones since 2021.
        "serviceLongArnFormat" | "taskLongArnFormat" | "containerInstanceLongArnFormat" => {
            &["enabled"]
        }
        _ => &["enabled", "disabled"],
    };
    match taken.contains(&value) {
        true => Ok(()),
        false => Err(invalid(format!(
            "The value '{value}' is not valid for the account setting '{name}'."
        ))),
    }
}

fn delete(world: &mut World, input: &Input) -> Answer {
    let name = input.text("name");
    let (arn, place) = principal(input);
    world.ecs.settings.remove(&key(name, &place));
    let value = effective(world, &place, name);
    Ok(json!({ "setting": setting(name, &value, &arn) }))
}

fn list(world: &mut World, input: &Input) -> Answer {
    if input.has("value") && !input.has("name") {
        return Err(invalid(
            "An account setting name is required to filter by a value.",
        ));
    }
    let (arn, place) = principal(input);
    let one = |name: &str| match input.flag("effectiveSettings") {
        true => Some(effective(world, &place, name)),
        false => world.ecs.settings.get(&key(name, &place)).cloned(),
    };
    let names = SETTINGS.iter().map(|(name, _)| *name);
    let names = names.filter(|it| input.maybe("name").is_none_or(|asked| asked == *it));
    let all: Vec<Value> = names
        .filter_map(|name| Some((name, one(name)?)))
        .filter(|(_, it)| input.maybe("value").is_none_or(|asked| asked == it))
        .map(|(name, value)| setting(name, &value, &arn))
        .collect();
    paged("settings", &all, input, limit(input, 10)?)
}

fn setting(name: &str, value: &str, principal: &str) -> Value {
    let kind = match name {
        "guardDutyActivate" => "aws_managed",
        _ => "user",
    };
    json!({ "name": name, "value": value, "principalArn": principal, "type": kind })
}
