use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Signed by botocore.
fn of_ecs() -> Request {
    signed(
        &[
            (
                "x-amz-target",
                "AmazonEC2ContainerServiceV20141113.CreateCluster",
            ),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-date", "20261123T234947Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/ecs/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
                 Signature=fa36690ba995255c01ae9ee6706b9e68fb5d485f29eee38d40eb4d72e0bd8bb7",
            ),
            ("host", "ecs.us-east-1.amazonaws.com"),
        ],
        r#"{"clusterName": "web", "settings": [{"name": "containerInsights", "value": "enabled"}], "tags": [{"key": "a", "value": "\u00fc"}]}"#,
    )
}

/// Signed by botocore.
fn of_iam() -> Request {
    signed(
        &[
            (
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            ),
            ("x-amz-date", "20261123T234947Z"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-east-1/iam/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date, \
                 Signature=8ceb804bb2af5003cf1371792bc76323f62614329b556369b0c691a6b8bced46",
            ),
            ("host", "iam.amazonaws.com"),
        ],
        "Action=CreateRole&Version=2010-05-08&RoleName=web&AssumeRolePolicyDocument=%7B%22a%22%3A%22%3Cb%3E%26c%22%7D&MaxSessionDuration=3600&Tags.member.1.Key=a&Tags.member.1.Value=x+y&Tags.member.2.Key=b&Tags.member.2.Value=",
    )
}

fn signed(headers: &[(&str, &str)], body: &str) -> Request {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
        ..Request::default()
    }
}

fn now() -> Time {
    read_stamp("20261123T235000Z").expect("it is a stamp")
}

fn change(request: &mut Request, name: &str, change: impl Fn(&str) -> String) {
    for (it, value) in &mut request.headers {
        if it == name {
            *value = change(value);
        }
    }
}

fn code(result: Result<(), Refusal>) -> (String, Option<u16>) {
    let refusal = result.expect_err("it is refused");
    (refusal.code, refusal.status)
}

#[test]
fn what_botocore_signs_is_accepted() {
    assert_eq!(verify(&of_ecs(), SECRET, now()), Ok(()));
    assert_eq!(verify(&of_iam(), SECRET, now()), Ok(()));
}

#[test]
fn another_secret_or_another_body_is_refused_as_each_service_does() {
    let (mismatch, invalid) = ("SignatureDoesNotMatch", "InvalidSignatureException");
    assert_eq!(
        code(verify(&of_iam(), "other", now())),
        (mismatch.to_owned(), Some(403))
    );
    let mut request = of_ecs();
    request.body.push(b' ');
    assert_eq!(
        code(verify(&request, SECRET, now())),
        (invalid.to_owned(), None)
    );
    let mut request = of_iam();
    change(&mut request, "authorization", |it| {
        it.replace("/iam/", "/ec2/")
    });
    assert_eq!(
        code(verify(&request, SECRET, now())),
        ("AuthFailure".to_owned(), Some(401))
    );
}

#[test]
fn a_told_hash_has_to_be_the_bodys() {
    let mut request = of_ecs();
    let told = hex(&Sha256::digest(&request.body));
    request
        .headers
        .push(("x-amz-content-sha256".to_owned(), told));
    assert_eq!(verify(&request, SECRET, now()), Ok(()));
    change(&mut request, "x-amz-content-sha256", |_| {
        hex(&Sha256::digest(b"other"))
    });
    assert!(verify(&request, SECRET, now()).is_err());
}

#[test]
fn a_request_of_another_time_is_refused() {
    let late = now() + Duration::from_secs(300);
    let refusal = verify(&of_ecs(), SECRET, late).expect_err("it is too old");
    assert_eq!(refusal.code, "InvalidSignatureException");
    assert_eq!(
        refusal.message,
        "Signature expired: 20261123T234947Z is now earlier than 20261123T235000Z \
         (20261123T235500Z - 5 min.)"
    );
    let early = now() - Duration::from_secs(400);
    let refusal = verify(&of_iam(), SECRET, early).expect_err("it is too new");
    assert_eq!(refusal.code, "SignatureDoesNotMatch");
    assert!(
        refusal
            .message
            .starts_with("Signature not yet current: 20261123T234947Z")
    );
}

#[test]
fn a_request_without_a_whole_signature_is_refused() {
    let mut request = of_iam();
    request.headers.retain(|(name, _)| name != "authorization");
    let missing = ("MissingAuthenticationToken".to_owned(), Some(403));
    assert_eq!(code(verify(&request, SECRET, now())), missing);
    assert_eq!(scope(&request), None);
    let mut request = of_ecs();
    change(&mut request, "authorization", |it| {
        it.split(", Signature")
            .next()
            .unwrap_or_default()
            .to_owned()
    });
    let refusal = verify(&request, SECRET, now()).expect_err("it has no signature");
    assert_eq!(refusal.code, "IncompleteSignatureException");
    let words = "Authorization header requires 'Signature' parameter. ";
    assert!(refusal.message.starts_with(words), "{}", refusal.message);
}

#[test]
fn the_scope_says_whose_and_for_what() {
    let wanted = Scope {
        access_key: "AKIDEXAMPLE".to_owned(),
        date: "20261123".to_owned(),
        region: "us-east-1".to_owned(),
        service: "ecs".to_owned(),
    };
    assert_eq!(scope(&of_ecs()), Some(wanted));
}

#[test]
fn an_unknown_key_is_refused_as_each_service_does() {
    let code = |service: &str| unknown_key(service).code;
    assert_eq!(code("ecs"), "UnrecognizedClientException");
    assert_eq!(code("sts"), "InvalidClientTokenId");
    assert_eq!(code("ec2"), "AuthFailure");
    assert_eq!(expired_token("logs").code, "ExpiredTokenException");
    assert_eq!(unsigned("iam").code, "MissingAuthenticationToken");
}
