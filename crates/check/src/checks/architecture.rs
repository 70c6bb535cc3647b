//! Images of machines and of containers that are for another kind of processor than the instances.

use crate::system::{Item, System};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for template in system.items("launchTemplates") {
        problems.extend(machine(system, code, template));
    }
    for run in system.runs() {
        let Some(definition) = run.definition else {
            continue;
        };
        let asked = &definition.value["runtimePlatform"]["cpuArchitecture"];
        let Some(asked) = asked.as_str() else {
            continue;
        };
        let mut kinds = run.fleets.iter().filter_map(|it| it.instance_type);
        let (Some(kind), true) = (kinds.next(), run.is_on_ec2()) else {
            continue;
        };
        let all = kinds.chain([kind]).map(|it| it.architecture);
        if all.clone().any(|it| it.eq_ignore_ascii_case(asked)) {
            continue;
        }
        let path = definition.at(["runtimePlatform".into(), "cpuArchitecture".into()]);
        let message = format!(
            "{} is for {asked}, and the instances that {} runs on are {} ({})",
            definition.name, run.service.name, kind.architecture, kind.name
        );
        let problem = Problem::error(code, system.span(&path), message)
            .why("no instance has the attribute that its tasks ask for: none of them is ever placed");
        let edit = system.source.replace(&path, &json!(kind.architecture.to_uppercase()));
        problems.push(match edit {
            Some(edit) => problem.fix("make it for these instances", vec![edit]),
            None => problem.hint("choose instances of that architecture"),
        });
    }
}

/// An AMI of AWS's for another processor than the instance type has.
fn machine(system: &System<'_>, code: Code, template: &Item<'_>) -> Option<Problem> {
    let image = template.value["imageId"].as_str()?;
    let name = template.value["instanceType"].as_str()?;
    let kind = crate::instance_types::instance_type(name)?;
    let is_linux = image.contains("amazon-linux-2");
    let is_arm = image.split('/').any(|it| it == "arm64");
    let wants_arm = kind.architecture == "arm64";
    if !is_linux || is_arm == wants_arm {
        return None;
    }
    let path = template.at(["imageId".into()]);
    let image_is = if is_arm { "arm64" } else { "x86_64" };
    let message = format!("the image is for {image_is}, and a {name} is {}", kind.architecture);
    let problem = Problem::error(code, system.span(&path), message)
        .why("EC2 launches none: the Auto Scaling group fails again and again, and stays empty");
    let right = match is_arm {
        true => image.replacen("/arm64", "", 1),
        false if image.starts_with("ecs-optimized:") => format!("{image}/arm64"),
        false => return Some(problem.hint("name the parameter of the image for arm64")),
    };
    Some(match system.source.replace(&path, &json!(right)) {
        Some(edit) => problem.fix(format!("start from the image for {}", kind.architecture), vec![edit]),
        None => problem.hint(format!("imageId: {right}")),
    })
}
