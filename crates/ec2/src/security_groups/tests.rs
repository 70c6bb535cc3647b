use super::*;
use setpoint_aws::testkit::{Answer, Call, Wire};
use setpoint_core::ErrorKind;

const MARKED: &str = "<item><key>setpoint:stack</key><value>shop</value></item>";

/// A group in EC2's words: everything out, and web in, from two ranges and from itself.
fn group(id: &str, vpc: &str, tags: &str) -> String {
    format!(
        "<item><groupId>{id}</groupId><groupName>web</groupName><vpcId>{vpc}</vpcId>
        <groupDescription>the web</groupDescription><ownerId>1</ownerId><tagSet>{tags}</tagSet>
        <ipPermissions>
          <item><ipProtocol>6</ipProtocol><fromPort>80</fromPort><toPort>80</toPort>
            <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp><description>all</description></item>
              <item><cidrIp>10.0.0.0/8</cidrIp></item></ipRanges>
            <ipv6Ranges/><prefixListIds/>
            <groups><item><groupId>{id}</groupId><userId>1</userId></item></groups></item>
        </ipPermissions>
        <ipPermissionsEgress>
          <item><ipProtocol>-1</ipProtocol><groups/>
            <ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item>
        </ipPermissionsEgress></item>"
    )
}

fn web(peer: Peer, description: &str) -> Rule {
    Rule {
        protocol: "tcp".into(),
        from_port: 80,
        to_port: 80,
        peer,
        description: description.into(),
    }
}

fn cidr(text: &str) -> Peer {
    Peer::Cidr(text.into())
}

fn desired() -> SecurityGroup {
    SecurityGroup {
        vpc: Link::is("vpc-1"),
        description: Some("the web".into()),
        ingress: BTreeSet::from([
            web(cidr("0.0.0.0/0"), "all"),
            web(cidr("10.0.0.0/8"), ""),
            web(Peer::Itself, ""),
        ]),
        egress: [Rule::everything_out()].into(),
        tags: [("team".into(), "web".into())].into(),
    }
}

/// A wire to an EC2 that has these groups, and to an index that knows those that are marked.
fn wire(groups: Vec<String>) -> Wire {
    Wire::new(move |call: &Call| match &*call.action {
        "GetResources" => {
            let marked = groups.iter().filter(|it| it.contains(MARKED));
            let entries: Vec<_> = marked
                .map(|it| {
                    let id = it.split(['<', '>']).nth(4).unwrap_or_default();
                    let arn = format!("arn:aws:ec2:us-east-1:1:security-group/{id}");
                    serde_json::json!({"ResourceARN": arn, "Tags": []})
                })
                .collect();
            let answer = serde_json::json!({"ResourceTagMappingList": entries});
            Answer::ok(answer.to_string())
        }
        "DescribeSubnets" => Answer::ok(
            "<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-a</subnetId>
             <vpcId>vpc-1</vpcId></item></subnetSet></DescribeSubnetsResponse>",
        ),
        "DescribeSecurityGroups" => {
            let element = match &*call.field("Filter.1.Name") {
                "group-id" => "groupId",
                _ => "groupName",
            };
            let value = call.field("Filter.1.Value.1");
            let wanted = format!("<{element}>{value}</{element}>");
            let found = groups.iter().filter(|it| it.contains(&wanted));
            Answer::ok(format!(
                "<DescribeSecurityGroupsResponse><securityGroupInfo>{}</securityGroupInfo>
                 </DescribeSecurityGroupsResponse>",
                found.cloned().collect::<String>()
            ))
        }
        "CreateSecurityGroup" => Answer::ok(
            "<CreateSecurityGroupResponse><groupId>sg-1</groupId></CreateSecurityGroupResponse>",
        ),
        "RevokeSecurityGroupEgress"
            if !call
                .field("IpPermissions.1.Ipv6Ranges.1.CidrIpv6")
                .is_empty() =>
        {
            Answer::ec2_error("InvalidPermission.NotFound", "no such rule")
        }
        "DeleteSecurityGroup" if call.field("GroupId") == "sg-gone" => {
            Answer::ec2_error("InvalidGroup.NotFound", "no such group")
        }
        "DeleteSecurityGroup" => Answer::ec2_error("DependencyViolation", "in use"),
        "DescribeInstances" if call.field("Filter.1.Value.1") == "sg-held" => Answer::ok(
            "<DescribeInstancesResponse><reservationSet><item><instancesSet><item>\
             <instanceId>i-1</instanceId><tagSet><item><key>aws:autoscaling:groupName</key>\
             <value>fleet</value></item></tagSet></item></instancesSet></item></reservationSet>\
             </DescribeInstancesResponse>",
        ),
        action => Answer::ok(format!(
            "<{action}Response><return>true</return></{action}Response>"
        )),
    })
}

