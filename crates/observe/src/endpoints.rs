//! Where services answer, and what stands in the way.

use crate::{
    Part, Picture,
    picture::{Balancer, Listener, Service, Task},
    words::{Line, Tone, short},
};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// What is looked at to find endpoints.
pub const PARTS: [Part; 6] = [
    Part::Definitions,
    Part::Tasks,
    Part::TaskHosts,
    Part::Rules,
    Part::Interfaces,
    Part::Balancers,
];

/// An address at which a service answers, or would if nothing stood in the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// The service.
    pub service: String,
    /// The id of the task; none for a load balancer.
    pub task: Option<String>,
    /// The container; none for a load balancer.
    pub container: Option<String>,
    /// The EC2 instance, the network interface or the load balancer.
    pub on: String,
    /// Where.
    pub url: String,
    /// What stands in the way, in words; nothing if it should answer.
    pub obstacles: Vec<String>,
}

impl Endpoint {
    /// Its address and port, as a socket takes them.
    pub fn authority(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |it| it.1);
        rest.trim_end_matches('/')
    }
}

/// The endpoints of all services of a picture: load balancers first, then tasks.
pub fn endpoints(picture: &Picture) -> Vec<Endpoint> {
    let services = picture.services.iter();
    services
        .flat_map(|service| {
            let mut found = of_balancers(picture, service);
            let tasks = picture.tasks_of(service);
            let running = tasks.filter(|it| it.last_status == "RUNNING");
            found.extend(running.flat_map(|it| of_task(picture, service, it)));
            found
        })
        .collect()
}

/// The endpoints as lines, under the names of their services.
pub fn lines(picture: &Picture) -> Vec<Line> {
    let endpoints = endpoints(picture);
    let mut lines = Vec::new();
    for service in &picture.services {
        let name = &service.service_name;
        if picture.services.len() > 1 {
            lines.push(Line::new().and(Tone::Strong, name));
        }
        let own: Vec<&Endpoint> = endpoints.iter().filter(|it| it.service == *name).collect();
        let width = own.iter().map(|it| it.url.chars().count()).max();
        for it in &own {
            lines.push(line(it, width.unwrap_or(0)));
            for obstacle in &it.obstacles {
                lines.push(Line::new().and(Tone::Bad, format!("  ! {obstacle}")));
            }
        }
        if own.is_empty() {
            lines.push(Line::new().and(Tone::Change, nothing(picture, service)));
        }
    }
    lines
}

fn line(it: &Endpoint, width: usize) -> Line {
    let tone = match it.obstacles.is_empty() {
        true => Tone::Good,
        false => Tone::Change,
    };
    let whose = match (&it.task, &it.container) {
        (Some(task), Some(container)) => {
            format!("  {container} of task {} on {}", short(task), it.on)
        }
        _ => format!("  load balancer {}", it.on),
    };
    let url = format!("{:width$}", it.url);
    Line::new().and(tone, url).and(Tone::Faint, whose)
}

/// Why a service has no endpoint.
fn nothing(picture: &Picture, service: &Service) -> String {
    let name = &service.service_name;
    if let Some(gap) = [Part::Tasks, Part::TaskHosts]
        .iter()
        .find_map(|it| picture.gap(*it))
    {
        return format!("{name}: not shown, because {}", gap.because);
    }
    match picture
        .tasks_of(service)
        .any(|it| it.last_status == "RUNNING")
    {
        true => format!("{name}: its tasks run and open no TCP port"),
        false => format!(
            "{name}: no task is running ({} of {} to run)",
            service.running_count, service.desired_count
        ),
    }
}

fn of_task(picture: &Picture, service: &Service, task: &Task) -> Vec<Endpoint> {
    match task.interface_detail("networkInterfaceId") {
        Some(interface) => of_interface(picture, service, task, interface),
        None => of_host(picture, service, task),
    }
}

