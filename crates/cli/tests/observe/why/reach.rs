//! Tasks that run and cannot be reached.

use super::{findings, is_told, text};
use crate::sale::{Sale, minutes};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_port_that_no_security_group_opens() {
    let sale = Sale::of(&text(&[])).await;
    minutes(10).await;
    let shown = sale.does(
        "ec2",
        "DescribeSecurityGroups",
        json!({ "GroupNames": ["flash-sale-instances"] }),
    );
    let group = &shown["SecurityGroups"][0];
    let revoke = json!({ "GroupId": group["GroupId"], "IpPermissions": group["IpPermissions"] });
    sale.does("ec2", "RevokeSecurityGroupIngress", revoke);
    is_told(&findings(&sale).await, "port-closed", &[]);
}

#[tokio::test(start_paused = true)]
async fn tasks_without_a_public_address() {
    let sale = Sale::of(&text(&[("publicIp: true", "publicIp: false")])).await;
    minutes(10).await;
    let found = findings(&sale).await;
    let names: Vec<&str> = found.iter().map(|it| it.cause.name()).collect();
    assert!(names.contains(&"no-public-address"), "{names:?}");
}

/// The flash sale on Fargate: with a public address or not, behind a security group that opens the
/// given port.
fn on_fargate(public: &str, open: &str) -> String {
    text(&[
        ("networkMode: bridge", "networkMode: awsvpc"),
        ("[EC2]", "[FARGATE]"),
        ("    memory: 512\n", "    cpu: 256\n    memory: 512\n"),
        ("hostPort: 0, ", ""),
        ("ports: 80,", &format!("ports: {open},")),
        (
            "    capacityProviderStrategy:\n      - { capacityProvider: flash-sale-capacity, weight: \
             1 }\n",
            &format!(
                "    launchType: FARGATE\n    networkConfiguration:\n      awsvpcConfiguration: {{ \
                 subnets: default, securityGroups: [flash-sale-instances], assignPublicIp: {public} \
                 }}\n"
            ),
        ),
    ])
}

async fn causes(stack: &str) -> Vec<&'static str> {
    let sale = Sale::of(stack).await;
    minutes(10).await;
    let found = findings(&sale).await;
    found.iter().map(|it| it.cause.name()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_port_of_tasks_on_fargate_that_no_security_group_opens() {
    let open = causes(&on_fargate("ENABLED", "80")).await;
    assert!(!open.contains(&"port-closed"), "{open:?}");
    let closed = causes(&on_fargate("ENABLED", "8080")).await;
    assert_eq!(closed[0], "port-closed", "{closed:?}");
}

#[tokio::test(start_paused = true)]
async fn tasks_on_fargate_without_a_public_address() {
    let found = causes(&on_fargate("DISABLED", "80")).await;
    assert!(found.contains(&"no-public-address"), "{found:?}");
}
