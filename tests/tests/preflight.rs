//! What only AWS knows is asked when a plan needs it, told all at once, and stops an apply.

use serde_json::{Value, json};
use setpoint_tests::{Boto, Outcome, Sandbox, Setpoint, Stack};
use sha2::{Digest, Sha256};

/// An account in which an image is there once it was pushed.
fn strict() -> Sandbox {
    Sandbox::start(&["--pushed-images-only"])
}

/// A place with the stack, in which waiting is for others to test.
fn place(sandbox: &Sandbox, stack: &Stack) -> Setpoint {
    let place = sandbox.place();
    place.write("stack.yaml", &stack.to_string());
    place
}

fn applied(sandbox: &Sandbox) -> Setpoint {
    let place = place(sandbox, &Stack::tagged());
    place.run(&["apply", "--yes", "--no-wait"]).exits(0);
    place
}

/// Pushes an index of images for these architectures under a tag.
fn push(boto: &Boto, tag: &str, architectures: &[&str]) {
    let platform = |it: &&str| {
        let size = 2;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob(boto, &format!("{{\"architecture\":\"{it}\",\"created\":\"{tag}\"}}")),
            "layers": [],
        });
        let put = put(boto, json!({ "imageManifest": manifest.to_string() }));
        json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": put["image"]["imageId"]["imageDigest"],
            "size": size,
            "platform": { "os": "linux", "architecture": it },
        })
    };
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": architectures.iter().map(platform).collect::<Vec<Value>>(),
    });
    put(
        boto,
        json!({ "imageManifest": index.to_string(), "imageTag": tag }),
    );
}

fn put(boto: &Boto, mut arguments: Value) -> Value {
    arguments["repositoryName"] = json!("flash-sale-webapp");
    boto.expect("ecr", "put_image", arguments)
}

/// Uploads a configuration.
fn blob(boto: &Boto, text: &str) -> Value {
    let of = json!({ "repositoryName": "flash-sale-webapp" });
    let begun = boto.expect("ecr", "initiate_layer_upload", of.clone());
    let with = |more: Value| {
        let mut all = of.clone();
        all["uploadId"] = begun["uploadId"].clone();
        all.as_object_mut()
            .expect("a map")
            .extend(more.as_object().expect("a map").clone());
        all
    };
    let part =
        with(json!({ "partFirstByte": 0, "partLastByte": text.len() - 1, "layerPartBlob": text }));
    boto.expect("ecr", "upload_layer_part", part);
    let digest = format!("sha256:{:x}", Sha256::digest(text));
    boto.expect(
        "ecr",
        "complete_layer_upload",
        with(json!({ "layerDigests": [digest] })),
    );
    json!({
        "mediaType": "application/vnd.oci.image.config.v1+json",
        "digest": digest,
        "size": text.len(),
    })
}

#[track_caller]
fn says(outcome: &Outcome, words: &[&str]) {
    for it in words {
        assert!(
            outcome.stderr.contains(it),
            "no {it:?} in\n{}",
            outcome.stderr
        );
    }
}

#[test]
fn the_first_plan_notes_that_the_image_comes_later_and_the_next_finds_nothing() {
    let sandbox = strict();
    let place = place(&sandbox, &Stack::tagged());
    let plan = place.run(&["plan", "--strict"]).exits(0);
    says(
        &plan,
        &["note[SP201]: nobody can have pushed flash-sale-webapp:v1 yet"],
    );
    assert!(
        plan.stdout.ends_with("Plan: 14 to create.\n"),
        "{}",
        plan.stdout
    );
    place.run(&["apply", "--yes", "--no-wait"]).exits(0);
    push(&sandbox.boto(), "v1", &["amd64"]);
    place.run(&["apply", "--yes"]).exits(0);
    let plan = place.run(&["plan", "--detailed-exitcode"]).exits(0);
    assert_eq!(plan.stderr, "");
}

