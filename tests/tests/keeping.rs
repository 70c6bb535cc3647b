//! Lifecycle policies that would delete what is needed are told before they are put.

use serde_json::json;
use setpoint_tests::{Outcome, Sandbox, Stack};

fn rule(number: u32, selection: &str) -> String {
    format!(
        "        - rulePriority: {number}\n          selection: {{ {selection} }}\n          \
         action: {{ type: expire }}\n"
    )
}

/// The flash sale with these rules.
fn ruled(rules: &[String]) -> Stack {
    let text = Stack::flash_sale().to_string();
    let (before, rest) = text.split_once("      rules:\n").expect("it has a policy");
    let (_, after) = rest.split_once("\nimages:").expect("images follow");
    Stack::of(format!(
        "{before}      rules:\n{}\nimages:{after}",
        rules.concat()
    ))
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
fn a_rule_that_deletes_what_runs_is_refused_with_its_number_and_nothing_is_put() {
    let sandbox = Sandbox::start(&[]);
    let place = sandbox.place();
    place.write("stack.yaml", &Stack::flash_sale().to_string());
    place.run(&["apply", "--yes"]).exits(0);
    let boto = sandbox.boto();
    let listed = place.run(&["images", "--json"]).exits(0).json();
    let image = &listed["images"][0];
    assert_eq!(image["services"], json!(["flash-sale-service"]));
    let digest = image["digest"].as_str().expect("it was pushed");
    let policy = || {
        let named = json!({ "repositoryName": "flash-sale-webapp" });
        boto.expect("ecr", "get_lifecycle_policy", named)["lifecyclePolicyText"].clone()
    };
    let before = policy();

    // A newer image that nobody runs, so that a rule about the number reaches the one that runs.
    let media_type = "application/vnd.oci.image.index.v1+json";
    let newer = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": [],
        "annotations": { "a": "b" } });
    let put = json!({ "repositoryName": "flash-sale-webapp", "imageTag": "newer",
        "imageManifest": newer.to_string() });
    boto.expect("ecr", "put_image", put);
    let count = "tagStatus: any, countType: imageCountMoreThan, countNumber: 1";
    place.write("stack.yaml", &ruled(&[rule(7, count)]).to_string());
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let refused = place.run(command).exits(1);
        says(
            &refused,
            &[
                "error[SP205]: rule 7 of the lifecycle policy of flash-sale-webapp deletes setpoint-",
                digest,
                "which a running task of flash-sale-service and the revision flash-sale-task:1 needs",
                "stack.yaml:",
            ],
        );
        assert_eq!(policy(), before);
    }

    // With age it goes later, which is told and stops nothing.
    let age = "tagStatus: any, countType: sinceImagePushed, countUnit: days, countNumber: 30";
    place.write("stack.yaml", &ruled(&[rule(7, age)]).to_string());
    let warned = place.run(&["plan"]).exits(0);
    says(&warned, &["warning[SP205]: rule 7", "in 30 days"]);
    place.run(&["plan", "--strict"]).exits(1);

    // A rule before it that is about what runs protects it.
    let builds = "tagStatus: tagged, tagPrefixList: [setpoint-], countType: imageCountMoreThan, \
        countNumber: 20";
    place.write(
        "stack.yaml",
        &ruled(&[rule(1, builds), rule(7, count)]).to_string(),
    );
    let applied = place.run(&["apply", "--yes"]).exits(0);
    assert!(!applied.stderr.contains("SP205"), "{}", applied.stderr);
    assert_ne!(policy(), before);
    place.run(&["plan", "--detailed-exitcode"]).exits(0);
}
