//! Security groups.

use super::super::tests::{by, ok, refused, run, texts, world};
use crate::World;
use serde_json::{Value, json};

fn make(world: &mut World, name: &str) -> String {
    let members = json!({ "GroupName": name, "Description": "for tests" });
    let made = ok(world, "CreateSecurityGroup", members);
    made["GroupId"].as_str().unwrap().to_owned()
}

fn elsewhere(world: &mut World, name: &str) -> String {
    let vpc = ok(world, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
    let members = json!({
        "GroupName": name,
        "Description": "elsewhere",
        "VpcId": vpc["Vpc"]["VpcId"],
    });
    let made = ok(world, "CreateSecurityGroup", members);
    made["GroupId"].as_str().unwrap().to_owned()
}

fn tcp(port: i64, cidr: &str, description: &str) -> Value {
    json!({
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{ "CidrIp": cidr, "Description": description }],
    })
}

fn among(group: &str) -> Value {
    json!({ "IpProtocol": "-1", "UserIdGroupPairs": [{ "GroupId": group }] })
}

fn rules(group: &str, permissions: Value) -> Value {
    json!({ "GroupId": group, "IpPermissions": permissions })
}

fn shown(world: &mut World, group: &str) -> Value {
    let found = ok(
        world,
        "DescribeSecurityGroups",
        json!({ "GroupIds": [group] }),
    );
    found["SecurityGroups"][0].clone()
}

#[test]
fn the_default_group_lets_its_members_talk_and_is_never_deleted() {
    let mut world = world();
    let found = ok(
        &mut world,
        "DescribeSecurityGroups",
        by("group-name", &["default"]),
    );
    let group = &found["SecurityGroups"][0];
    let id = group["GroupId"].as_str().unwrap();
    let pair = &group["IpPermissions"][0]["UserIdGroupPairs"][0];
    assert_eq!(
        (pair["GroupId"].as_str(), &pair["UserId"]),
        (Some(id), &"123456789012".into())
    );
    assert_eq!(
        group["IpPermissionsEgress"][0]["IpRanges"][0]["CidrIp"],
        "0.0.0.0/0"
    );
    assert_eq!(group["IpPermissionsEgress"][0].get("FromPort"), None);
    let code = refused(&mut world, "DeleteSecurityGroup", json!({ "GroupId": id }));
    assert_eq!(code, "CannotDelete");
}

#[test]
fn a_name_is_taken_once_in_a_vpc_whatever_its_case() {
    let mut world = world();
    let specification = json!([{
        "ResourceType": "security-group",
        "Tags": [{ "Key": "team", "Value": "web" }],
    }]);
    let members = json!({
        "GroupName": "web",
        "Description": "web",
        "TagSpecifications": specification,
    });
    let made = ok(&mut world, "CreateSecurityGroup", members);
    assert_eq!(made["Tags"], json!([{ "Key": "team", "Value": "web" }]));
    let again = json!({ "GroupName": "WEB", "Description": "web" });
    let code = refused(&mut world, "CreateSecurityGroup", again);
    assert_eq!(code, "InvalidGroup.Duplicate");
    elsewhere(&mut world, "web");
    let found = ok(
        &mut world,
        "DescribeSecurityGroups",
        by("group-name", &["web"]),
    );
    assert_eq!(found["SecurityGroups"].as_array().unwrap().len(), 2);
    for name in ["sg-web", "default", "wéb"] {
        let members = json!({ "GroupName": name, "Description": "x" });
        let code = refused(&mut world, "CreateSecurityGroup", members);
        assert_eq!(code, "InvalidParameterValue", "{name}");
    }
}

#[test]
fn a_group_that_is_not_there_is_told_from_an_id_that_is_none() {
    let mut world = world();
    let ids = |it: &str| json!({ "GroupIds": [it] });
    let code = refused(
        &mut world,
        "DescribeSecurityGroups",
        ids("sg-0123456789abcdef0"),
    );
    assert_eq!(code, "InvalidGroup.NotFound");
    let code = refused(&mut world, "DescribeSecurityGroups", ids("web"));
    assert_eq!(code, "InvalidGroupId.Malformed");
    let names = json!({ "GroupNames": ["web"] });
    let code = refused(&mut world, "DescribeSecurityGroups", names);
    assert_eq!(code, "InvalidGroup.NotFound");
    let none = ok(
        &mut world,
        "DescribeSecurityGroups",
        by("group-name", &["web"]),
    );
    assert_eq!(none["SecurityGroups"], json!([]));
}

