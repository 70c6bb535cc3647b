//! What AWS checks and fills in of links and ports, by the network mode.

use super::task::{list, text};
use crate::{Refusal, service::ecs::cluster::client};
use serde_json::{Value, json};

pub(super) fn check(task: &mut Value) -> Result<(), Refusal> {
    // Nothing said is bridge, and still nothing is shown.
    let mode = match text(task, "networkMode") {
        "" => "bridge".to_owned(),
        mode => mode.to_owned(),
    };
    let mut taken = Vec::new();
    let mut names = Vec::new();
    let containers = task["containerDefinitions"].as_array_mut();
    for container in containers.into_iter().flatten() {
        if mode != "bridge" && !list(container, "links").is_empty() {
            let text = format!("Links are not supported when networkMode={mode}.");
            return Err(client(text));
        }
        if mode == "awsvpc" && !text(container, "hostname").is_empty() {
            return Err(client("Hostname is not supported when networkMode=awsvpc."));
        }
        check_ports(container, &mode)?;
        for port in list(container, "portMappings") {
            let host = port["hostPort"].as_i64().unwrap_or_default();
            let pair = (host, text(port, "protocol").to_owned());
            if host != 0 && taken.contains(&pair) {
                let text = format!("The host port {host} is used more than once.");
                return Err(client(text));
            }
            taken.push(pair);
            let name = text(port, "name").to_owned();
            if !name.is_empty() && names.contains(&name) {
                let text = format!("The port mapping name '{name}' is used more than once.");
                return Err(client(text));
            }
            names.push(name);
        }
    }
    Ok(())
}

fn check_ports(container: &mut Value, mode: &str) -> Result<(), Refusal> {
    let ports = container["portMappings"].as_array_mut();
    let ports = ports.into_iter().flatten();
    let mut seen = Vec::new();
    for port in ports {
        if mode == "none" {
            return Err(client(
                "Port mappings are not supported when networkMode=none.",
            ));
        }
        if port.get("protocol").is_none() {
            port["protocol"] = json!("tcp");
        }
        if port.get("containerPortRange").is_some() {
            if mode == "host"
                || port.get("containerPort").is_some()
                || port.get("hostPort").is_some()
            {
                return Err(client(
                    "A containerPortRange needs networkMode bridge or awsvpc, and no other port.",
                ));
            }
            continue;
        }
        let inside = port["containerPort"].as_i64().unwrap_or_default();
        if !(1..=65_535).contains(&inside) {
            return Err(client("Invalid 'containerPort' setting for container."));
        }
        if port.get("hostPort").is_none() {
            port["hostPort"] = json!(if mode == "bridge" { 0 } else { inside });
        }
        let host = port["hostPort"].as_i64().unwrap_or_default();
        if mode != "bridge" && host != inside {
            return Err(client(format!(
                "When networkMode={mode}, the host ports and container ports in port mappings must \
                 match."
            )));
        }
        if !(0..=65_535).contains(&host) {
            return Err(client("Invalid 'hostPort' setting for container."));
        }
        // Twice with one protocol is another host port for the same container port.
        let protocol = text(port, "protocol").to_owned();
        if seen
            .iter()
            .any(|(has, with)| *has == inside && *with != protocol)
        {
            return Err(client(format!(
                "The container port {inside} cannot be exposed for multiple protocols."
            )));
        }
        seen.push((inside, protocol));
    }
    Ok(())
}
