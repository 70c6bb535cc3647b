//! Images whose tag may mean another image tomorrow.

use crate::system::{Container, System};
use serde_json::{Value, json};
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for definition in system.items("taskDefinitions") {
        for container in definition.containers() {
            problems.extend(moving(system, code, &container));
        }
    }
}

fn moving(system: &System<'_>, code: Code, container: &Container<'_>) -> Option<Problem> {
    let path = container.at(["image".into()]);
    let tag_path = container.at(["image".into(), "tag".into()]);
    let (image, is_ours, edit, span) = match &container.value["image"] {
        Value::String(image) => {
            let name = untagged(image)?;
            let is_ours = name.contains(".dkr.ecr.");
            let edit = system.source.replace(&path, &json!(format!("{name}:v1")));
            (image.clone(), is_ours, edit, system.span(&path))
        }
        Value::Object(image) => {
            let repository = image.get("repository")?.as_str()?;
            let tag = image.get("tag").map(|it| it.as_str().unwrap_or("a number"));
            if image.contains_key("digest") || tag.is_some_and(|it| it != "latest") {
                return None;
            }
            let span = match tag {
                Some(_) => system.span(&tag_path),
                None => system.span(&path),
            };
            let edit = system.source.put(&tag_path, &json!("v1"));
            (format!("{repository}:latest"), true, edit, span)
        }
        _ => return None,
    };
    let message = format!("{} runs `{image}`, whatever that is at the time", container.name());
    let problem = Problem::warning(code, span, message).why(
        "a push to the tag changes nothing that ECS sees: running services keep the old image until \
         somebody forces a deployment, and nobody can say what ran, or go back to it",
    );
    Some(match edit.filter(|_| is_ours) {
        Some(edit) => problem
            .hint("push each image under a tag of its own, such as its commit, or name its digest")
            .fix("name a version, and push the image as that", vec![edit]),
        None => problem.hint("name the version that you tested, or the image's digest"),
    })
}

/// The name of an image that has no tag, or `latest`; nothing if its tag or digest says which.
fn untagged(image: &str) -> Option<&str> {
    if image.contains('@') || image.contains("${") || image.is_empty() {
        return None;
    }
    let last = image.rfind('/').map_or(0, |it| it + 1);
    match image[last..].split_once(':') {
        None => Some(image),
        Some((name, "latest")) => Some(&image[..last + name.len()]),
        Some(_) => None,
    }
}
