//! Task definitions and services, down to their leaves, from the service model and our own words.

use crate::document::{self, Bounds, DocumentKind, Member, Shape};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What each member is for.
const WORDS: &str = include_str!("../../schema/words.txt");

/// The version of the service model.
pub(super) fn version() -> &'static str {
    document::schema_version()
}

/// A definition for each object of the two documents, and for the documents themselves.
pub(super) fn definitions() -> Map<String, Value> {
    let words = words();
    let mut definitions = Map::new();
    for (kind, name) in [
        (DocumentKind::TaskDefinition, "taskDefinition"),
        (DocumentKind::Service, "service"),
    ] {
        let root = document::root_shape(kind);
        let mut wanted = BTreeSet::from([root.to_owned()]);
        while let Some(shape) = wanted.pop_first() {
            let key = if shape == root {
                name.to_owned()
            } else {
                shape.clone()
            };
            if definitions.contains_key(&key) {
                continue;
            }
            let Shape::Object(members) = document::shape(&shape) else {
                continue;
            };
            let object = object(&shape, members, &words, &mut wanted);
            definitions.insert(key, ours(&shape, object));
        }
    }
    definitions
}

/// The words of each shape's members.
fn words() -> BTreeMap<(&'static str, &'static str), &'static str> {
    let lines = WORDS.lines().filter(|it| !it.starts_with('#'));
    lines
        .filter_map(|line| {
            let (of, words) = line.split_once(": ")?;
            Some((of.split_once('.')?, words))
        })
        .collect()
}

fn object(
    name: &str,
    members: &BTreeMap<String, Member>,
    words: &BTreeMap<(&str, &str), &'static str>,
    wanted: &mut BTreeSet<String>,
) -> Value {
    let mut properties = Map::new();
    for (member, it) in members {
        let mut property = of(it.shape_name(), it.bounds(), wanted);
        if let (Some(property), Some(words)) = (
            property.as_object_mut(),
            words.get(&(name, member.as_str())),
        ) {
            property.insert("description".into(), (*words).into());
        }
        properties.insert(member.clone(), property);
    }
    let required = members.iter().filter(|it| it.1.is_required());
    let required: Vec<&String> = required.map(|it| it.0).collect();
    json!({
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

/// The schema of a shape, with the bounds that a member adds.
fn of(name: &str, narrower: Bounds, wanted: &mut BTreeSet<String>) -> Value {
    match document::shape(name) {
        Shape::Object(_) => {
            wanted.insert(name.to_owned());
            json!({ "$ref": format!("#/$defs/{name}") })
        }
        Shape::List { element, length } => {
            let items = of(element, Bounds::default(), wanted);
            let list = json!({ "type": "array", "items": items });
            bounded(list, narrower.or(*length), ["minItems", "maxItems"])
        }
        Shape::Map { value } => {
            let values = of(value, Bounds::default(), wanted);
            json!({ "type": "object", "additionalProperties": values })
        }
        Shape::Text { allowed, .. } if !allowed.is_empty() => json!({ "enum": allowed }),
        // A number where AWS wants a text is written as one.
        Shape::Text { length, .. } => {
            let text = json!({ "type": ["string", "number", "boolean"] });
            bounded(text, *length, ["minLength", "maxLength"])
        }
        Shape::Integer { bounds } => {
            let number = json!({ "type": "integer" });
            bounded(number, narrower.or(*bounds), ["minimum", "maximum"])
        }
        Shape::Decimal => json!({ "type": "number" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Anything => json!({}),
    }
}

fn bounded(mut schema: Value, bounds: Bounds, [least, most]: [&str; 2]) -> Value {
    for (key, bound) in [(least, bounds.least), (most, bounds.most)] {
        if let Some(bound) = bound.filter(|it| *it != 0 || key == "minimum") {
            schema[key] = bound.into();
        }
    }
    schema
}

/// What a stack may say beyond AWS's document, or need not.
fn ours(shape: &str, mut object: Value) -> Value {
    let describe =
        |object: &Value, member: &str| object["properties"][member]["description"].clone();
    let words = |member| describe(&object, member);
    match shape {
        "RegisterTaskDefinitionRequest" | "CreateServiceRequest" => {
            let tags = json!({
                "description": words("tags"),
                "anyOf": [
                    { "type": "object", "additionalProperties": { "type": "string" } },
                    { "type": "array", "items": { "$ref": "#/$defs/Tag" } },
                ],
            });
            object["properties"]["tags"] = tags;
            // The key it stands under is its name, and the stack's checks ask for the rest.
            let needed = object["required"].as_array_mut();
            let named = |it: &Value| it == "family" || it == "serviceName";
            needed.into_iter().for_each(|it| it.retain(|it| !named(it)));
            if shape == "RegisterTaskDefinitionRequest" {
                object["properties"]["sensitive"] = json!({
                    "description": "Environment variables whose values are never shown.",
                    "type": "array", "items": { "type": "string" },
                });
            }
        }
        "ContainerDefinition" => {
            let image = json!({
                "description": words("image"),
                "examples": ["public.ecr.aws/docker/library/httpd:2.4.65"],
                "anyOf": [{ "type": "string" }, image()],
            });
            object["properties"]["image"] = image;
        }
        "AwsVpcConfiguration" => {
            let list = object["properties"]["subnets"].clone();
            let subnets = json!({
                "description": words("subnets"),
                "anyOf": [{ "type": "string" }, { "type": "array", "items": list["items"] }],
            });
            object["properties"]["subnets"] = subnets;
        }
        _ => {}
    }
    object
}

/// An image of a repository of the stack.
fn image() -> Value {
    json!({
        "type": "object",
        "properties": {
            "build": { "type": "string", "description": "An image that the stack builds, by name." },
            "repository": { "type": "string", "description": "The repository, by name." },
            "tag": { "type": ["string", "number"], "description": "The image's tag." },
            "digest": {
                "type": "string", "pattern": "^sha256:[0-9a-f]{64}$",
                "description": "The image's digest, which cannot come to mean another one.",
            },
            "pin": {
                "type": "boolean", "default": true,
                "description": "Whether the digest that the tag stands for is run, and not the tag.",
            },
        },
        "oneOf": [{ "required": ["build"] }, { "required": ["repository"] }],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_has_words_and_there_are_no_others() {
        let mut members = BTreeSet::new();
        for (name, shape) in document::shapes() {
            if let Shape::Object(of) = shape {
                members.extend(of.keys().map(|it| (name.as_str(), it.as_str())));
            }
        }
        let told: BTreeSet<(&str, &str)> = words().into_keys().collect();
        assert_eq!(members, told);
    }
}
