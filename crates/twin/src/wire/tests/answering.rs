use super::*;
use ciborium::Value as Item;

const ID: &str = "0a1b2c3d-0000-4000-a000-000000000000";

#[test]
fn json_answers_are_the_output() {
    let request = in_json("Logs_20140328.DescribeLogGroups", "{}");
    let response = write(&taken(&request), &Ok(json!({"logGroups": []})), ID);
    assert_eq!(
        (response.status, text(&response).as_str()),
        (200, r#"{"logGroups":[]}"#)
    );
    assert_eq!(
        header(&response, "content-type"),
        Some("application/x-amz-json-1.1")
    );
    assert_eq!(header(&response, "x-amzn-requestid"), Some(ID));
}

#[test]
fn a_json_action_without_output_answers_nothing() {
    let request = in_json(
        "Logs_20140328.CreateLogGroup",
        r#"{"logGroupName": "/ecs/web"}"#,
    );
    let response = write(&taken(&request), &Ok(json!({})), ID);
    assert_eq!((response.status, response.body.len()), (200, 0));
}

#[test]
fn query_answers_are_wrapped_and_escaped() {
    let request = in_form("iam", "Action=GetRole&Version=2010-05-08&RoleName=web");
    let role = json!({
        "Path": "/",
        "RoleName": "web",
        "RoleId": "AROA",
        "Arn": "arn:aws:iam::123456789012:role/web",
        "CreateDate": 1_795_737_600,
        "Description": "a <b> & \"c\"",
        "MaxSessionDuration": 3600,
        "Tags": [],
    });
    let response = write(&taken(&request), &Ok(json!({"Role": role})), ID);
    assert_eq!(header(&response, "content-type"), Some("text/xml"));
    assert_eq!(
        text(&response),
        "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult>\
         <Role><Path>/</Path><RoleName>web</RoleName><RoleId>AROA</RoleId>\
         <Arn>arn:aws:iam::123456789012:role/web</Arn>\
         <CreateDate>2026-11-27T00:00:00Z</CreateDate>\
         <Description>a &lt;b&gt; &amp; &quot;c&quot;</Description>\
         <MaxSessionDuration>3600</MaxSessionDuration><Tags/></Role></GetRoleResult>\
         <ResponseMetadata><RequestId>0a1b2c3d-0000-4000-a000-000000000000</RequestId>\
         </ResponseMetadata></GetRoleResponse>"
    );
}

#[test]
fn a_query_action_without_output_answers_its_metadata() {
    let request = in_form("iam", "Action=DeleteRole&Version=2010-05-08&RoleName=web");
    let response = write(&taken(&request), &Ok(json!({})), ID);
    assert_eq!(
        text(&response),
        format!(
            "<DeleteRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <ResponseMetadata><RequestId>{ID}</RequestId></ResponseMetadata>\
             </DeleteRoleResponse>"
        )
    );
}

#[test]
fn maps_in_xml_have_entries() {
    let request = in_form("iam", "Action=GetAccountSummary&Version=2010-05-08");
    let response = write(
        &taken(&request),
        &Ok(json!({"SummaryMap": {"Roles": 3}})),
        ID,
    );
    let map = "<SummaryMap><entry><key>Roles</key><value>3</value></entry></SummaryMap>";
    assert!(text(&response).contains(map), "{}", text(&response));
}

#[test]
fn lists_in_xml_have_members_and_times_their_thousandths() {
    let request = in_form(
        "autoscaling",
        "Action=DescribeAutoScalingGroups&Version=2011-01-01",
    );
    let group =
        json!({"AutoScalingGroupName": "web", "CreatedTime": 1_795_737_600, "Instances": []});
    let output = json!({"AutoScalingGroups": [group]});
    let response = write(&taken(&request), &Ok(output), ID);
    let group = "<AutoScalingGroups><member><AutoScalingGroupName>web</AutoScalingGroupName>\
                 <Instances/><CreatedTime>2026-11-27T00:00:00.000Z</CreatedTime></member>\
                 </AutoScalingGroups>";
    assert!(text(&response).contains(group), "{}", text(&response));
}

#[test]
fn ec2_answers_have_their_own_names_and_no_wrapper() {
    let request = in_form(
        "ec2",
        "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=is-default&Filter.1.Value.1=true",
    );
    let vpc = json!({"VpcId": "vpc-1", "IsDefault": true, "Tags": []});
    let response = write(&taken(&request), &Ok(json!({"Vpcs": [vpc]})), ID);
    assert_eq!(
        header(&response, "content-type"),
        Some("text/xml;charset=UTF-8")
    );
    assert_eq!(
        text(&response),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
             <requestId>{ID}</requestId><vpcSet><item><isDefault>true</isDefault><tagSet/>\
             <vpcId>vpc-1</vpcId></item></vpcSet></DescribeVpcsResponse>"
        )
    );
}

#[test]
fn an_ec2_action_without_output_answers_true() {
    let request = in_form("ec2", "Action=DeleteVpc&Version=2016-11-15&VpcId=vpc-1");
    let response = write(&taken(&request), &Ok(json!({})), ID);
    let end = format!("<requestId>{ID}</requestId><return>true</return></DeleteVpcResponse>");
    assert!(text(&response).ends_with(&end), "{}", text(&response));
}

#[test]
fn cbor_answers_have_tagged_times_and_decimals() {
    let point = json!({"Timestamp": 1_795_737_600, "Average": 50, "Unit": "Percent"});
    let mut body = Vec::new();
    let item = |it: &str| Item::from(it);
    let moment = || Item::Tag(1, Box::new(Item::from(1_795_737_600.0)));
    let asked = Item::Map(vec![
        (item("Namespace"), item("AWS/ECS")),
        (item("MetricName"), item("CPUUtilization")),
        (item("StartTime"), moment()),
        (item("EndTime"), moment()),
        (item("Period"), Item::from(60)),
    ]);
    ciborium::into_writer(&asked, &mut body).expect("it can be written");
    let call = taken(&in_cbor("GetMetricStatistics", body));
    assert_eq!(call.input.integer("StartTime"), Some(1_795_737_600));
    let response = write(&call, &Ok(json!({"Label": "l", "Datapoints": [point]})), ID);
    assert_eq!(header(&response, "smithy-protocol"), Some("rpc-v2-cbor"));
    assert_eq!(header(&response, "content-type"), Some("application/cbor"));
    let read: Item = ciborium::from_reader(response.body.as_slice()).expect("it is CBOR");
    let point = Item::Map(vec![
        (item("Timestamp"), moment()),
        (item("Average"), Item::from(50.0)),
        (item("Unit"), item("Percent")),
    ]);
    let wanted = vec![
        (item("Label"), item("l")),
        (item("Datapoints"), Item::Array(vec![point])),
    ];
    assert_eq!(read, Item::Map(wanted));
}

#[test]
fn output_that_the_model_does_not_have_is_told() {
    let output = json!({"clusters": [{"clusterName": 5, "clusterArn": "a", "colour": "red"}]});
    assert_eq!(
        misfits("ecs", "DescribeClusters", &output),
        [
            "DescribeClusters.clusters[].clusterName is 5, which is no Text",
            "DescribeClusters.clusters[].colour is no member",
        ]
    );
    assert!(misfits("ecs", "DescribeClusters", &json!({"failures": []})).is_empty());
    assert_eq!(
        misfits("iam", "DeleteRole", &json!({"a": 1})),
        ["DeleteRole has no output"]
    );
}
