//! Tasks that run and cannot be reached.

use super::{Case, Cause};
use crate::{Part, logs::command, picture::Task, words::short};

pub(super) fn find(case: &mut Case<'_>) {
    if !case.service.load_balancers.is_empty() {
        return;
    }
    let tasks: Vec<&Task> = case
        .picture
        .tasks_of(case.service)
        .filter(|it| it.last_status == "RUNNING")
        .collect();
    for task in tasks {
        reach(case, task);
    }
}

fn reach(case: &mut Case<'_>, task: &Task) {
    let picture = case.picture;
    let Some(instance) = picture.instance_of(task) else {
        return;
    };
    let bindings = task.containers.iter().flat_map(|it| &it.network_bindings);
    let tcp = bindings.filter(|it| it.protocol.as_deref() != Some("udp"));
    let ports: Vec<u16> = tcp.filter_map(|it| it.host_port).collect();
    let (name, id) = (case.name(), short(task.id()));
    let Some(&port) = ports.first() else {
        return;
    };
    let Some(address) = &instance.public_ip else {
        return case.note(
            Cause::NoPublicAddress,
            format!("{name} can be reached from inside its network only"),
            vec![format!(
                "task {id} is on {}, which has no public address",
                instance.id
            )],
            vec!["launchTemplates:\n  NAME: { publicIp: true }   # or a load balancer".into()],
        );
    };
    let groups: Vec<_> = picture
        .security_groups
        .iter()
        .filter(|it| instance.security_groups.contains(&it.id))
        .collect();
    let opens = groups
        .iter()
        .flat_map(|it| &it.ingress)
        .any(|it| it.opens(port));
    if picture.gap(Part::Rules).is_none() && !groups.is_empty() && !opens {
        let names: Vec<&str> = groups.iter().map(|it| it.name.as_str()).collect();
        return case.wrong(
            Cause::PortClosed,
            format!("nobody may reach {name}: no security group opens the port {port}"),
            vec![format!(
                "task {id} listens at {address}:{port}; {} does not let TCP in there",
                names.join(", ")
            )],
            vec![format!(
                "securityGroups:\n  {}:\n    ingress:\n      - {{ ports: {port}, from: anywhere }}",
                names.first().unwrap_or(&"NAME")
            )],
        );
    }
    if case.clues.silent.contains(&format!("{address}:{port}")) {
        let mut containers = task.containers.iter();
        let container = containers.find(|it| !it.network_bindings.is_empty());
        let inside = container.and_then(|it| it.network_bindings[0].container_port);
        case.wrong(
            Cause::NotAnswering,
            format!("nothing answers at {address}:{port}"),
            vec![format!(
                "task {id} runs, the port is open, and {} does not listen on its port {}",
                container.map_or("the container", |it| &it.name),
                inside.unwrap_or_default()
            )],
            command(picture, task)
                .into_iter()
                .chain(["let it listen on 0.0.0.0 and that port, or mend `containerPort`".into()])
                .collect(),
        );
    }
}
