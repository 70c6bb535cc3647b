//! AWS Systems Manager: the public parameters of the ECS-optimised images.

#[cfg(test)]
mod tests;

use crate::{
    Action, Answer, Grant, Input, Refusal, Time, World, call,
    service::ec2::image::{self, Image},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The service's actions.
pub fn actions() -> Vec<Action> {
    vec![
        Action::on("GetParameter", get_parameter, |world, input| {
            vec![Grant::on(arn(world, plain(input.text("Name"))))]
        }),
        Action::on("GetParameters", get_parameters, |world, input| {
            let names = input.texts("Names").into_iter();
            names.map(|it| Grant::on(arn(world, plain(it)))).collect()
        }),
        Action::on(
            "GetParametersByPath",
            get_parameters_by_path,
            |world, input| {
                let path = input.text("Path").trim_end_matches('/');
                vec![Grant::on(arn(world, path))]
            },
        ),
    ]
}

/// A public parameter's value, such as that of
/// `/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id`.
pub fn parameter(world: &World, name: &str) -> Option<String> {
    find(world, name).map(|it| it.value)
}

struct Parameter {
    name: String,
    value: String,
    is_image: bool,
}

/// Every parameter is of this version, which was there when the images were made.
const VERSION: i64 = 87;
const CHANGED: Time = Time(1_794_620_400_000);

fn all(world: &World) -> impl Iterator<Item = Parameter> {
    image::images(&world.region).into_iter().flat_map(|it| {
        let parameter = |(end, value): (String, String), it: &Image| Parameter {
            name: format!("{}{end}", it.parameter),
            is_image: value == it.id,
            value,
        };
        let made = it.parameters().into_iter();
        made.map(|named| parameter(named, &it)).collect::<Vec<_>>()
    })
}

/// The parameter of a name, which may end in `:` and a version.
fn find(world: &World, name: &str) -> Option<Parameter> {
    let selector = match name.starts_with("arn:") {
        true => None,
        false => name.split_once(':').map(|it| it.1),
    };
    let is_there = selector.is_none_or(|it| it == VERSION.to_string());
    let name = plain(name);
    all(world).find(|it| is_there && it.name == name)
}

/// A parameter's name without the version, and without the ARN around it.
fn plain(name: &str) -> &str {
    let name = match name.split_once(":parameter/") {
        Some((before, _)) => &name[before.len() + ":parameter".len()..],
        None => name,
    };
    name.split_once(':').map_or(name, |it| it.0)
}

/// The ARN of a parameter by its name. Public parameters are of no account.
pub(crate) fn arn(world: &World, name: &str) -> String {
    match name.starts_with("/aws/service/") {
        true => format!("arn:aws:ssm:{}::parameter{name}", world.region),
        false => world.arn(
            "ssm",
            &format!("parameter/{}", name.trim_start_matches('/')),
        ),
    }
}

fn show(world: &World, parameter: &Parameter, asked: &str) -> Value {
    let mut shown = json!({
        "Name": parameter.name,
        "Type": "String",
        "Value": parameter.value,
        "Version": VERSION,
        "LastModifiedDate": CHANGED.value(),
        "ARN": arn(world, &parameter.name),
        "DataType": if parameter.is_image { "aws:ec2:image" } else { "text" },
    });
    if !asked.starts_with("arn:")
        && let Some((_, selector)) = asked.split_once(':')
    {
        shown["Selector"] = format!(":{selector}").into();
    }
    shown
}

fn get_parameter(world: &mut World, input: &Input) -> Answer {
    let name = input.text("Name");
    match find(world, name) {
        Some(it) => Ok(json!({ "Parameter": show(world, &it, name) })),
        None => {
            let other = all(world).any(|it| it.name == plain(name));
            let code = match other {
                true => "ParameterVersionNotFound",
                false => "ParameterNotFound",
            };
            Err(Refusal::new(code, format!("Parameter {name} not found.")))
        }
    }
}

fn get_parameters(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("Names");
    if names.len() > 10 {
        return Err(Refusal::new(
            "ValidationException",
            "1 validation error detected: Value at 'names' failed to satisfy constraint: Member \
             must have length less than or equal to 10",
        ));
    }
    let distinct: BTreeSet<&str> = names.iter().map(|it| plain(it)).collect();
    if distinct.len() < names.len() {
        return Err(Refusal::new(
            "ValidationException",
            "Parameter names must not be repeated.",
        ));
    }
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match find(world, name) {
            Some(it) => found.push(show(world, &it, name)),
            None => invalid.push(name),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": invalid }))
}

fn get_parameters_by_path(world: &mut World, input: &Input) -> Answer {
    let path = input.text("Path");
    if !path.starts_with('/') {
        return Err(Refusal::new(
            "ValidationException",
            "The parameter doesn't meet the parameter name requirements. The parameter name must \
             begin with a forward slash \"/\".",
        ));
    }
    let filters = input.list("ParameterFilters");
    let by_type = filters.iter().map(|it| {
        let values = it["Values"].as_array();
        match it["Key"].as_str() {
            Some("Type") => Ok(values.is_some_and(|it| it.contains(&"String".into()))),
            Some("Label" | "KeyId" | "DataType") => Ok(false),
            key => {
                let key = key.unwrap_or_default();
                let words = format!("The specified key isn't valid: {key}");
                Err(Refusal::new("InvalidFilterKey", words))
            }
        }
    });
    let is_shown = by_type.collect::<Result<Vec<bool>, Refusal>>()?;
    let is_shown = is_shown.into_iter().all(|it| it);
    let path = format!("{}/", path.trim_end_matches('/'));
    let is_below = |it: &Parameter| {
        let rest = it.name.strip_prefix(&path);
        rest.is_some_and(|it| input.flag("Recursive") || !it.contains('/'))
    };
    let found = all(world).filter(|it| is_shown && is_below(it));
    let shown: Vec<Value> = found.map(|it| show(world, &it, "")).collect();
    let limit = input.integer("MaxResults").unwrap_or(10).clamp(1, 10) as usize;
    let (page, next) = call::page(&shown, input.maybe("NextToken"), limit)
        .ok_or_else(|| Refusal::new("InvalidNextToken", "The specified token isn't valid."))?;
    Ok(call::object([
        ("Parameters", Some(page.into())),
        ("NextToken", next.map(Value::from)),
    ]))
}
