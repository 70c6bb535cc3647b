use super::*;
use setpoint_aws::testkit::{Answer, Call, Wire};
use setpoint_core::{Link, Owner};
use setpoint_spec::kind::RootVolume;
use std::sync::Mutex as SyncMutex;

/// `#!/bin/bash`, and on the next line `echo ECS_CLUSTER=sale >> /etc/ecs/ecs.config`.
const USER_DATA: &str =
    "IyEvYmluL2Jhc2gKZWNobyBFQ1NfQ0xVU1RFUj1zYWxlID4+IC9ldGMvZWNzL2Vjcy5jb25maWcK";

/// The content of a version as EC2 shows it.
const DATA: &str = "
    <imageId>resolve:ssm:/ami</imageId><instanceType>t3.small</instanceType>
    <creditSpecification><cpuCredits>unlimited</cpuCredits></creditSpecification>
    <iamInstanceProfile><arn>arn:profile</arn></iamInstanceProfile>
    <networkInterfaceSet><item><deviceIndex>0</deviceIndex>
        <associatePublicIpAddress>true</associatePublicIpAddress>
        <groupSet><groupId>sg-2</groupId><groupId>sg-1</groupId></groupSet>
        <ipv6AddressesSet/><privateIpAddressesSet/></item></networkInterfaceSet>
    <blockDeviceMappingSet><item><deviceName>/dev/xvda</deviceName>
        <ebs><volumeSize>30</volumeSize><volumeType>gp3</volumeType>
        <deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMappingSet>
    <metadataOptions><httpTokens>required</httpTokens><state>pending</state>
        <httpPutResponseHopLimit>2</httpPutResponseHopLimit></metadataOptions>
    <userData>USER_DATA</userData>
    <tagSpecificationSet>
        <item><resourceType>instance</resourceType><tagSet>TAGS</tagSet></item>
        <item><resourceType>volume</resourceType><tagSet>TAGS</tagSet></item>
    </tagSpecificationSet>";

const TAGS: &str = "<item><key>setpoint:stack</key><value>shop</value></item>
    <item><key>team</key><value>web</value></item>";

fn data() -> String {
    DATA.replace("USER_DATA", USER_DATA).replace("TAGS", TAGS)
}

fn desired() -> LaunchTemplate {
    let tags = [("team".to_owned(), "web".to_owned())];
    LaunchTemplate {
        image_id: "resolve:ssm:/ami".into(),
        instance_type: "t3.small".into(),
        instance_profile: Some(Link::is("arn:profile")),
        security_groups: [Link::is("sg-1"), Link::is("sg-2")].into(),
        public_ip: Some(true),
        key_name: None,
        root_volume: Some(RootVolume {
            size: 30,
            volume_type: "gp3".into(),
            encrypted: false,
            device_name: "/dev/xvda".into(),
        }),
        imdsv2_required: true,
        metadata_hop_limit: 2,
        detailed_monitoring: false,
        cpu_credits: Some("unlimited".into()),
        user_data: Some("#!/bin/bash\necho ECS_CLUSTER=sale >> /etc/ecs/ecs.config\n".into()),
        cluster: Some(Link::is("sale")),
        tags: tags.clone().into(),
        instance_tags: tags.into(),
        unmanaged: BTreeSet::new(),
    }
}

