use super::Ended;
use crate::{
    arguments::Common,
    failure::Failure,
    reading::{Reading, read},
    render,
};
use serde_json::Value;
use setpoint_spec::kind::TaskDefinition;

/// Prints the stack as it is once its files are laid over one another and its variables filled in.
pub(crate) fn show(common: &Common) -> Ended {
    let Reading {
        files,
        source,
        stack,
        problems,
    } = read(common)?;
    let (Some(source), Some(_)) = (source, stack) else {
        return Err(Failure::Stack {
            path: common.stack().to_owned(),
            files,
            problems,
            end: "; nothing was read from AWS",
        });
    };
    let mut value = source.value;
    hide(&mut value, &[]);
    render::resolved(&value)?;
    Ok(0)
}

/// Hides the values of environment variables that are sensitive, by their names or by the word of
/// their task definition.
fn hide(value: &mut Value, sensitive: &[String]) {
    match value {
        Value::Object(members) => {
            let named: Vec<String> = members
                .get("sensitive")
                .and_then(|it| serde_json::from_value(it.clone()).ok())
                .unwrap_or_else(|| sensitive.to_vec());
            if let Some(Value::Array(variables)) = members.get_mut("environment") {
                for variable in variables {
                    let name = variable["name"].as_str().unwrap_or_default();
                    if TaskDefinition::is_telling(name) || named.iter().any(|it| it == name) {
                        variable["value"] = "(sensitive)".into();
                    }
                }
            }
            members.values_mut().for_each(|it| hide(it, &named));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| hide(it, sensitive)),
        _ => {}
    }
}
