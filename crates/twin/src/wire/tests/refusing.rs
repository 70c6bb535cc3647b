use super::*;
use crate::Refusal;

const CREATE_REPOSITORY: &str = "AmazonEC2ContainerRegistry_V20150921.CreateRepository";

fn answered(request: &Request, refusal: Refusal) -> Response {
    write(&taken(request), &Err(refusal), "r-1")
}

#[test]
fn json_errors_bear_their_type_and_words() {
    let request = in_json("AmazonEC2ContainerServiceV20141113.ListTasks", "{}");
    let refusal = Refusal::new("ClusterNotFoundException", "Cluster not found.");
    let response = answered(&request, refusal);
    let body = r#"{"__type":"ClusterNotFoundException","message":"Cluster not found."}"#;
    assert_eq!((response.status, text(&response).as_str()), (400, body));
    assert_eq!(
        header(&response, "x-amzn-errortype"),
        Some("ClusterNotFoundException")
    );
    let server = answered(&request, Refusal::new("ServerException", "Oh."));
    assert_eq!(server.status, 500);
}

#[test]
fn json_errors_keep_their_shapes_further_members_and_capitals() {
    let request = in_json("AmazonSSM.DescribeParameters", "{}");
    let refusal = Refusal::new("InvalidFilterKey", "no such key");
    assert!(text(&answered(&request, refusal)).contains(r#""message":"no such key""#));
    let request = in_json(
        "AnyScaleFrontendService.DescribeScalableTargets",
        r#"{"ServiceNamespace": "ecs"}"#,
    );
    let refusal = Refusal::new("ValidationException", "no");
    assert!(text(&answered(&request, refusal)).contains(r#""Message":"no""#));
    let mut refusal = Refusal::new("TooManyTagsException", "too many");
    refusal
        .members
        .insert("ResourceName".to_owned(), json!("r"));
    assert!(text(&answered(&request, refusal)).contains(r#""ResourceName":"r""#));
}

#[test]
fn query_errors_bear_the_code_of_the_wire_by_either_name() {
    let request = in_form("iam", "Action=GetRole&Version=2010-05-08&RoleName=web");
    for code in ["NoSuchEntityException", "NoSuchEntity"] {
        let response = answered(&request, Refusal::new(code, "The role <web> is gone."));
        assert_eq!(response.status, 404);
        assert_eq!(
            text(&response),
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>\
             <Type>Sender</Type><Code>NoSuchEntity</Code>\
             <Message>The role &lt;web&gt; is gone.</Message></Error>\
             <RequestId>r-1</RequestId></ErrorResponse>"
        );
    }
    let response = answered(&request, Refusal::new("ServiceFailure", "Oh."));
    assert_eq!(response.status, 500);
    assert!(text(&response).contains("<Type>Receiver</Type>"));
}

#[test]
fn ec2_errors_have_their_own_form() {
    let request = in_form("ec2", "Action=DescribeVpcs&Version=2016-11-15");
    let response = answered(
        &request,
        Refusal::new("InvalidVpcID.NotFound", "No such VPC."),
    );
    assert_eq!(response.status, 400);
    assert_eq!(
        text(&response),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
         <Code>InvalidVpcID.NotFound</Code><Message>No such VPC.</Message></Error></Errors>\
         <RequestID>r-1</RequestID></Response>"
    );
    let throttled = answered(&request, Refusal::new("RequestLimitExceeded", "Slower."));
    assert_eq!(throttled.status, 503);
}

#[test]
fn cloudwatch_errors_bear_the_old_code_beside_the_new_name() {
    let request = in_cbor("DescribeAlarms", Vec::new());
    let response = answered(&request, Refusal::new("InvalidParameterValue", "No."));
    assert_eq!(response.status, 400);
    assert_eq!(
        header(&response, "x-amzn-query-error"),
        Some("InvalidParameterValue;Sender")
    );
    let body: ciborium::Value =
        ciborium::from_reader(response.body.as_slice()).expect("it is CBOR");
    let kind = body
        .as_map()
        .and_then(|it| it.iter().find(|(key, _)| key.as_text() == Some("__type")));
    let kind = kind.and_then(|(_, value)| value.as_text());
    assert_eq!(
        kind,
        Some("com.amazonaws.monitoring#InvalidParameterValueException")
    );
}

#[test]
fn ecr_names_the_parameter_and_its_constraint() {
    let bad = in_json(CREATE_REPOSITORY, r#"{"repositoryName": "Web"}"#);
    let (kind, words) = said(&refused(&bad));
    assert_eq!(kind, "InvalidParameterException");
    let start = "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy \
                 regular expression '";
    assert!(words.starts_with(start) && words.ends_with("''"), "{words}");
    let short = in_json(CREATE_REPOSITORY, r#"{"repositoryName": "a"}"#);
    assert_eq!(
        said(&refused(&short)).1,
        "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length \
         greater than or equal to 2'"
    );
}

#[test]
fn logs_names_every_constraint_the_pattern_first() {
    let request = in_json(
        "Logs_20140328.DescribeLogGroups",
        r#"{"logGroupNamePrefix": ""}"#,
    );
    assert_eq!(
        said(&refused(&request)),
        (
            "InvalidParameterException".to_owned(),
            "2 validation errors detected: Value '' at 'logGroupNamePrefix' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+; \
             Value '' at 'logGroupNamePrefix' failed to satisfy constraint: Member must have \
             length greater than or equal to 1"
                .to_owned()
        )
    );
}

#[test]
fn what_is_required_and_absent_is_null() {
    let request = in_json("AmazonSSM.GetParameter", "{}");
    assert_eq!(
        said(&refused(&request)),
        (
            "ValidationException".to_owned(),
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: \
             Member must not be null"
                .to_owned()
        )
    );
}

#[test]
fn ecs_refuses_texts_that_are_not_among_the_allowed() {
    let request = in_json(
        "AmazonEC2ContainerServiceV20141113.ListTasks",
        r#"{"launchType": "MOON"}"#,
    );
    let (kind, words) = said(&refused(&request));
    assert_eq!(kind, "InvalidParameterException");
    let start = "1 validation error detected: Value 'MOON' at 'launchType' failed to satisfy \
                 constraint: Member must satisfy enum value set: [EC2, EXTERNAL, FARGATE";
    assert!(words.starts_with(start), "{words}");
}

#[test]
fn query_services_name_what_is_wrong_inside_lists() {
    let request = in_form(
        "iam",
        "Action=TagRole&Version=2010-05-08&RoleName=web&Tags.member.1.Key=a&Tags.member.1.Value=a%3Bb",
    );
    let response = refused(&request);
    assert_eq!(response.status, 400);
    let words = "<Code>ValidationError</Code><Message>1 validation error detected: Value 'a;b' at \
                 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular \
                 expression pattern: ";
    assert!(text(&response).contains(words), "{}", text(&response));
}

#[test]
fn lists_and_maps_of_texts_are_refused_as_a_whole() {
    let request = in_json("AmazonSSM.GetParameters", r#"{"Names": ["a", ""]}"#);
    assert_eq!(
        said(&refused(&request)).1,
        "1 validation error detected: Value '[a, ]' at 'names' failed to satisfy constraint: \
         Member must satisfy constraint: [Member must have length less than or equal to 2048, \
         Member must have length greater than or equal to 1]"
    );
    let request = in_json(
        "Logs_20140328.TagLogGroup",
        r#"{"logGroupName": "a", "tags": {"": "b"}}"#,
    );
    let words = said(&refused(&request)).1;
    let start = "1 validation error detected: Value '{=b}' at 'tags' failed to satisfy \
                 constraint: Map keys must satisfy constraint: [Member must have length less than \
                 or equal to 128, ";
    assert!(words.starts_with(start), "{words}");
}

#[test]
fn ec2_says_what_is_missing_wrong_and_unknown() {
    let form = |rest: &str| in_form("ec2", &format!("Version=2016-11-15&{rest}"));
    let missing = text(&refused(&form("Action=DeleteVpc")));
    let words = "<Code>MissingParameter</Code><Message>The request must contain the parameter \
                 VpcId</Message>";
    assert!(missing.contains(words), "{missing}");
    let low = text(&refused(&form("Action=DescribeVpcs&MaxResults=3")));
    let words = "<Code>InvalidParameterValue</Code><Message>Value (3) for parameter maxResults is \
                 invalid. Expecting a value greater than or equal to 5.</Message>";
    assert!(low.contains(words), "{low}");
    let misread = text(&refused(&form("Action=DescribeVpcs&MaxResults=many")));
    assert!(
        misread.contains("<Code>InvalidParameterValue</Code>"),
        "{misread}"
    );
    let unknown = text(&refused(&form("Action=DescribeVpcs&Colour=red")));
    let words = "<Code>UnknownParameter</Code><Message>The parameter Colour is not recognized";
    assert!(unknown.contains(words), "{unknown}");
}

#[test]
fn bodies_that_cannot_be_read_are_refused() {
    let words = |body: &str| {
        let request = in_json("AmazonEC2ContainerServiceV20141113.ListTasks", body);
        let response = refused(&request);
        assert_eq!(response.status, 400);
        let (kind, words) = said(&response);
        assert_eq!(kind, "SerializationException");
        words
    };
    assert_eq!(words("{"), "could not parse request body into json");
    assert_eq!(words("[]"), "Unexpected field type");
    assert_eq!(
        words(r#"{"cluster": 5}"#),
        "NUMBER_VALUE can not be converted to a String"
    );
    assert_eq!(
        words(r#"{"maxResults": "5"}"#),
        "STRING_VALUE can not be converted to an Integer"
    );
    assert_eq!(
        words(r#"{"cluster": []}"#),
        "Start of list found where not expected"
    );
    assert_eq!(refused(&in_cbor("DescribeAlarms", vec![0xff])).status, 400);
}

#[test]
fn actions_that_a_service_lacks_are_refused_in_its_way() {
    let json = refused(&in_json("AmazonEC2ContainerServiceV20141113.MakeTea", "{}"));
    assert_eq!(
        (json.status, said(&json).0.as_str()),
        (400, "UnknownOperationException")
    );
    let query = text(&refused(&in_form(
        "iam",
        "Action=MakeTea&Version=2010-05-08",
    )));
    let words = "<Code>InvalidAction</Code><Message>Could not find operation MakeTea for version \
                 2010-05-08</Message>";
    assert!(query.contains(words), "{query}");
    let version = text(&refused(&in_form("iam", "Action=GetUser")));
    assert!(
        version.contains("GetUser for version NO_VERSION_SPECIFIED"),
        "{version}"
    );
    let ec2 = text(&refused(&in_form(
        "ec2",
        "Action=MakeTea&Version=2016-11-15",
    )));
    assert!(
        ec2.contains("The action MakeTea is not valid for this web service."),
        "{ec2}"
    );
    let nobody = refused(&in_json("DynamoDB_20120810.GetItem", "{}"));
    assert_eq!(said(&nobody).0, "UnknownOperationException");
    assert_eq!(nobody, refused(&in_json("DynamoDB_20120810.GetItem", "{}")));
}
