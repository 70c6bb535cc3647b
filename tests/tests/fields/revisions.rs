//! Task definitions are compared with what runs, and registered only when they change.

use serde_json::{Value, json};
use setpoint_tests::{Boto, Proxy, Setpoint};

const STACK: &str = "name: shop
region: us-east-1
clusters: { shop: {} }
taskDefinitions:
  web:
    requiresCompatibilities: [EC2]
    cpu: 256
    memory: 512
    containerDefinitions: [{ name: web, image: 'nginx:1.29' }]
";

const SERVICE: &str = "services:
  web: { cluster: shop, taskDefinition: web, launchType: EC2, desiredCount: 2 }
";

/// Another client registers a revision of the family.
fn register(boto: &Boto, cpu: &str) -> Value {
    let document = json!({"family": "web", "requiresCompatibilities": ["EC2"], "cpu": cpu,
        "memory": "512", "containerDefinitions": [{"name": "web", "image": "nginx:1.29"}]});
    let answer = boto.expect("ecs", "register_task_definition", document);
    answer["taskDefinition"]["taskDefinitionArn"].clone()
}

fn runs(boto: &Boto) -> String {
    let named = json!({"cluster": "shop", "services": ["web"]});
    let services = boto.expect("ecs", "describe_services", named);
    let arn = services["services"][0]["taskDefinition"]
        .as_str()
        .expect("an ARN");
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

fn registrations(proxy: &Proxy) -> usize {
    proxy.recording().count("RegisterTaskDefinition")
}

fn nothing_to_do(proxy: &Proxy, setpoint: &Setpoint) {
    setpoint.run(&["plan", "--detailed-exitcode"]).exits(0);
    proxy.recording().reset();
    setpoint.run(&["apply", "--yes"]).exits(0);
    assert_eq!(proxy.recording().mutating().len(), 0);
}

#[test]
fn a_newer_revision_that_nobody_runs_changes_nothing() {
    let proxy = Proxy::start();
    let setpoint = Setpoint::against(&proxy);
    let boto = proxy.behind();
    let yaml = format!("{STACK}{SERVICE}");
    setpoint.write("stack.yaml", &yaml);
    setpoint.run(&["apply", "--yes"]).exits(0);
    register(&boto, "1024");
    nothing_to_do(&proxy, &setpoint);
    // Nor for a place that has no cache of revisions.
    let stranger = Setpoint::against(&proxy);
    stranger.write("stack.yaml", &yaml);
    nothing_to_do(&proxy, &stranger);
    assert_eq!(runs(&boto), "web:1");

    // The next change is made from the YAML, whatever is newest.
    setpoint.write("stack.yaml", &yaml.replace("memory: 512", "memory: 1024"));
    let plan = setpoint.run(&["plan", "--json"]).exits(0).json();
    assert_eq!(
        plan["changes"][0]["fields"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(plan["changes"][0]["fields"][0]["path"], "memory");
    setpoint.run(&["apply", "--yes"]).exits(0);
    assert_eq!(registrations(&proxy), 1);
    assert_eq!(runs(&boto), "web:3");
    let shown = boto.expect(
        "ecs",
        "describe_task_definition",
        json!({"taskDefinition": "web:3"}),
    );
    assert_eq!(shown["taskDefinition"]["cpu"], "256");
    assert_eq!(shown["taskDefinition"]["memory"], "1024");
    nothing_to_do(&proxy, &setpoint);
}

#[test]
fn a_newer_revision_counts_where_no_service_runs_one() {
    let proxy = Proxy::start();
    let setpoint = Setpoint::against(&proxy);
    setpoint.write("stack.yaml", STACK);
    setpoint.run(&["apply", "--yes"]).exits(0);
    register(&proxy.behind(), "1024");
    let plan = setpoint.run(&["plan", "--json"]).exits(0).json();
    let changes = plan["changes"].as_array().expect("a plan has changes");
    assert_eq!(changes.len(), 1, "{plan}");
    assert_eq!(changes[0]["address"], "taskDefinition.web");
    let mut paths: Vec<&str> = changes[0]["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .filter_map(|it| it["path"].as_str())
        .collect();
    paths.sort_unstable();
    assert_eq!(paths, ["cpu"]);
    setpoint.run(&["apply", "--yes"]).exits(0);
    let newest = json!({"taskDefinition": "web"});
    let newest = proxy
        .behind()
        .expect("ecs", "describe_task_definition", newest);
    assert_eq!(newest["taskDefinition"]["cpu"], "256");
    nothing_to_do(&proxy, &setpoint);
}

#[test]
fn an_unchanged_task_definition_registers_no_revision() {
    let proxy = Proxy::start();
    let setpoint = Setpoint::against(&proxy);
    let boto = proxy.behind();
    let yaml = format!("{STACK}{SERVICE}");
    setpoint.write("stack.yaml", &yaml);
    setpoint.run(&["apply", "--yes"]).exits(0);
    assert_eq!(registrations(&proxy), 1);

    // The same said in other words, and another count of the tasks that run it.
    let respelt = yaml
        .replace("cpu: 256", "cpu: .25 vCPU")
        .replace("memory: 512", "memory: 0.5 GB")
        .replace(
            "image: 'nginx:1.29'",
            "image: 'nginx:1.29', essential: true, cpu: 0",
        )
        .replace("desiredCount: 2", "desiredCount: 3");
    setpoint.write("stack.yaml", &respelt);
    setpoint.run(&["apply", "--yes"]).exits(0);
    assert_eq!(registrations(&proxy), 1);
    assert_eq!(runs(&boto), "web:1");
    nothing_to_do(&proxy, &setpoint);

    // Another client registers a revision without the mark and lets it run. What ran before is as
    // the YAML says, and runs again.
    let other = register(&boto, "1024");
    let update = json!({"cluster": "shop", "service": "web", "taskDefinition": other});
    boto.expect("ecs", "update_service", update);
    let planned = crate::table::planned(&setpoint);
    assert_eq!(planned["taskDefinition.web"], ["cpu"]);
    assert_eq!(planned["service.web"], ["taskDefinition"]);
    assert_eq!(planned.len(), 2);
    setpoint.run(&["apply", "--yes"]).exits(0);
    assert_eq!(runs(&boto), "web:1");
    // Counted since `nothing_to_do`.
    assert_eq!(registrations(&proxy), 0);
    nothing_to_do(&proxy, &setpoint);
}
