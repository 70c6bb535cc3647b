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