#[test]
fn an_image_that_is_missing_or_does_not_fit_stops_an_apply_before_it_writes() {
    let sandbox = strict();
    let place = applied(&sandbox);
    let boto = sandbox.boto();
    push(&boto, "v1", &["amd64", "arm64"]);
    push(&boto, "arm", &["arm64"]);
    let next = |tag: &str| Stack::tagged().replacing("tag: v1", &format!("tag: {tag}"));
    let revisions =
        || boto.expect("ecs", "list_task_definitions", json!({}))["taskDefinitionArns"].clone();
    let before = revisions();
    for (tag, words) in [
        (
            "v2",
            [
                "error[SP201]: there is no image flash-sale-webapp:v2",
                "newest first: arm, v1",
                "1 error in stack.yaml; nothing was changed.",
            ],
        ),
        (
            "arm",
            [
                "error[SP202]: flash-sale-webapp:arm is built for arm64",
                "would run on the t2.small instances of flash-sale-instances, which is amd64",
                "1 error in stack.yaml; nothing was changed.",
            ],
        ),
    ] {
        place.write("stack.yaml", &next(tag).to_string());
        let plan = place.run(&["plan"]).exits(1);
        says(&plan, &words);
        assert!(
            plan.stdout.contains("Plan: 2 to update."),
            "{}",
            plan.stdout
        );
        says(&place.run(&["apply", "--yes"]).exits(1), &words);
        let json = place.run(&["plan", "--json"]).exits(1).json();
        assert_eq!(json["problems"][0]["severity"], "error");
        assert_eq!(json["notChecked"], json!([]));
    }
    assert_eq!(revisions(), before);
    push(&boto, "v2", &["amd64"]);
    place.write("stack.yaml", &next("v2").to_string());
    place.run(&["apply", "--yes"]).exits(0);
    place.run(&["plan", "--detailed-exitcode"]).exits(0);
}

#[test]
fn subnets_of_another_vpc_than_the_security_groups_are_told() {
    let sandbox = strict();
    let boto = sandbox.boto();
    let vpc = boto.expect("ec2", "create_vpc", json!({ "CidrBlock": "10.9.0.0/16" }));
    let vpc = vpc["Vpc"]["VpcId"].as_str().expect("an id").to_owned();
    let subnet = json!({ "VpcId": vpc, "CidrBlock": "10.9.1.0/24" });
    let subnet = boto.expect("ec2", "create_subnet", subnet);
    let subnet = subnet["Subnet"]["SubnetId"]
        .as_str()
        .expect("an id")
        .to_owned();
    let stack = Stack::tagged().replacing(
        "    minSize: 1\n",
        &format!("    minSize: 1\n    subnets: {subnet}\n"),
    );
    let place = place(&sandbox, &stack);
    let plan = place.run(&["plan"]).exits(1);
    says(
        &plan,
        &[
            "error[SP203]: the subnets of flash-sale-instances are in",
            &vpc,
            "nothing was changed",
        ],
    );
}

#[test]
fn a_plan_that_the_quota_has_no_room_for_is_told() {
    let sandbox = strict();
    let boto = sandbox.boto();
    let summary = boto.expect("iam", "get_account_summary", json!({}));
    let most = summary["SummaryMap"]["InstanceProfilesQuota"]
        .as_u64()
        .expect("a quota");
    for index in 0..most {
        let name = json!({ "InstanceProfileName": format!("profile-{index}") });
        boto.expect("iam", "create_instance_profile", name);
    }
    let place = place(&sandbox, &Stack::tagged());
    let plan = place.run(&["plan"]).exits(1);
    let words = format!(
        "this plan makes one more of the instance profiles; the account has {most} of the {most}"
    );
    says(&plan, &["error[SP204]", &words]);
}

#[test]
fn what_may_not_be_asked_is_said_and_stops_nothing() {
    let sandbox = Sandbox::start(&["--enforce-policies", "--check-signatures"]);
    let boto = sandbox.boto();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
            "Action": "sts:AssumeRole",
        }],
    });
    let role = json!({ "RoleName": "deployer", "AssumeRolePolicyDocument": trust.to_string() });
    boto.expect("iam", "create_role", role);
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "NotAction": ["iam:GetAccountSummary", "autoscaling:DescribeAccountLimits"],
            "Resource": "*",
        }],
    });
    let policy = json!({
        "RoleName": "deployer",
        "PolicyName": "most",
        "PolicyDocument": policy.to_string(),
    });
    boto.expect("iam", "put_role_policy", policy);
    let deployer = boto.assuming("arn:aws:iam::123456789012:role/deployer");
    let place = deployer.place(sandbox.place());
    place.write("stack.yaml", &Stack::tagged().to_string());
    let plan = place.run(&["plan"]).exits(0);
    says(
        &plan,
        &[
            "not checked: autoscaling:DescribeAccountLimits is denied",
            "not checked: iam:GetAccountSummary is denied",
        ],
    );
}
