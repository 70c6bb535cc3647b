//! Instances from an image that is no longer kept up, or that give their role to whoever asks.

use crate::system::{Item, System};
use serde_json::json;
use setpoint_spec::{Code, Problem};

pub(super) fn check(system: &System<'_>, code: Code, problems: &mut Vec<Problem>) {
    for template in system.items("launchTemplates") {
        problems.extend(old(system, code, template));
        problems.extend(tokenless(system, code, template));
    }
}

fn old(system: &System<'_>, code: Code, template: &Item<'_>) -> Option<Problem> {
    let image = template.value["imageId"].as_str()?;
    let (before, variant) = image.split_once("amazon-linux-2")?;
    if variant.starts_with("023") {
        return None;
    }
    let path = template.at(["imageId".into()]);
    let message = format!("{} starts from Amazon Linux 2", template.name);
    let problem = Problem::warning(code, system.span(&path), message)
        .why("its support ended on 30 June 2026: it gets no security updates, and no new ECS agent");
    // Amazon Linux 2023 has no choice of kernels and no `inf`.
    let variant = variant.replace("/kernel-5.10", "").replace("/inf", "/neuron");
    let new = format!("{before}amazon-linux-2023{variant}");
    Some(match system.source.replace(&path, &json!(new)) {
        Some(edit) => problem.fix("start from Amazon Linux 2023", vec![edit]),
        None => problem.hint("imageId: ecs-optimized:amazon-linux-2023"),
    })
}

fn tokenless(system: &System<'_>, code: Code, template: &Item<'_>) -> Option<Problem> {
    if template.value["imdsv2Required"] != false {
        return None;
    }
    let path = template.at(["imdsv2Required".into()]);
    let message = format!("instances of {} answer for their role without a token", template.name);
    let problem = Problem::warning(code, system.span(&path), message).why(
        "with IMDSv1 one forged request from a container is enough to get the instance role's keys",
    );
    Some(match system.source.replace(&path, &json!(true)) {
        Some(edit) => problem.fix("ask for a token (IMDSv2)", vec![edit]),
        None => problem.hint("imdsv2Required: true"),
    })
}
