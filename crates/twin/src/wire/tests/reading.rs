use super::*;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

#[test]
fn json_is_read_by_its_target() {
    let request = in_json(
        "AmazonEC2ContainerServiceV20141113.CreateCluster",
        r#"{"clusterName": "web", "settings": [{"name": "containerInsights", "value": "enabled"}], "tags": [{"key": "a", "value": "\u00fc"}]}"#,
    );
    let call = taken(&request);
    assert_eq!(
        (call.input.service.as_str(), call.input.action.as_str()),
        ("ecs", "CreateCluster")
    );
    assert_eq!(
        Value::Object(call.input.members),
        json!({
            "clusterName": "web",
            "settings": [{"name": "containerInsights", "value": "enabled"}],
            "tags": [{"key": "a", "value": "ü"}],
        })
    );
}

#[test]
fn what_is_null_or_unknown_is_absent() {
    let request = in_json(
        "AmazonEC2ContainerServiceV20141113.ListTasks",
        r#"{"cluster": null, "family": "web", "colour": "red", "maxResults": 5.0}"#,
    );
    assert_eq!(members(&request), json!({"family": "web", "maxResults": 5}));
}

#[test]
fn forms_are_read_with_lists_and_blanks() {
    let request = in_form(
        "iam",
        "Action=CreateRole&Version=2010-05-08&RoleName=web&AssumeRolePolicyDocument=%7B%22a%22%3A%22%3Cb%3E%26c%22%7D&MaxSessionDuration=3600&Tags.member.1.Key=a&Tags.member.1.Value=x+y&Tags.member.2.Key=b&Tags.member.2.Value=",
    );
    let call = taken(&request);
    assert_eq!(
        (call.input.service.as_str(), call.input.action.as_str()),
        ("iam", "CreateRole")
    );
    assert_eq!(
        Value::Object(call.input.members),
        json!({
            "RoleName": "web",
            "AssumeRolePolicyDocument": "{\"a\":\"<b>&c\"}",
            "MaxSessionDuration": 3600,
            "Tags": [{"Key": "a", "Value": "x y"}, {"Key": "b", "Value": ""}],
        })
    );
}

#[test]
fn an_empty_list_is_there_and_lists_are_in_the_order_of_their_numbers() {
    let form = |rest: &str| {
        let start = "Action=UpdateAutoScalingGroup&Version=2011-01-01&AutoScalingGroupName=web";
        in_form("autoscaling", &format!("{start}&{rest}"))
    };
    let empty = members(&form("AvailabilityZones="));
    assert_eq!(
        empty,
        json!({"AutoScalingGroupName": "web", "AvailabilityZones": []})
    );
    let names: String = (1..=11)
        .rev()
        .map(|it| format!("&TerminationPolicies.member.{it}=p{it}"))
        .collect();
    let ordered = members(&form(&names[1..]));
    assert_eq!(ordered["TerminationPolicies"][1], "p2");
    assert_eq!(ordered["TerminationPolicies"][10], "p11");
}

#[test]
fn timestamps_in_forms_become_seconds() {
    let request = in_form(
        "autoscaling",
        "Action=PutScheduledUpdateGroupAction&Version=2011-01-01&AutoScalingGroupName=web&ScheduledActionName=up&StartTime=2026-11-27T00%3A00%3A00Z&MinSize=1",
    );
    assert_eq!(members(&request)["StartTime"], 1_795_737_600);
}

#[test]
fn ec2_forms_are_read_with_their_own_names() {
    let request = in_form(
        "ec2",
        "Action=CreateLaunchTemplate&Version=2016-11-15&LaunchTemplateName=web&LaunchTemplateData.InstanceType=t2.small&LaunchTemplateData.SecurityGroupId.1=sg-1&LaunchTemplateData.SecurityGroupId.2=sg-2&LaunchTemplateData.TagSpecification.1.ResourceType=instance&LaunchTemplateData.TagSpecification.1.Tag.1.Key=Name&LaunchTemplateData.TagSpecification.1.Tag.1.Value=a%26b&LaunchTemplateData.BlockDeviceMapping.1.DeviceName=%2Fdev%2Fxvda&LaunchTemplateData.BlockDeviceMapping.1.Ebs.VolumeSize=30&LaunchTemplateData.BlockDeviceMapping.1.Ebs.DeleteOnTermination=true&LaunchTemplateData.NetworkInterface.1.DeviceIndex=0&LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1=sg-3&TagSpecification.1.ResourceType=launch-template&TagSpecification.1.Tag.1.Key=o&TagSpecification.1.Tag.1.Value=p&ClientToken=24bcf154-a78b-4df7-aede-b69d6f54fbdf",
    );
    assert_eq!(
        members(&request),
        json!({
            "LaunchTemplateName": "web",
            "LaunchTemplateData": {
                "InstanceType": "t2.small",
                "SecurityGroupIds": ["sg-1", "sg-2"],
                "TagSpecifications": [
                    {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "a&b"}]},
                ],
                "BlockDeviceMappings": [
                    {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "DeleteOnTermination": true}},
                ],
                "NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-3"]}],
            },
            "TagSpecifications": [
                {"ResourceType": "launch-template", "Tags": [{"Key": "o", "Value": "p"}]},
            ],
            "ClientToken": "24bcf154-a78b-4df7-aede-b69d6f54fbdf",
        })
    );
}

