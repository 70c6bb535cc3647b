//! The JSON Schema of `stack.yaml`: our own sections as their readers declare them, and AWS's
//! documents as the service model has them.

mod documents;

use crate::stack::WholeStack;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Where the schema is published with the sources.
const ID: &str = "https://raw.githubusercontent.com/setpoint/setpoint/main/stack.schema.json";

/// The JSON Schema (2020-12) of a stack.
///
/// It says what an editor can check and complete. What stands in `${…}` is not known to it, so that
/// a text with a variable in it is taken in the place of every scalar.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<WholeStack>().to_value();
    let model = documents::version();
    let note = format!("Task definitions and services: {model}. Written by `setpoint schema`.");
    schema["$id"] = ID.into();
    schema["title"] = "A setpoint stack".into();
    schema["$comment"] = note.into();
    let own = schema["$defs"].take();
    let own = own.as_object().into_iter().flatten();
    let own = own.map(|(name, it)| (named(name).to_owned(), it.clone()));
    let definitions: Map<String, Value> = own.chain(documents::definitions()).collect();
    schema["$defs"] = Value::Object(definitions);
    open(&mut schema);
    point(&mut schema);
    schema["$defs"]["variable"] = variable();
    schema
}

/// The name of a definition as a reader knows it. What is read is called `Written…` here.
fn named(definition: &str) -> &str {
    definition.strip_prefix("Written").unwrap_or(definition)
}

/// Lets every reference within follow the names of the definitions.
fn point(schema: &mut Value) {
    match schema {
        Value::String(text) => {
            if let Some(definition) = text.strip_prefix("#/$defs/") {
                *text = format!("#/$defs/{}", named(definition));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point),
        Value::Object(members) => members.values_mut().for_each(point),
        _ => {}
    }
}

/// A text with a variable in it, which may stand for any scalar.
fn variable() -> Value {
    json!({
        "type": "string",
        "description": "A variable: ${var.NAME} or ${env.NAME}, with :-default behind the name.",
        "pattern": "\\$\\{(env|var)\\.[^}]+\\}",
    })
}

/// Lets a variable stand for every scalar within that is not any text.
fn open(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    for key in ["properties", "$defs"] {
        let within = members.get_mut(key).and_then(Value::as_object_mut);
        within.into_iter().flatten().for_each(|it| open(it.1));
    }
    for key in ["items", "additionalProperties"] {
        members.get_mut(key).into_iter().for_each(open);
    }
    for key in ["anyOf", "oneOf"] {
        let within = members.get_mut(key).and_then(Value::as_array_mut);
        within.into_iter().flatten().for_each(open);
    }
    if !is_narrow(members) {
        return;
    }
    const ABOUT: [&str; 4] = ["title", "description", "default", "examples"];
    let (about, narrow): (Map<_, _>, Map<_, _>) = std::mem::take(members)
        .into_iter()
        .partition(|(key, _)| ABOUT.contains(&key.as_str()));
    *members = about;
    let any = json!([narrow, { "$ref": "#/$defs/variable" }]);
    members.insert("anyOf".into(), any);
}

/// Whether a schema takes scalars, and not every text.
fn is_narrow(schema: &Map<String, Value>) -> bool {
    let kinds: Vec<&Value> = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().collect(),
        kind => kind.into_iter().collect(),
    };
    let has = |of: &[&str]| kinds.iter().any(|it| of.iter().any(|kind| *it == kind));
    let has_form = schema.contains_key("pattern") || schema.contains_key("enum");
    has_form || has(&["integer", "number", "boolean"]) && !has(&["string"])
}
