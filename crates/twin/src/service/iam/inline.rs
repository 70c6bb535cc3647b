//! Policies that belong to one role.

use super::{
    check, list,
    refusal::{limit, no_such},
    role::{self, Role},
};
use crate::{Answer, Input, Refusal, World};
use serde_json::{Value, json};

/// How many characters the inline policies of a role have at most together, blanks not counted.
const MOST: usize = 10_240;

/// Whether a role has none.
pub(super) fn is_empty(role: &Role) -> bool {
    role.inline.is_empty()
}

pub(super) fn put(world: &mut World, input: &Input) -> Answer {
    let (name, text) = (input.text("PolicyName"), input.text("PolicyDocument"));
    let role = role::changed(world, input)?;
    check::policy(text)?;
    let length = |text: &str| text.chars().filter(|it| !it.is_whitespace()).count();
    let others = role.inline.iter().filter(|(it, _)| *it != name);
    let total: usize = others.map(|(_, it)| length(it)).sum();
    if total + length(text) > MOST {
        let role = &role.name;
        let text = format!("Maximum policy size of {MOST} bytes exceeded for role {role}");
        return Err(limit(text));
    }
    role.inline.insert(name.to_owned(), text.to_owned());
    Ok(json!({}))
}

pub(super) fn get(world: &mut World, input: &Input) -> Answer {
    let role = role::named(world, input)?;
    let name = input.text("PolicyName");
    let document = role.inline.get(name).ok_or_else(|| missing(name))?;
    Ok(json!({
        "RoleName": role.name,
        "PolicyName": name,
        "PolicyDocument": list::encoded(document),
    }))
}

pub(super) fn delete(world: &mut World, input: &Input) -> Answer {
    let role = role::changed(world, input)?;
    let name = input.text("PolicyName");
    role.inline.remove(name).ok_or_else(|| missing(name))?;
    Ok(json!({}))
}

pub(super) fn list_all(world: &mut World, input: &Input) -> Answer {
    let role = role::named(world, input)?;
    let names: Vec<Value> = role.inline.keys().map(|it| it.as_str().into()).collect();
    list::page(input, "PolicyNames", &names)
}

fn missing(name: &str) -> Refusal {
    no_such(format!("The role policy with name {name} cannot be found."))
}
