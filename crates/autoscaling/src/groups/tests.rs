use super::*;
use setpoint_aws::testkit::{Answer, Call, Wire};
use setpoint_core::{Link, Owner, Status};
use std::sync::{Arc, Mutex as SyncMutex};

/// What AWS shows of the group `fleet` with nothing said that has a default.
const SHOWN: &str = "
    <AutoScalingGroupName>fleet</AutoScalingGroupName>
    <AutoScalingGroupARN>arn:aws:autoscaling:us-east-1:1:autoScalingGroup:x</AutoScalingGroupARN>
    <LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId>
        <LaunchTemplateName>node</LaunchTemplateName><Version>3</Version></LaunchTemplate>
    <MinSize>1</MinSize><MaxSize>3</MaxSize><DesiredCapacity>2</DesiredCapacity>
    <DefaultCooldown>300</DefaultCooldown>
    <AvailabilityZones><member>us-east-1a</member></AvailabilityZones>
    <HealthCheckType>EC2</HealthCheckType><HealthCheckGracePeriod>0</HealthCheckGracePeriod>
    <VPCZoneIdentifier>subnet-b,subnet-a</VPCZoneIdentifier>
    <TerminationPolicies><member>Default</member></TerminationPolicies>
    <NewInstancesProtectedFromScaleIn>false</NewInstancesProtectedFromScaleIn>
    <ServiceLinkedRoleARN>arn:aws:iam::1:role/aws-service-role/x</ServiceLinkedRoleARN>
    <Tags>
        <member><Key>AmazonECSManaged</Key><Value/></member>
        <member><Key>setpoint:stack</Key><Value>shop</Value></member>
        <member><Key>team</Key><Value>web</Value></member>
    </Tags>";

fn desired() -> AutoScalingGroup {
    AutoScalingGroup {
        launch_template: Link::is("lt-1:3"),
        subnets: Link::is("subnet-a,subnet-b"),
        min_size: 1,
        max_size: 3,
        desired_capacity: None,
        protect_from_scale_in: false,
        health_check_type: "EC2".into(),
        health_check_grace_period: 0,
        default_cooldown: 300,
        default_instance_warmup: None,
        termination_policies: vec!["Default".into()],
        max_instance_lifetime: 0,
        capacity_rebalance: false,
        tags: [("team".into(), "web".into())].into(),
    }
}

fn instance(id: &str, state: &str, protected: bool) -> String {
    format!(
        "<member><InstanceId>{id}</InstanceId><LifecycleState>{state}</LifecycleState>
        <ProtectedFromScaleIn>{protected}</ProtectedFromScaleIn></member>"
    )
}

fn answer(action: &str, body: &str) -> Answer {
    let (response, result) = (format!("{action}Response"), format!("{action}Result"));
    Answer::ok(format!(
        "<{response}><{result}>{body}</{result}></{response}>"
    ))
}

fn groups(members: &[String]) -> String {
    let members: String = members
        .iter()
        .map(|it| format!("<member>{it}</member>"))
        .collect();
    format!("<AutoScalingGroups>{members}</AutoScalingGroups>")
}

/// A wire to an AWS that shows these groups, whatever it is asked, and has these hooks.
fn wire(shown: Arc<SyncMutex<Vec<String>>>, hooks: &'static str) -> Wire {
    Wire::new(move |call: &Call| {
        answer(
            &call.action,
            &match &*call.action {
                "DescribeAutoScalingGroups" => groups(&shown.lock().unwrap()),
                "DescribeLifecycleHooks" => format!("<LifecycleHooks>{hooks}</LifecycleHooks>"),
                _ => String::new(),
            },
        )
    })
}

fn shows(groups: &[String]) -> Arc<SyncMutex<Vec<String>>> {
    Arc::new(SyncMutex::new(groups.to_vec()))
}

fn names(names: &[&str]) -> BTreeSet<Name> {
    names.iter().map(|it| Name::from(*it)).collect()
}

async fn one(adapter: &Groups) -> Observed<AutoScalingGroup> {
    let shown = adapter
        .observe(&names(&["fleet"]), Freshness::Direct)
        .await
        .unwrap();
    shown.into_values().next().unwrap()
}

#[tokio::test]
async fn what_aws_adds_is_not_seen_and_one_call_lists_and_shows() {
    let instances: String = [
        instance("i-1", "InService", false),
        instance("i-2", "Pending:Wait", false),
        instance("i-3", "Terminating:Wait", false),
    ]
    .concat();
    let shown = format!("{SHOWN}<Instances>{instances}</Instances>");
    let wire = wire(shows(&[shown]), "");
    let adapter = Groups::new(&wire.aws());
    let asked = names(&["fleet"]);
    let (listed, shown) =
        try_join!(adapter.list(), adapter.observe(&asked, Freshness::Indexed)).unwrap();
    assert_eq!(listed, asked);
    let fleet = &shown[&Name::from("fleet")];
    let mut resolved = desired();
    resolved.inherit(&fleet.resource);
    assert_eq!(resolved, fleet.resource);
    assert_eq!(fleet.resource.desired_capacity, Some(2));
    assert_eq!(
        (&fleet.owner, &fleet.status, fleet.running),
        (&Owner::Ours, &Status::Ready, 2)
    );
    let calls = wire.take();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        calls[0].field("Filters.member.1.Name"),
        "tag:setpoint:stack"
    );
    assert_eq!(calls[0].field("Filters.member.1.Values.member.1"), "shop");
}