fn metric_data() -> Value {
    json!({
        "Namespace": "N",
        "MetricData": [{
            "MetricName": "m",
            "Dimensions": [{"Name": "d", "Value": "v"}],
            "Timestamp": 1_795_737_600.5,
            "Value": 1.5,
        }],
    })
}

#[test]
fn cloudwatch_is_understood_in_cbor_json_and_forms_alike() {
    let body = "a2694e616d657370616365614e6a4d65747269634461746181a46a4d65747269634e616d65616d6a44696d656e73696f6e7381a2644e616d6561646556616c756561766954696d657374616d70c1fb41dac232002000006556616c7565fb3ff8000000000000";
    let body = (0..body.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&body[at..at + 2], 16));
    let body: Result<Vec<u8>, _> = body.collect();
    let cbor = in_cbor("PutMetricData", body.expect("these are digits"));
    assert_eq!(members(&cbor), metric_data());
    assert_eq!(taken(&cbor).input.service, "monitoring");
    let json = in_json(
        "GraniteServiceVersion20100801.PutMetricData",
        r#"{"Namespace": "N", "MetricData": [{"MetricName": "m", "Dimensions": [{"Name": "d", "Value": "v"}], "Timestamp": 1795737600.5, "Value": 1.5}]}"#,
    );
    assert_eq!(members(&json), metric_data());
    let form = in_form(
        "monitoring",
        "Action=PutMetricData&Version=2010-08-01&Namespace=N&MetricData.member.1.MetricName=m&MetricData.member.1.Dimensions.member.1.Name=d&MetricData.member.1.Dimensions.member.1.Value=v&MetricData.member.1.Timestamp=2026-11-27T00%3A00%3A00.500000Z&MetricData.member.1.Value=1.5",
    );
    assert_eq!(members(&form), metric_data());
}

#[test]
fn compressed_bodies_are_unpacked() {
    let mut request = in_json("GraniteServiceVersion20100801.PutMetricData", "");
    request
        .headers
        .push(("content-encoding".to_owned(), "gzip".to_owned()));
    let packed = "H4sIAI3RBGsC/6tW8kvMTS0uSExOVbJSUPJT0lFQ8k0tKcpMdkksSQQKRVdD+SB1ICW5ICVhiTmlIJ6hnkFtbC0AT1P36UUAAAA=";
    request.body = BASE64.decode(packed).expect("it is base64");
    let read = json!({"Namespace": "N", "MetricData": [{"MetricName": "m", "Value": 1.0}]});
    assert_eq!(members(&request), read);
    request.body.truncate(30);
    let response = refused(&request);
    assert_eq!(
        said(&response).0,
        "com.amazonaws.monitoring#SerializationException"
    );
}

#[test]
fn a_query_string_does_as_well_as_a_form() {
    let request = Request {
        method: "GET".to_owned(),
        path: "/".to_owned(),
        query: "Action=GetCallerIdentity&Version=2011-06-15".to_owned(),
        ..Request::default()
    };
    let call = taken(&request);
    assert_eq!(
        (call.input.service.as_str(), call.input.action.as_str()),
        ("sts", "GetCallerIdentity")
    );
}

#[test]
fn blobs_stay_base64() {
    let request = in_json(
        "AmazonEC2ContainerRegistry_V20150921.UploadLayerPart",
        r#"{"repositoryName": "web", "uploadId": "11111111-1111-1111-1111-111111111111", "partFirstByte": 0, "partLastByte": 2, "layerPartBlob": "YWJj"}"#,
    );
    assert_eq!(members(&request)["layerPartBlob"], "YWJj");
}