/// A wire to an EC2 that has the template `node` with this content and these tags.
fn wire(data: String, tags: &'static str) -> Wire {
    let data = SyncMutex::new(data);
    Wire::new(move |call: &Call| {
        match &*call.action {
        "DescribeLaunchTemplateVersions" if call.field("LaunchTemplateName") != "node" => {
            Answer::ec2_error("InvalidLaunchTemplateName.NotFoundException", "no such template")
        }
        "DescribeLaunchTemplateVersions" => Answer::ok(format!(
            "<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet><item>
             <launchTemplateId>lt-1</launchTemplateId><versionNumber>4</versionNumber>
             <launchTemplateData>{}</launchTemplateData></item></launchTemplateVersionSet>
             </DescribeLaunchTemplateVersionsResponse>",
            data.lock().unwrap()
        )),
        // Only what bears the mark is indexed.
        "GetResources" if tags.contains("shop") => Answer::ok(
            r#"{"ResourceTagMappingList": [{
                "ResourceARN": "arn:aws:ec2:us-east-1:1:launch-template/lt-1",
                "Tags": [{"Key": "setpoint:stack", "Value": "shop"}, {"Key": "team", "Value": "web"}]
            }]}"#,
        ),
        "GetResources" => Answer::ok("{}"),
        "GetCallerIdentity" => Answer::ok(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>
             <Arn>arn:aws:iam::1:user/me</Arn></GetCallerIdentityResult>
             </GetCallerIdentityResponse>",
        ),
        "DescribeLaunchTemplates" => {
            let item = format!(
                "<item><launchTemplateId>lt-1</launchTemplateId>
                 <launchTemplateName>node</launchTemplateName><tagSet>{tags}</tagSet></item>"
            );
            Answer::ok(format!(
                "<DescribeLaunchTemplatesResponse><launchTemplates>{item}</launchTemplates>
                 </DescribeLaunchTemplatesResponse>"
            ))
        }
        "CreateLaunchTemplate" => Answer::ok(
            "<CreateLaunchTemplateResponse><launchTemplate><launchTemplateId>lt-1</launchTemplateId>
             <latestVersionNumber>1</latestVersionNumber></launchTemplate>
             </CreateLaunchTemplateResponse>",
        ),
        "CreateLaunchTemplateVersion" => Answer::ok(
            "<CreateLaunchTemplateVersionResponse><launchTemplateVersion>
             <versionNumber>5</versionNumber></launchTemplateVersion>
             </CreateLaunchTemplateVersionResponse>",
        ),
        "DeleteLaunchTemplate" => {
            Answer::ec2_error("InvalidLaunchTemplateId.NotFound", "no such template")
        }
        action => Answer::ok(format!("<{action}Response><return>true</return></{action}Response>")),
    }
    })
}

fn node() -> BTreeSet<Name> {
    ["node".into()].into()
}

async fn look(wire: &Wire) -> Observed<LaunchTemplate> {
    let adapter = LaunchTemplates::new(&wire.aws(), node());
    let shown = adapter.observe(&node(), Freshness::Direct).await.unwrap();
    wire.take();
    shown.into_values().next().unwrap()
}

#[tokio::test]
async fn a_template_of_ours_takes_one_round_and_shows_what_was_asked() {
    let wire = wire(data(), TAGS);
    let adapter = LaunchTemplates::new(&wire.aws(), node());
    let asked = node();
    let observe = adapter.observe(&asked, Freshness::Indexed);
    let (listed, shown) = try_join!(adapter.list(), observe).unwrap();
    assert_eq!(listed, node());
    assert_eq!(
        shown.keys().collect::<Vec<_>>(),
        ["node"].map(Name::from).iter().collect::<Vec<_>>()
    );
    let shown = &shown[&Name::from("node")];
    assert_eq!(shown.resource, desired());
    assert_eq!(
        (shown.handle.as_str(), &shown.owner),
        ("lt-1:4", &Owner::Ours)
    );
    let mut actions = wire.take_actions();
    actions.sort();
    assert_eq!(
        actions,
        [
            "DescribeLaunchTemplateVersions",
            "GetCallerIdentity",
            "GetResources",
        ]
    );
}

#[tokio::test]
async fn a_template_of_ours_that_the_stack_no_longer_names_is_listed_and_shown() {
    let wire = wire(data(), TAGS);
    let adapter = LaunchTemplates::new(&wire.aws(), BTreeSet::new());
    let listed = adapter.list().await.unwrap();
    assert_eq!(listed, node());
    let asked = wire.take().pop().unwrap();
    assert_eq!(asked.field("Filter.1.Name"), "tag:setpoint:stack");
    let shown = adapter.observe(&listed, Freshness::Indexed).await.unwrap();
    assert_eq!(shown[&Name::from("node")].owner, Owner::Ours);
}