fn adapter(wire: &Wire) -> SecurityGroups {
    let aws = wire.aws();
    let wanted = BTreeMap::from([("web".into(), "default".into())]);
    SecurityGroups::new(&aws, Network::new(&aws), wanted)
}

fn web_group() -> BTreeSet<Name> {
    ["web".into()].into()
}

async fn look(wire: &Wire) -> Option<Observed<SecurityGroup>> {
    let shown = adapter(wire)
        .observe(&web_group(), Freshness::Direct)
        .await
        .unwrap();
    wire.take();
    shown.into_values().next()
}

#[tokio::test]
async fn a_group_of_ours_is_listed_and_shown_in_one_call() {
    let tags = format!("{MARKED}<item><key>team</key><value>web</value></item>");
    let wire = wire(vec![group("sg-1", "vpc-1", &tags)]);
    let adapter = adapter(&wire);
    let asked = web_group();
    let observe = adapter.observe(&asked, Freshness::Indexed);
    let (listed, shown) = try_join!(adapter.list(), observe).unwrap();
    assert_eq!(listed, asked);
    let shown = &shown[&Name::from("web")];
    assert_eq!(shown.resource, desired());
    assert_eq!(
        (shown.handle.as_str(), &shown.owner),
        ("sg-1", &Owner::Ours)
    );
    let mut actions = wire.take_actions();
    actions.sort();
    let expected = ["DescribeSecurityGroups", "DescribeSubnets", "GetResources"];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn a_group_of_ours_that_the_stack_no_longer_names_is_listed_and_shown() {
    let old = group("sg-2", "vpc-1", MARKED).replace("<groupName>web", "<groupName>old");
    let wire = wire(vec![old]);
    let adapter = adapter(&wire);
    let listed = adapter.list().await.unwrap();
    assert_eq!(listed, ["old".into()].into());
    wire.take();
    let shown = adapter.observe(&listed, Freshness::Indexed).await.unwrap();
    assert_eq!(shown[&Name::from("old")].handle.as_str(), "sg-2");
    assert_eq!(wire.take_actions(), Vec::<String>::new());
}

#[tokio::test]
async fn a_group_of_ours_that_the_index_does_not_know_yet_is_listed() {
    let group = group("sg-1", "vpc-1", MARKED);
    let lagging = Wire::new(move |call: &Call| match &*call.action {
        "GetResources" => Answer::ok("{}"),
        _ => Answer::ok(format!(
            "<DescribeSecurityGroupsResponse><securityGroupInfo>{group}</securityGroupInfo>
             </DescribeSecurityGroupsResponse>"
        )),
    });
    assert_eq!(adapter(&lagging).list().await.unwrap(), web_group());
}

#[tokio::test]
async fn of_groups_with_one_name_ours_counts_or_else_the_one_in_the_right_vpc() {
    let here = || group("sg-here", "vpc-1", "");
    let elsewhere = || group("sg-elsewhere", "vpc-2", "");
    let ours = || group("sg-ours", "vpc-2", MARKED);
    for (groups, expected) in [
        (vec![here(), elsewhere()], Some("sg-here")),
        (vec![here(), ours()], Some("sg-ours")),
        (vec![elsewhere()], None),
        (vec![], None),
    ] {
        let found = look(&wire(groups)).await;
        assert_eq!(found.as_ref().map(|it| it.handle.as_str()), expected);
    }
    let wire = wire(vec![here(), elsewhere()]);
    let aws = wire.aws();
    let anywhere = SecurityGroups::new(&aws, Network::new(&aws), BTreeMap::new());
    let err = anywhere
        .observe(&web_group(), Freshness::Direct)
        .await
        .unwrap_err();
    assert_eq!(err.kind, ErrorKind::Refused);
    let by_id = ["sg-here".into()].into();
    let shown = anywhere.observe(&by_id, Freshness::Direct).await.unwrap();
    assert_eq!(shown[&Name::from("sg-here")].owner, Owner::Nobody);
}

#[tokio::test]
async fn a_creation_marks_the_group_and_then_writes_all_rules_at_once() {
    let wire = wire(vec![]);
    let mut desired = desired();
    desired.description = None;
    desired.egress = [web(cidr("0.0.0.0/0"), "")].into();
    let handle = adapter(&wire)
        .create(&"web".into(), &desired)
        .await
        .unwrap();
    assert_eq!(handle.as_str(), "sg-1");
    let calls = wire.take();
    assert_eq!(calls[0].action, "CreateSecurityGroup");
    assert_eq!(calls[0].field("GroupDescription"), "web of the stack shop");
    assert_eq!(
        calls[0].field("TagSpecification.1.ResourceType"),
        "security-group"
    );
    assert_eq!(
        calls[0].field("TagSpecification.1.Tag.1.Key"),
        "setpoint:stack"
    );
    assert_eq!(calls[0].field("TagSpecification.1.Tag.2.Key"), "team");
    let mut rules: Vec<&str> = calls[1..].iter().map(|it| &*it.action).collect();
    rules.sort_unstable();
    assert_eq!(
        rules,
        [
            "AuthorizeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "RevokeSecurityGroupEgress",
        ]
    );
}

#[tokio::test]
async fn an_update_authorizes_before_it_revokes_and_only_what_differs() {
    let wire = wire(vec![group("sg-1", "vpc-1", MARKED)]);
    let observed = look(&wire).await.unwrap();
    let adapter = adapter(&wire);
    let mut desired = desired();
    desired.tags.clear();
    adapter
        .update(&"web".into(), &desired, &observed)
        .await
        .unwrap();
    assert_eq!(wire.take(), []);

    desired.ingress = BTreeSet::from([
        web(cidr("0.0.0.0/0"), "everyone"),
        web(cidr("::/0"), ""),
        web(Peer::Itself, ""),
    ]);
    adapter
        .update(&"web".into(), &desired, &observed)
        .await
        .unwrap();
    let mut bodies: Vec<String> = wire.take().into_iter().map(|it| it.body).collect();
    // What only reads otherwise may go before, between or after the other two.
    bodies.sort_by_key(|it| it.contains("Descriptions"));
    assert_eq!(
        bodies,
        [
            "Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-1\
             &IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80\
             &IpPermissions.1.Ipv6Ranges.1.CidrIpv6=%3A%3A%2F0",
            "Action=RevokeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-1\
             &IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80\
             &IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0%2F8",
            "Action=UpdateSecurityGroupRuleDescriptionsIngress&Version=2016-11-15&GroupId=sg-1\
             &IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80\
             &IpPermissions.1.IpRanges.1.Description=everyone\
             &IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0",
        ]
    );
}

#[tokio::test]
async fn an_adoption_sets_the_mark_and_removes_only_what_is_not_asked_for() {
    let tags = "<item><key>aws:x</key><value>1</value></item><item><key>old</key><value/></item>";
    let wire = wire(vec![group("sg-1", "vpc-1", tags)]);
    let observed = look(&wire).await.unwrap();
    assert_eq!(observed.owner, Owner::Nobody);
    adapter(&wire)
        .update(&"web".into(), &desired(), &observed)
        .await
        .unwrap();
    let bodies: Vec<String> = wire.take().into_iter().map(|it| it.body).collect();
    assert_eq!(
        bodies,
        [
            "Action=CreateTags&Version=2016-11-15&ResourceId.1=sg-1&Tag.1.Key=setpoint%3Astack\
             &Tag.1.Value=shop&Tag.2.Key=team&Tag.2.Value=web",
            "Action=DeleteTags&Version=2016-11-15&ResourceId.1=sg-1&Tag.1.Key=old",
        ]
    );
}

#[tokio::test]
async fn a_deletion_waits_for_what_uses_the_group_and_takes_absence_for_success() {
    let wire = wire(vec![group("sg-1", "vpc-1", MARKED)]);
    let mut observed = look(&wire).await.unwrap();
    let adapter = adapter(&wire);
    let err = adapter.delete(&"web".into(), &observed).await.unwrap_err();
    assert_eq!(
        err.kind,
        ErrorKind::NotYet("what still uses it to be gone".into())
    );
    observed.handle = Handle::new("sg-held");
    let err = adapter.delete(&"web".into(), &observed).await.unwrap_err();
    assert_eq!(err.kind, ErrorKind::Refused);
    let told = err.source.to_string();
    assert!(told.contains("used by i-1"), "{told}");
    assert!(told.contains("--auto-scaling-group-name fleet"), "{told}");
    observed.handle = Handle::new("sg-gone");
    adapter.delete(&"web".into(), &observed).await.unwrap();
}