#[test]
fn rules_are_canonical_and_grouped_by_protocol_and_ports() {
    let mut world = world();
    let group = make(&mut world, "web");
    let permissions = json!([
        tcp(80, "10.1.2.3/8", "one"),
        { "IpProtocol": "6", "FromPort": 80, "ToPort": 80,
          "Ipv6Ranges": [{ "CidrIpv6": "2001:DB8::1/32" }],
          "PrefixListIds": [{ "PrefixListId": "pl-63a5400a" }] },
        among(&group),
    ]);
    let added = ok(
        &mut world,
        "AuthorizeSecurityGroupIngress",
        rules(&group, permissions),
    );
    let added = added["SecurityGroupRules"].as_array().unwrap();
    assert_eq!(added.len(), 4);
    assert_eq!(added[0]["CidrIpv4"], "10.0.0.0/8");
    assert_eq!(added[3]["FromPort"], -1);
    assert_eq!(added[3]["ReferencedGroupInfo"]["GroupId"], *group);
    let shown = shown(&mut world, &group);
    let sets = shown["IpPermissions"].as_array().unwrap();
    assert_eq!(sets.len(), 2);
    let tcp = sets.iter().find(|it| it["IpProtocol"] == "tcp").unwrap();
    let one = json!([{ "CidrIp": "10.0.0.0/8", "Description": "one" }]);
    assert_eq!(tcp["IpRanges"], one);
    assert_eq!(tcp["Ipv6Ranges"], json!([{ "CidrIpv6": "2001:db8::/32" }]));
    assert_eq!(tcp["PrefixListIds"][0]["PrefixListId"], "pl-63a5400a");
    assert_eq!(tcp["UserIdGroupPairs"], json!([]));
}

#[test]
fn a_rule_is_added_once_whatever_its_description() {
    let mut world = world();
    let group = make(&mut world, "web");
    let add = |text: &str| rules(&group, json!([tcp(80, "0.0.0.0/0", text)]));
    ok(&mut world, "AuthorizeSecurityGroupIngress", add("one"));
    let again = run(&mut world, "AuthorizeSecurityGroupIngress", add("two")).unwrap_err();
    assert_eq!(again.code, "InvalidPermission.Duplicate");
    assert_eq!(
        again.message,
        "the specified rule \"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW\" already \
         exists"
    );
    ok(
        &mut world,
        "UpdateSecurityGroupRuleDescriptionsIngress",
        add("two"),
    );
    let found = ok(
        &mut world,
        "DescribeSecurityGroupRules",
        by("group-id", &[&group]),
    );
    assert_eq!(texts(&found["SecurityGroupRules"], "Description"), ["two"]);
    let out = rules(
        &group,
        json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }]),
    );
    let code = refused(&mut world, "AuthorizeSecurityGroupEgress", out);
    assert_eq!(code, "InvalidPermission.Duplicate");
}

#[test]
fn what_is_no_rule_is_refused() {
    let mut world = world();
    let group = make(&mut world, "web");
    let other = elsewhere(&mut world, "other");
    let ports = |from: i64, to: i64| {
        json!({ "IpProtocol": "tcp", "FromPort": from, "ToPort": to,
                "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] })
    };
    let cases = [
        (tcp(80, "10.0.0.0/33", ""), "InvalidParameterValue"),
        (tcp(80, "10.0.0.0", ""), "InvalidParameterValue"),
        (tcp(80, "10.0.0.0/8", "é"), "InvalidParameterValue"),
        (ports(443, 80), "InvalidParameterValue"),
        (ports(0, 70_000), "InvalidParameterValue"),
        (
            json!({ "IpProtocol": "tcp", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }),
            "InvalidParameterValue",
        ),
        (
            json!({ "IpProtocol": "smtp", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }] }),
            "InvalidParameterValue",
        ),
        (among(&other), "InvalidGroup.NotFound"),
        (among("sg-0123456789abcdef0"), "InvalidGroup.NotFound"),
    ];
    for (permission, expected) in cases {
        let asked = rules(&group, json!([permission]));
        let code = refused(&mut world, "AuthorizeSecurityGroupIngress", asked);
        assert_eq!(code, expected, "{permission}");
    }
    let none = json!({ "GroupId": group });
    let code = refused(&mut world, "AuthorizeSecurityGroupIngress", none);
    assert_eq!(code, "MissingParameter");
    assert_eq!(shown(&mut world, &group)["IpPermissions"], json!([]));
}