/// A task in bridge or host mode: its ports are ports of its instance.
fn of_host(picture: &Picture, service: &Service, task: &Task) -> Vec<Endpoint> {
    let instance = picture.instance_of(task);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for container in &task.containers {
        for binding in &container.network_bindings {
            let Some(port) = binding
                .host_port
                .filter(|_| is_tcp(binding.protocol.as_deref()))
            else {
                continue;
            };
            // A port is bound once for each version of IP.
            if !seen.insert(port) {
                continue;
            }
            let mut obstacles = Vec::new();
            let host = task.container_instance_arn.as_deref().unwrap_or_default();
            let (on, address) = match instance {
                None => {
                    obstacles.push(match picture.gap(Part::TaskHosts) {
                        Some(gap) => {
                            format!("its address is not shown, because {}", gap.because)
                        }
                        None => "the instance it is on is not in EC2 any more".into(),
                    });
                    (crate::words::last(host).to_owned(), "unknown".to_owned())
                }
                Some(it) => {
                    if it.state != "running" {
                        obstacles.push(format!("{} is {}", it.id, it.state));
                    }
                    obstacles.extend(closed(picture, &it.security_groups, port));
                    let address = reached_at(&it.public_ip, &it.private_ip, &it.id, &mut obstacles);
                    (it.id.clone(), address)
                }
            };
            found.push(Endpoint {
                service: service.service_name.clone(),
                task: Some(task.id().to_owned()),
                container: Some(container.name.clone()),
                on,
                url: format!("http://{address}:{port}/"),
                obstacles,
            });
        }
    }
    found
}

/// A task with an interface of its own: the ports are those of its containers.
fn of_interface(picture: &Picture, service: &Service, task: &Task, id: &str) -> Vec<Endpoint> {
    let interface = picture.interfaces.iter().find(|it| it.id == id);
    let endpoint = |(container, port): (String, u16)| {
        let mut obstacles = Vec::new();
        let private = task
            .interface_detail("privateIPv4Address")
            .map(str::to_owned);
        let address = match interface {
            Some(it) => {
                obstacles.extend(closed(picture, &it.security_groups, port));
                if it.public_ip.is_none() {
                    obstacles.push(format!(
                        "{id} has no public address: it is reached inside its VPC only (a load \
                         balancer, or a VPN)"
                    ));
                }
                let address = it.public_ip.clone().or_else(|| it.private_ip.clone());
                address.unwrap_or_else(|| "unknown".into())
            }
            None => {
                let because = match picture.gap(Part::Interfaces) {
                    Some(gap) => format!("is not shown, because {}", gap.because),
                    None => format!("is not known: EC2 does not show {id}"),
                };
                obstacles.push(format!("whether it has a public address {because}"));
                private.unwrap_or_else(|| "unknown".into())
            }
        };
        Endpoint {
            service: service.service_name.clone(),
            task: Some(task.id().to_owned()),
            container: Some(container),
            on: id.to_owned(),
            url: format!("http://{address}:{port}/"),
            obstacles,
        }
    };
    own_ports(picture, task).map(endpoint).collect()
}

/// The TCP ports of a task's containers, where they are those of its own interface.
pub(crate) fn own_ports<'a>(
    picture: &'a Picture,
    task: &Task,
) -> impl Iterator<Item = (String, u16)> + use<'a> {
    let definition = picture.definitions.get(&task.task_definition_arn);
    let containers = definition.and_then(|it| it["containerDefinitions"].as_array());
    containers.into_iter().flatten().flat_map(|container| {
        let mappings = container["portMappings"].as_array().into_iter().flatten();
        let tcp = mappings.filter(|it| is_tcp(it["protocol"].as_str()));
        let ports = tcp.filter_map(|it| it["containerPort"].as_u64());
        let ports = ports.filter_map(|it| u16::try_from(it).ok());
        ports.map(move |port| (text(container, "name"), port))
    })
}