#[tokio::test]
async fn a_template_that_is_not_there_is_not_shown() {
    let adapter = LaunchTemplates::new(&wire(data(), TAGS).aws(), node());
    let asked = ["gone".into(), "node".into()].into();
    let shown = adapter.observe(&asked, Freshness::Indexed).await.unwrap();
    assert_eq!(shown.into_keys().collect::<BTreeSet<_>>(), node());
}

#[tokio::test]
async fn whose_a_template_is_that_is_not_in_the_index_is_asked_by_name() {
    let wire = wire(data(), "<item><key>team</key><value>web</value></item>");
    let adapter = LaunchTemplates::new(&wire.aws(), node());
    let shown = adapter.observe(&node(), Freshness::Indexed).await.unwrap();
    let shown = &shown[&Name::from("node")];
    assert_eq!(
        (&shown.owner, &shown.resource),
        (&Owner::Nobody, &desired())
    );
    let last = wire.take().pop().unwrap();
    assert_eq!(last.field("Filter.1.Name"), "launch-template-name");
}

#[tokio::test]
async fn a_template_of_ours_that_the_index_does_not_know_yet_is_listed() {
    let lagging = Wire::new(|call: &Call| match &*call.action {
        "GetResources" => Answer::ok("{}"),
        "GetCallerIdentity" => Answer::ok(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>
             <Arn>arn:aws:iam::1:user/me</Arn></GetCallerIdentityResult>
             </GetCallerIdentityResponse>",
        ),
        "DescribeLaunchTemplateVersions" => Answer::ok(
            "<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet><item>
             <launchTemplateId>lt-1</launchTemplateId><versionNumber>1</versionNumber></item>
             </launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>",
        ),
        _ => Answer::ok(format!(
            "<DescribeLaunchTemplatesResponse><launchTemplates><item>
             <launchTemplateId>lt-1</launchTemplateId><launchTemplateName>node</launchTemplateName>
             <tagSet>{TAGS}</tagSet></item></launchTemplates></DescribeLaunchTemplatesResponse>"
        )),
    });
    let adapter = LaunchTemplates::new(&lagging.aws(), node());
    assert_eq!(adapter.list().await.unwrap(), node());
    let last = lagging.take().pop().unwrap();
    assert_eq!(last.field("Filter.1.Name"), "launch-template-name");
}

#[tokio::test]
async fn what_the_next_version_would_lose_shows_as_drift() {
    let drift = |from: &str, to: &str| wire(data().replacen(from, to, 1), TAGS);
    let seen = |text: &str| {
        text.split(' ')
            .map(String::from)
            .collect::<BTreeSet<String>>()
    };
    for (from, to, expected) in [
        (
            "<userData>",
            "<ebsOptimized>true</ebsOptimized><userData>",
            "EbsOptimized",
        ),
        ("<userData>", "<cpuOptions/><userData>", "CpuOptions"),
        (
            "<volumeSize>",
            "<iops>4000</iops><volumeSize>",
            "BlockDeviceMappings",
        ),
        (
            "<deviceIndex>",
            "<subnetId>subnet-1</subnetId><deviceIndex>",
            "NetworkInterfaces",
        ),
        (
            "<httpTokens>",
            "<httpEndpoint>disabled</httpEndpoint><httpTokens>",
            "MetadataOptions",
        ),
        (
            "<value>web</value>",
            "<value>other</value>",
            "TagSpecifications",
        ),
    ] {
        assert_eq!(
            look(&drift(from, to)).await.resource.unmanaged,
            seen(expected)
        );
    }
    // What says what is so anyway is no drift.
    let wire = drift("<userData>", "<ebsOptimized>false</ebsOptimized><userData>");
    assert_eq!(look(&wire).await.resource, desired());
}