#[tokio::test]
async fn what_is_not_ours_is_asked_for_by_name_fifty_at_a_time() {
    let wire = wire(shows(&[]), "");
    let adapter = Groups::new(&wire.aws());
    let asked = (0..60).map(|it| Name(format!("g{it:02}"))).collect();
    assert!(
        adapter
            .observe(&asked, Freshness::Indexed)
            .await
            .unwrap()
            .is_empty()
    );
    let calls = wire.take();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[1].field("AutoScalingGroupNames.member.50"), "g49");
    assert_eq!(calls[2].field("AutoScalingGroupNames.member.10"), "g59");
}

#[tokio::test]
async fn other_ways_to_make_instances_are_drift() {
    let template =
        &SHOWN[SHOWN.find("<LaunchTemplate>").unwrap()..SHOWN.find("<MinSize>").unwrap()];
    for (other, expected) in [
        (
            "<LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId><Version>$Latest</Version></LaunchTemplate>",
            "lt-1:$Latest",
        ),
        (
            "<LaunchTemplate><LaunchTemplateId>lt-1</LaunchTemplateId></LaunchTemplate>",
            "lt-1:$Default",
        ),
        (
            "<LaunchConfigurationName>old</LaunchConfigurationName>",
            "the launch configuration old",
        ),
        ("<MixedInstancesPolicy/>", "a mixed instances policy"),
    ] {
        let wire = wire(shows(&[SHOWN.replace(template, other)]), "");
        let seen = one(&Groups::new(&wire.aws())).await;
        assert_eq!(seen.resource.launch_template.handle(), Some(expected));
    }
}

#[tokio::test]
async fn a_creation_marks_the_group_and_its_instances() {
    let wire = wire(shows(&[]), "");
    let adapter = Groups::new(&wire.aws());
    let handle = adapter.create(&"fleet".into(), &desired()).await.unwrap();
    assert_eq!(handle.as_str(), "fleet");
    let calls = wire.take();
    assert_eq!(calls.len(), 1);
    let field = |name: &str| calls[0].field(name);
    assert_eq!(field("Tags.member.1.Key"), "setpoint:stack");
    assert_eq!(field("Tags.member.1.PropagateAtLaunch"), "true");
    assert_eq!(field("Tags.member.2.Value"), "web");
    assert_eq!(field("LaunchTemplate.LaunchTemplateId"), "lt-1");
    assert_eq!(field("LaunchTemplate.Version"), "3");
    assert_eq!(field("DesiredCapacity"), "");
}

#[tokio::test]
async fn an_update_writes_only_what_differs_and_leaves_the_count_alone() {
    let wire = wire(shows(&[SHOWN.into()]), "");
    let adapter = Groups::new(&wire.aws());
    let observed = one(&adapter).await;
    wire.take();
    let name = Name::from("fleet");
    adapter.update(&name, &desired(), &observed).await.unwrap();
    assert_eq!(wire.take(), []);

    let mut desired = desired();
    desired.max_size = 5;
    desired.launch_template = Link::is("lt-1:4");
    desired.tags = [("team".into(), "core".into())].into();
    adapter.update(&name, &desired, &observed).await.unwrap();
    let calls = wire.take();
    assert_eq!(
        calls[0].body,
        "Action=UpdateAutoScalingGroup&Version=2011-01-01&AutoScalingGroupName=fleet\
         &LaunchTemplate.LaunchTemplateId=lt-1&LaunchTemplate.Version=4&MaxSize=5"
    );
    assert_eq!(
        calls[1].body,
        "Action=CreateOrUpdateTags&Version=2011-01-01&Tags.member.1.ResourceId=fleet\
         &Tags.member.1.ResourceType=auto-scaling-group&Tags.member.1.Key=team\
         &Tags.member.1.Value=core&Tags.member.1.PropagateAtLaunch=true"
    );
    assert_eq!(calls.len(), 2);
}

#[tokio::test]
async fn a_deletion_releases_what_would_hold_its_instances() {
    let instances: String = [
        instance("i-1", "InService", true),
        instance("i-2", "InService", false),
        instance("i-3", "Terminating", true),
    ]
    .concat();
    let shown = shows(&[format!("{SHOWN}<Instances>{instances}</Instances>")]);
    let hooks = "<member><LifecycleHookName>ecs-managed-draining-termination-hook\
                 </LifecycleHookName></member>";
    let wire = wire(shown.clone(), hooks);
    let adapter = Groups::new(&wire.aws());
    let observed = one(&adapter).await;
    wire.take();
    let name = Name::from("fleet");
    adapter.delete(&name, &observed).await.unwrap();
    let calls = wire.take();
    let actions: Vec<&str> = calls.iter().map(|it| &*it.action).collect();
    assert_eq!(
        actions,
        [
            "DescribeAutoScalingGroups",
            "DescribeLifecycleHooks",
            "DeleteLifecycleHook",
            "SetInstanceProtection",
            "UpdateAutoScalingGroup",
            "DeleteAutoScalingGroup",
        ]
    );
    assert_eq!(calls[3].field("InstanceIds.member.1"), "i-1");
    assert_eq!(calls[3].field("InstanceIds.member.2"), "");
    assert_eq!(
        calls[4].field("MinSize") + &calls[4].field("DesiredCapacity"),
        "00"
    );
    assert_eq!(calls[4].field("MaxSize"), "");
    assert_eq!(calls[5].field("ForceDelete"), "true");

    shown.lock().unwrap()[0] += "<Status>Delete in progress</Status>";
    let leaving = one(&adapter).await;
    assert_eq!(
        leaving.status,
        Status::Leaving("its 3 instances to end".into())
    );

    shown.lock().unwrap().clear();
    wire.take();
    adapter.delete(&name, &observed).await.unwrap();
    assert_eq!(
        wire.take_actions(),
        ["DescribeAutoScalingGroups", "DescribeLifecycleHooks"]
    );
}
