//! What the account's own parameters are: listed, with their history, and tagged.

use super::{
    arn,
    parameter::{Own, absent, wrong},
    plain,
    write::requesting,
};
use crate::{
    Action, Answer, Grant, Input, Refusal, World, call,
    service::tags::{self, Tags},
};
use serde_json::{Value, json};

pub(super) fn actions() -> Vec<Action> {
    vec![
        Action::new("DescribeParameters", describe_parameters),
        Action::on("GetParameterHistory", history, |world, input| {
            vec![Grant::on(arn(world, plain(input.text("Name"))))]
        }),
        Action::on("AddTagsToResource", add_tags, on_tagged),
        Action::on("RemoveTagsFromResource", remove_tags, on_tagged),
        Action::on("ListTagsForResource", list_tags, on_tagged),
    ]
}

fn on_tagged(world: &World, input: &Input) -> Vec<Grant> {
    let tags = tags::from_list(input.list("Tags"));
    let grant = Grant::on(arn(world, input.text("ResourceId")));
    vec![requesting(grant, &tags)]
}

/// Every tagged parameter, by ARN, as the tagging API lists it.
pub(in crate::service) fn tagged(world: &World) -> Vec<(String, Tags)> {
    let all = world.ssm.parameters.iter();
    all.filter(|(_, it)| !it.tags.is_empty())
        .map(|(name, it)| (arn(world, name), it.tags.clone()))
        .collect()
}

fn page(input: &Input, member: &str, shown: &[Value]) -> Answer {
    let limit = input.integer("MaxResults").unwrap_or(50).clamp(1, 50) as usize;
    let (page, next) = call::page(shown, input.maybe("NextToken"), limit)
        .ok_or_else(|| Refusal::new("InvalidNextToken", "The specified token isn't valid."))?;
    let mut answer = json!({ member: page });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn describe_parameters(world: &mut World, input: &Input) -> Answer {
    let mut filters: Vec<Value> = input.list("ParameterFilters").to_vec();
    let old = input.list("Filters");
    if !filters.is_empty() && !old.is_empty() {
        return Err(wrong(
            "You can use either Filters or ParameterFilters in a single request.",
        ));
    }
    filters.extend_from_slice(old);
    let mut shown = Vec::new();
    for (name, own) in &world.ssm.parameters {
        let mut fits = true;
        for filter in &filters {
            fits &= passes(name, own, filter)?;
        }
        if fits {
            let mut it = own.last().show(name);
            it["ARN"] = arn(world, name).into();
            shown.push(it);
        }
    }
    page(input, "Parameters", &shown)
}

/// Whether a parameter passes a filter.
fn passes(name: &str, own: &Own, filter: &Value) -> Result<bool, Refusal> {
    let key = filter["Key"].as_str().unwrap_or_default();
    let values = filter["Values"].as_array().into_iter().flatten();
    let values: Vec<&str> = values.filter_map(Value::as_str).collect();
    let option = filter["Option"].as_str();
    let compare = |found: &str| -> Result<bool, Refusal> {
        match option.unwrap_or("Equals") {
            "Equals" => Ok(values.contains(&found)),
            "BeginsWith" => Ok(values.iter().any(|it| found.starts_with(it))),
            "Contains" if key == "Name" => Ok(values.iter().any(|it| found.contains(it))),
            other => {
                let words = format!(
                    "The following filter option is not valid: {other}. Valid options include: \
                     [BeginsWith, Equals]."
                );
                Err(Refusal::new("InvalidFilterOption", words))
            }
        }
    };
    let last = own.last();
    match key {
        "Name" => compare(name),
        "Type" => compare(&last.kind),
        "KeyId" => compare(last.key.as_deref().unwrap_or_default()),
        "Tier" => compare(&last.tier),
        "DataType" => compare(&last.data_type),
        "Path" => path(name, &values, option),
        key => match key.strip_prefix("tag:") {
            Some(tag) => {
                let found = own.tags.get(tag);
                Ok(found.is_some_and(|it| values.is_empty() || values.contains(&it.as_str())))
            }
            None => Err(Refusal::new(
                "InvalidFilterKey",
                format!("The specified key isn't valid: {key}"),
            )),
        },
    }
}

fn path(name: &str, values: &[&str], option: Option<&str>) -> Result<bool, Refusal> {
    let is_deep = match option {
        None | Some("OneLevel") => false,
        Some("Recursive") => true,
        Some(other) => {
            let words = format!(
                "The following filter option is not valid: {other}. Valid options include: \
                 [Recursive, OneLevel]."
            );
            return Err(Refusal::new("InvalidFilterOption", words));
        }
    };
    let below = |path: &&str| {
        let rest = name.strip_prefix(&format!("{}/", path.trim_end_matches('/')));
        rest.is_some_and(|it| is_deep || !it.contains('/'))
    };
    Ok(values.iter().any(below))
}

fn history(world: &mut World, input: &Input) -> Answer {
    let name = input.text("Name");
    let found = world.ssm.parameters.get(plain(name));
    let own = found.ok_or_else(|| absent(name))?;
    let show = |it: &super::parameter::Version| {
        let mut shown = it.show(plain(name));
        shown["Value"] = it.value(input.flag("WithDecryption")).into();
        shown["Labels"] = json!([]);
        shown
    };
    let shown: Vec<Value> = own.versions.iter().map(show).collect();
    page(input, "Parameters", &shown)
}

/// The parameter that is to be tagged: nothing else of Systems Manager is here.
fn resource<'a>(world: &'a mut World, input: &Input) -> Result<&'a mut Own, Refusal> {
    let id = input.text("ResourceId");
    let is_parameter = input.text("ResourceType") == "Parameter";
    let name = super::known(world, id).filter(|_| is_parameter);
    let found = name.and_then(|it| world.ssm.parameters.get_mut(&it));
    found.ok_or_else(|| {
        let words = format!("The resource ID \"{id}\" is not valid. Verify the ID and try again.");
        Refusal::new("InvalidResourceId", words)
    })
}

fn add_tags(world: &mut World, input: &Input) -> Answer {
    let given = tags::from_list(input.list("Tags"));
    tags::check(&given, "ValidationException")?;
    let own = resource(world, input)?;
    let mut tags = own.tags.clone();
    tags.extend(given);
    if tags.len() > 50 {
        return Err(Refusal::new(
            "TooManyTagsError",
            "A resource can have no more than 50 tags.",
        ));
    }
    own.tags = tags;
    Ok(json!({}))
}

fn remove_tags(world: &mut World, input: &Input) -> Answer {
    let keys = input.texts("TagKeys");
    let own = resource(world, input)?;
    own.tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(json!({}))
}

fn list_tags(world: &mut World, input: &Input) -> Answer {
    Ok(json!({ "TagList": tags::upper(&resource(world, input)?.tags) }))
}