#[tokio::test]
async fn metadata_options_left_open_are_never_what_is_asked() {
    let shown = data();
    let start = shown.find("<metadataOptions>").unwrap();
    let end = shown.find("<userData>").unwrap();
    let seen = look(&wire(shown.replace(&shown[start..end], ""), TAGS))
        .await
        .resource;
    assert_eq!((seen.imdsv2_required, seen.metadata_hop_limit), (false, 0));
}

#[tokio::test]
async fn a_creation_marks_the_template_its_instances_and_their_volumes() {
    let wire = wire(data(), TAGS);
    let adapter = LaunchTemplates::new(&wire.aws(), node());
    let handle = adapter.create(&"node".into(), &desired()).await.unwrap();
    assert_eq!(handle.as_str(), "lt-1:1");
    let calls = wire.take();
    assert_eq!(calls.len(), 1);
    let field = |name: &str| calls[0].field(name);
    let data = |name: &str| calls[0].field(&format!("LaunchTemplateData.{name}"));
    assert_eq!(field("TagSpecification.1.ResourceType"), "launch-template");
    assert_eq!(field("TagSpecification.1.Tag.1.Key"), "setpoint:stack");
    assert_eq!(data("TagSpecification.1.ResourceType"), "instance");
    assert_eq!(data("TagSpecification.2.ResourceType"), "volume");
    assert_eq!(data("TagSpecification.2.Tag.1.Key"), "setpoint:stack");
    assert_eq!(data("NetworkInterface.1.DeviceIndex"), "0");
    assert_eq!(data("NetworkInterface.1.SecurityGroupId.2"), "sg-2");
    assert_eq!(data("SecurityGroupId.1"), "");
    assert_eq!(data("UserData"), USER_DATA);
    assert_eq!(data("IamInstanceProfile.Arn"), "arn:profile");
    assert_eq!(data("MetadataOptions.HttpTokens"), "required");
    assert_eq!(data("BlockDeviceMapping.1.Ebs.Encrypted"), "");
    assert_eq!(data("Monitoring.Enabled"), "");
}

#[tokio::test]
async fn an_update_publishes_a_version_only_for_what_is_in_versions() {
    let wire = wire(data(), TAGS);
    let observed = look(&wire).await;
    let adapter = LaunchTemplates::new(&wire.aws(), node());
    let name = Name::from("node");
    let same = adapter.update(&name, &desired(), &observed).await.unwrap();
    assert_eq!((same.as_str(), wire.take()), ("lt-1:4", vec![]));

    let mut retagged = desired();
    retagged.tags.insert("tier".into(), "1".into());
    let same = adapter.update(&name, &retagged, &observed).await.unwrap();
    assert_eq!(same.as_str(), "lt-1:4");
    assert_eq!(wire.take_actions(), ["CreateTags"]);

    let mut private = desired();
    private.public_ip = None;
    let next = adapter.update(&name, &private, &observed).await.unwrap();
    assert_eq!(next.as_str(), "lt-1:5");
    let calls = wire.take();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].action, "CreateLaunchTemplateVersion");
    assert_eq!(calls[0].field("SourceVersion"), "");
    assert_eq!(
        calls[0].field("LaunchTemplateData.SecurityGroupId.1"),
        "sg-1"
    );
    assert_eq!(
        calls[0].field("LaunchTemplateData.NetworkInterface.1.DeviceIndex"),
        ""
    );
}

#[tokio::test]
async fn a_deletion_is_by_id_and_takes_absence_for_success() {
    let wire = wire(data(), TAGS);
    let observed = look(&wire).await;
    let adapter = LaunchTemplates::new(&wire.aws(), node());
    adapter.delete(&"node".into(), &observed).await.unwrap();
    assert_eq!(wire.take()[0].field("LaunchTemplateId"), "lt-1");
}