#[test]
fn revoking_what_is_not_there_is_silent_in_the_default_vpc_alone() {
    let mut world = world();
    let (here, there) = (make(&mut world, "web"), elsewhere(&mut world, "web"));
    for group in [&here, &there] {
        let asked = rules(group, json!([tcp(80, "0.0.0.0/0", "")]));
        ok(&mut world, "AuthorizeSecurityGroupIngress", asked);
    }
    let two = json!([tcp(80, "0.0.0.0/0", "whatever"), tcp(81, "0.0.0.0/0", "")]);
    let answer = ok(
        &mut world,
        "RevokeSecurityGroupIngress",
        rules(&here, two.clone()),
    );
    assert_eq!(answer["UnknownIpPermissions"][0]["FromPort"], 81);
    assert_eq!(answer["RevokedSecurityGroupRules"][0]["FromPort"], 80);
    assert_eq!(shown(&mut world, &here)["IpPermissions"], json!([]));
    let code = refused(&mut world, "RevokeSecurityGroupIngress", rules(&there, two));
    assert_eq!(code, "InvalidPermission.NotFound");
    assert_eq!(
        shown(&mut world, &there)["IpPermissions"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_rule_is_revoked_and_changed_by_its_id() {
    let mut world = world();
    let group = make(&mut world, "web");
    let asked = rules(&group, json!([tcp(80, "0.0.0.0/0", "web")]));
    let added = ok(&mut world, "AuthorizeSecurityGroupIngress", asked);
    let rule = added["SecurityGroupRules"][0]["SecurityGroupRuleId"].clone();
    let request = json!({
        "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": "0.0.0.0/0",
    });
    let update = json!({
        "GroupId": group,
        "SecurityGroupRules": [{ "SecurityGroupRuleId": rule, "SecurityGroupRule": request }],
    });
    ok(&mut world, "ModifySecurityGroupRules", update);
    let ids = json!({ "SecurityGroupRuleIds": [rule] });
    let found = ok(&mut world, "DescribeSecurityGroupRules", ids.clone());
    assert_eq!(found["SecurityGroupRules"][0]["FromPort"], 443);
    assert!(found["SecurityGroupRules"][0].get("Description").is_none());
    let revoke = json!({ "GroupId": group, "SecurityGroupRuleIds": [rule] });
    ok(&mut world, "RevokeSecurityGroupIngress", revoke.clone());
    let code = refused(&mut world, "RevokeSecurityGroupIngress", revoke);
    assert_eq!(code, "InvalidSecurityGroupRuleId.NotFound");
    let code = refused(&mut world, "DescribeSecurityGroupRules", ids);
    assert_eq!(code, "InvalidSecurityGroupRuleId.NotFound");
}

#[test]
fn a_group_that_others_mention_or_that_has_members_stays() {
    let mut world = world();
    let (used, user) = (make(&mut world, "used"), make(&mut world, "user"));
    let delete = json!({ "GroupId": used });
    let both = json!([among(&used)]);
    ok(
        &mut world,
        "AuthorizeSecurityGroupIngress",
        rules(&used, both.clone()),
    );
    ok(
        &mut world,
        "AuthorizeSecurityGroupIngress",
        rules(&user, both.clone()),
    );
    let code = refused(&mut world, "DeleteSecurityGroup", delete.clone());
    assert_eq!(code, "DependencyViolation");
    ok(&mut world, "RevokeSecurityGroupIngress", rules(&user, both));
    let answer = ok(&mut world, "DeleteSecurityGroup", delete);
    assert_eq!(answer, json!({ "Return": true, "GroupId": used }));
}

#[test]
fn a_group_has_sixty_rules_at_most_and_cloudfront_counts_for_fifty_five() {
    let mut world = world();
    let group = make(&mut world, "web");
    let list = json!([{ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                        "PrefixListIds": [{ "PrefixListId": "pl-3b927c52" }] }]);
    ok(
        &mut world,
        "AuthorizeSecurityGroupIngress",
        rules(&group, list),
    );
    let some = |from: i64, count: i64| {
        let permissions: Vec<Value> = (from..from + count)
            .map(|it| tcp(it, "0.0.0.0/0", ""))
            .collect();
        rules(&group, permissions.into())
    };
    ok(&mut world, "AuthorizeSecurityGroupIngress", some(1, 5));
    let code = refused(&mut world, "AuthorizeSecurityGroupIngress", some(6, 1));
    assert_eq!(code, "RulesPerSecurityGroupLimitExceeded");
    let ipv6 = json!([{ "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
                        "Ipv6Ranges": [{ "CidrIpv6": "::/0" }] }]);
    ok(
        &mut world,
        "AuthorizeSecurityGroupIngress",
        rules(&group, ipv6),
    );
}
