//! Reading parameters: those of the account, and those that AWS publishes.

use super::{
    arn, known,
    parameter::{absent, wrong},
    plain,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, Time, World, call,
    service::ec2::image::{self, Image},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn actions() -> Vec<Action> {
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

/// A parameter's value, in the clear.
pub(super) fn value(world: &World, name: &str) -> Option<String> {
    find(world, name, true).map(|it| it.value)
}

/// A version of a parameter, as it is read.
struct Parameter {
    name: String,
    value: String,
    kind: String,
    version: i64,
    data_type: String,
    changed_at: Time,
}

/// Every public parameter is of this version, which was there when the images were made.
const VERSION: i64 = 87;
const CHANGED: Time = Time(1_794_620_400_000);

/// Every public parameter.
fn public(world: &World) -> impl Iterator<Item = Parameter> {
    image::images(&world.region).into_iter().flat_map(|it| {
        let parameter = |(end, value): (String, String), it: &Image| Parameter {
            name: format!("{}{end}", it.parameter),
            data_type: if value == it.id {
                "aws:ec2:image"
            } else {
                "text"
            }
            .to_owned(),
            value,
            kind: "String".to_owned(),
            version: VERSION,
            changed_at: CHANGED,
        };
        let made = it.parameters().into_iter();
        made.map(|named| parameter(named, &it)).collect::<Vec<_>>()
    })
}

/// The account's own parameter of that name, in the version of a number or in the present one.
fn own(world: &World, name: &str, version: Option<&str>, decrypted: bool) -> Option<Parameter> {
    let name = known(world, name)?;
    let own = world.ssm.parameters.get(&name)?;
    let version = own.version(version)?;
    Some(Parameter {
        value: version.value(decrypted),
        kind: version.kind.clone(),
        version: version.number,
        data_type: version.data_type.clone(),
        changed_at: version.changed_at,
        name,
    })
}

/// The version that a name asks for after a `:`.
fn selector(name: &str) -> Option<&str> {
    let name = name.split_once(":parameter/").map_or(name, |it| it.1);
    name.split_once(':').map(|it| it.1)
}

/// The parameter of a name, which may end in `:` and a version.
fn find(world: &World, name: &str, decrypted: bool) -> Option<Parameter> {
    let version = selector(name);
    let is_there = version.is_none_or(|it| it == VERSION.to_string());
    let name = plain(name);
    own(world, name, version, decrypted)
        .or_else(|| public(world).find(|it| is_there && it.name == name))
}

fn show(world: &World, parameter: &Parameter, asked: &str) -> Value {
    let mut shown = json!({
        "Name": parameter.name,
        "Type": parameter.kind,
        "Value": parameter.value,
        "Version": parameter.version,
        "LastModifiedDate": parameter.changed_at.value(),
        "ARN": arn(world, &parameter.name),
        "DataType": parameter.data_type,
    });
    if let Some(selector) = selector(asked) {
        shown["Selector"] = format!(":{selector}").into();
    }
    shown
}

fn get_parameter(world: &mut World, input: &Input) -> Answer {
    let name = input.text("Name");
    if let Some(it) = find(world, name, input.flag("WithDecryption")) {
        return Ok(json!({ "Parameter": show(world, &it, name) }));
    }
    match find(world, plain(name), false) {
        Some(_) => Err(Refusal::new(
            "ParameterVersionNotFound",
            format!(
                "Systems Manager could not find version {} of {}. Verify the version and try again.",
                selector(name).unwrap_or_default(),
                plain(name)
            ),
        )),
        None => Err(absent(name)),
    }
}

fn get_parameters(world: &mut World, input: &Input) -> Answer {
    let names = input.texts("Names");
    if names.len() > 10 {
        return Err(wrong(
            "1 validation error detected: Value at 'names' failed to satisfy constraint: Member \
             must have length less than or equal to 10",
        ));
    }
    let distinct: BTreeSet<&str> = names.iter().map(|it| plain(it)).collect();
    if distinct.len() < names.len() {
        return Err(wrong("Parameter names must not be repeated."));
    }
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match find(world, name, input.flag("WithDecryption")) {
            Some(it) => found.push(show(world, &it, name)),
            None => invalid.push(name),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": invalid }))
}

fn get_parameters_by_path(world: &mut World, input: &Input) -> Answer {
    let path = input.text("Path");
    if !path.starts_with('/') {
        return Err(wrong(
            "The parameter doesn't meet the parameter name requirements. The parameter name must \
             begin with a forward slash \"/\".",
        ));
    }
    let types = types(input)?;
    let path = format!("{}/", path.trim_end_matches('/'));
    let is_below = |it: &Parameter| {
        let rest = it.name.strip_prefix(&path);
        rest.is_some_and(|it| input.flag("Recursive") || !it.contains('/'))
    };
    let is_asked = |it: &Parameter| types.iter().all(|its| its.contains(&it.kind));
    let clear = input.flag("WithDecryption");
    let names = world.ssm.parameters.keys();
    let own = names.filter_map(|it| own(world, it, None, clear));
    let all = own.chain(public(world));
    let found = all.filter(|it| is_below(it) && is_asked(it));
    let shown: Vec<Value> = found.map(|it| show(world, &it, "")).collect();
    let limit = input.integer("MaxResults").unwrap_or(10).clamp(1, 10) as usize;
    let (page, next) = call::page(&shown, input.maybe("NextToken"), limit)
        .ok_or_else(|| Refusal::new("InvalidNextToken", "The specified token isn't valid."))?;
    Ok(call::object([
        ("Parameters", Some(page.into())),
        ("NextToken", next.map(Value::from)),
    ]))
}

/// The types that each of the filters leaves. There are no labels here, and what filters by them
/// leaves nothing.
fn types(input: &Input) -> Result<Vec<Vec<String>>, Refusal> {
    let filters = input.list("ParameterFilters").iter();
    let read = filters.map(|it| match it["Key"].as_str() {
        Some("Type") => {
            let values = it["Values"].as_array().into_iter().flatten();
            Ok(values
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect())
        }
        Some("Label" | "KeyId") => Ok(Vec::new()),
        key => {
            let key = key.unwrap_or_default();
            let words = format!("The specified key isn't valid: {key}");
            Err(Refusal::new("InvalidFilterKey", words))
        }
    });
    read.collect()
}
