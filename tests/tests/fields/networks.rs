//! Security groups.

use crate::row::{Behind, named, row, tags};
use crate::table::Table;
use serde_json::{Value, json};
use setpoint_tests::Boto;

fn security_group(boto: &Boto, name: &str) -> Value {
    let filter = json!({"Filters": [{"Name": "group-name", "Values": [name]}]});
    let mut shown =
        boto.expect("ec2", "describe_security_groups", filter)["SecurityGroups"][0].take();
    shown["Tags"] = tags(&shown["Tags"]);
    shown
}

/// A call with the group's id for `ID`.
fn with_id(method: &'static str, arguments: Value) -> Behind {
    Box::new(move |boto, name| {
        let id = security_group(boto, name)["GroupId"].to_string();
        let text = named(&arguments, name, boto)
            .to_string()
            .replace("\"ID\"", &id);
        let arguments = serde_json::from_str(&text).expect("an id is no syntax");
        boto.expect("ec2", method, arguments);
    })
}

fn http(description: &str) -> Value {
    json!([{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
            "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": description}]}])
}

#[test]
fn each_field_of_a_security_group_is_planned_applied_and_held() {
    let open = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                       "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    Table {
        kind: "securityGroup",
        shared: &[],
        each: &[(
            "securityGroups",
            "  NAME:
    description: HTTP.
    ingress:
      - { ports: 80, from: anywhere, description: HTTP }
    egress:
      - { ports: 443, to: anywhere, description: HTTPS }
    tags: { color: blue }
",
        )],
        follower: None,
        show: security_group,
        rows: vec![
            row(
                "ingress",
                ("ports: 80,", "ports: 8080-8090,"),
                ("/IpPermissions/0/ToPort", json!(8090)),
                with_id(
                    "authorize_security_group_ingress",
                    json!({"GroupId": "ID", "IpPermissions": open}),
                ),
            ),
            row(
                "egress",
                ("ports: 443,", "ports: all,"),
                ("/IpPermissionsEgress/0/IpProtocol", json!("-1")),
                with_id(
                    "authorize_security_group_egress",
                    json!({"GroupId": "ID", "IpPermissions": open}),
                ),
            ),
            row(
                "ingress",
                ("description: HTTP }", "description: plain HTTP }"),
                (
                    "/IpPermissions/0/IpRanges/0/Description",
                    json!("plain HTTP"),
                ),
                with_id(
                    "update_security_group_rule_descriptions_ingress",
                    json!({"GroupId": "ID", "IpPermissions": http("mine")}),
                ),
            ),
            row(
                "ingress",
                ("from: anywhere,", "from: [10.0.0.0/16, itself],"),
                ("/IpPermissions/0/IpRanges/0/CidrIp", json!("10.0.0.0/16")),
                with_id(
                    "revoke_security_group_ingress",
                    json!({"GroupId": "ID", "IpPermissions": [
                        {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                         "IpRanges": [{"CidrIp": "10.0.0.0/16"}]},
                    ]}),
                ),
            ),
            row(
                "tags.color",
                ("color: blue", "color: green"),
                ("/Tags/color", json!("green")),
                with_id(
                    "delete_tags",
                    json!({"Resources": ["ID"], "Tags": [{"Key": "color"}]}),
                ),
            ),
        ],
    }
    .check();
}