/// The address to use: the public one, or else the private one and what that means.
fn reached_at(
    public: &Option<String>,
    private: &Option<String>,
    on: &str,
    obstacles: &mut Vec<String>,
) -> String {
    if let Some(public) = public {
        return public.clone();
    }
    obstacles.push(format!(
        "{on} has no public address: it is reached inside its VPC only (publicIp: true in its \
         launch template, a load balancer, or a VPN)"
    ));
    private.clone().unwrap_or_else(|| "unknown".into())
}

/// What security groups say to TCP at a port, if not everyone may come in.
fn closed(picture: &Picture, groups: &[String], port: u16) -> Option<String> {
    let known = picture.security_groups.iter();
    let own: Vec<_> = known.filter(|it| groups.contains(&it.id)).collect();
    if own.is_empty() {
        return None;
    }
    let rules = own.iter().flat_map(|it| &it.ingress);
    let open: Vec<_> = rules.filter(|it| it.opens(port)).collect();
    if open.iter().any(|it| it.is_for_everyone()) {
        return None;
    }
    let names: Vec<String> = own
        .iter()
        .map(|it| format!("{} ({})", it.name, it.id))
        .collect();
    let names = names.join(", ");
    if open.is_empty() {
        return Some(format!(
            "security group {names} lets nobody in at port {port}: open it under `ingress`"
        ));
    }
    let from = open
        .iter()
        .flat_map(|it| [&it.cidrs, &it.groups, &it.prefix_lists]);
    let from: BTreeSet<&str> = from.flatten().map(String::as_str).collect();
    let from: Vec<&str> = from.into_iter().collect();
    Some(format!(
        "security group {names} lets only {} in at port {port}",
        from.join(", ")
    ))
}

fn of_balancers(picture: &Picture, service: &Service) -> Vec<Endpoint> {
    let uses = service.load_balancers.iter();
    let groups: BTreeSet<&str> = uses
        .filter_map(|it| it.target_group_arn.as_deref())
        .collect();
    let mut found = Vec::new();
    for arn in groups {
        let Some(group) = picture.target_groups.iter().find(|it| it.arn == arn) else {
            continue;
        };
        let healthy = group
            .health
            .iter()
            .filter(|it| it.state == "healthy")
            .count();
        let balancers = picture.balancers.iter();
        for balancer in balancers.filter(|it| group.balancers.contains(&it.arn)) {
            let listeners = balancer.listeners.iter();
            let mut own: Vec<&Listener> = listeners
                .filter(|it| it.target_groups.iter().any(|it| it == arn))
                .collect();
            // Rules of a listener may lead to the group, too.
            if own.is_empty() {
                own = balancer.listeners.iter().collect();
            }
            for listener in own {
                let mut obstacles = of_balancer(balancer);
                if healthy == 0 {
                    obstacles.push(format!(
                        "none of the {} targets of {} is healthy",
                        group.health.len(),
                        group.name
                    ));
                }
                found.push(Endpoint {
                    service: service.service_name.clone(),
                    task: None,
                    container: None,
                    on: balancer.name.clone(),
                    url: url(balancer, listener),
                    obstacles,
                });
            }
        }
    }
    found
}

fn of_balancer(balancer: &Balancer) -> Vec<String> {
    let mut obstacles = Vec::new();
    if balancer.state != "active" {
        obstacles.push(format!(
            "load balancer {} is {}",
            balancer.name, balancer.state
        ));
    }
    if balancer.scheme == "internal" {
        obstacles.push(format!(
            "load balancer {} is internal: it is reached inside its VPC only",
            balancer.name
        ));
    }
    obstacles
}

fn url(balancer: &Balancer, listener: &Listener) -> String {
    let (scheme, usual) = match listener.protocol.as_str() {
        "HTTPS" => ("https", 443),
        "HTTP" => ("http", 80),
        "TLS" => ("tls", 0),
        _ => ("tcp", 0),
    };
    match listener.port == usual {
        true => format!("{scheme}://{}/", balancer.dns_name),
        false => format!("{scheme}://{}:{}/", balancer.dns_name, listener.port),
    }
}

fn is_tcp(protocol: Option<&str>) -> bool {
    protocol.is_none_or(|it| it == "tcp")
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
