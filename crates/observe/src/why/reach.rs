//! Tasks that run and cannot be reached.

use super::{Case, Cause};
use crate::{Part, Picture, endpoints::own_ports, logs::command, picture::Task, words::short};

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

/// Where a task is to be reached.
struct Door<'a> {
    /// The public address, if it has one.
    address: Option<&'a str>,
    port: u16,
    groups: &'a [String],
    /// The instance or the interface that the address is of.
    on: &'a str,
    container: String,
    /// The port inside the container.
    inside: u16,
    /// What gives it a public address.
    remedy: &'static str,
}

impl<'a> Door<'a> {
    fn of(picture: &'a Picture, task: &'a Task) -> Option<Door<'a>> {
        match task.interface_detail("networkInterfaceId") {
            Some(id) => Door::of_interface(picture, task, id),
            None => Door::of_host(picture, task),
        }
    }

    fn of_host(picture: &'a Picture, task: &'a Task) -> Option<Door<'a>> {
        let instance = picture.instance_of(task)?;
        let bindings = task.containers.iter().flat_map(|container| {
            let own = container.network_bindings.iter();
            own.map(move |it| (container, it))
        });
        let mut tcp = bindings.filter(|(_, it)| it.protocol.as_deref() != Some("udp"));
        let (port, container, inside) = tcp.find_map(|(container, it)| {
            let inside = it.container_port.unwrap_or_default();
            Some((it.host_port?, container.name.clone(), inside))
        })?;
        Some(Door {
            address: instance.public_ip.as_deref(),
            port,
            groups: &instance.security_groups,
            on: &instance.id,
            container,
            inside,
            remedy: "launchTemplates:\n  NAME: { publicIp: true }   # or a load balancer",
        })
    }

    fn of_interface(picture: &'a Picture, task: &'a Task, id: &str) -> Option<Door<'a>> {
        let interface = picture.interfaces.iter().find(|it| it.id == id)?;
        let (container, port) = own_ports(picture, task).next()?;
        let on_fargate = task.launch_type.as_deref() == Some("FARGATE");
        Some(Door {
            address: interface.public_ip.as_deref(),
            port,
            groups: &interface.security_groups,
            on: &interface.id,
            container,
            inside: port,
            remedy: match on_fargate {
                true => "awsvpcConfiguration: { assignPublicIp: ENABLED }   # or a load balancer",
                false => "a load balancer, since on EC2 such an interface never has one",
            },
        })
    }
}

fn reach(case: &mut Case<'_>, task: &Task) {
    let picture = case.picture;
    let Some(door) = Door::of(picture, task) else {
        return;
    };
    let (name, id, port) = (case.name(), short(task.id()), door.port);
    let Some(address) = door.address else {
        return case.note(
            Cause::NoPublicAddress,
            format!("{name} can be reached from inside its network only"),
            vec![format!(
                "task {id} is on {}, which has no public address",
                door.on
            )],
            vec![door.remedy.into()],
        );
    };
    let groups: Vec<_> = picture
        .security_groups
        .iter()
        .filter(|it| door.groups.contains(&it.id))
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
        case.wrong(
            Cause::NotAnswering,
            format!("nothing answers at {address}:{port}"),
            vec![format!(
                "task {id} runs, the port is open, and {} does not listen on its port {}",
                door.container, door.inside
            )],
            command(picture, task)
                .into_iter()
                .chain(["let it listen on 0.0.0.0 and that port, or mend `containerPort`".into()])
                .collect(),
        );
    }
}
