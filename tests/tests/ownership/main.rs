//! Whose a thing is: what is ours goes when it is no longer asked for, what is not ours stays.

mod foreign;

use foreign::FOREIGN;
use serde_json::json;
use setpoint_tests::{Scenario, Stack, World};

/// The flash-sale stack, and beside it one more thing of every kind that nothing else needs.
fn with_spares() -> Stack {
    Stack::flash_sale()
        .with("repositories", "spare: {}")
        .with("roles", "spare: { trustedBy: [ec2.amazonaws.com] }")
        .with("instanceProfiles", "spare: { role: spare }")
        .with("logGroups", "/spare: {}")
        .with("securityGroups", "spare: { description: spare }")
        .with(
            "launchTemplates",
            "spare: { imageId: ami-12c6146b, instanceType: t3.nano }",
        )
        .with(
            "autoScalingGroups",
            "spare: { launchTemplate: spare, minSize: 0, maxSize: 0 }",
        )
        .with("capacityProviders", "spare: { autoScalingGroup: spare }")
        .with("clusters", "spare: { capacityProviders: [spare] }")
        .with(
            "taskDefinitions",
            "spare: { containerDefinitions: [{ name: web, image: nginx, memory: 64 }] }",
        )
        .with(
            "services",
            "spare: { cluster: spare, taskDefinition: spare, launchType: EC2, desiredCount: 0 }",
        )
        .with("scaling", "spare: { minCapacity: 0, maxCapacity: 1 }")
}

#[test]
fn what_is_no_longer_in_the_stack_is_deleted_and_nothing_else_is() {
    let mut stack = with_spares();
    let scenario = Scenario::of(&stack);
    scenario.apply();
    let mut before = scenario.world();
    for (section, item, gone) in [
        ("scaling", "spare", "target service/spare/spare"),
        ("services", "spare", "service spare"),
        ("taskDefinitions", "spare", "revision spare:1"),
        ("clusters", "spare", "cluster spare"),
        ("capacityProviders", "spare", "capacityProvider spare"),
        ("autoScalingGroups", "spare", "autoScalingGroup spare"),
        ("launchTemplates", "spare", "launchTemplate spare"),
        ("securityGroups", "spare", "securityGroup spare"),
        ("logGroups", "/spare", "logGroup /spare"),
        ("instanceProfiles", "spare", "instanceProfile spare"),
        ("roles", "spare", "role spare"),
        ("repositories", "spare", "repository spare"),
    ] {
        stack = stack.without(section, item);
        scenario.says(&stack);
        assert!(before.has(gone));
        scenario.apply();
        let after = scenario.world();
        assert!(!after.has(gone), "{gone} is still there");
        let mut differing = after.difference(&before);
        // The cluster counts its services.
        differing.retain(|it| it != "cluster spare" || gone == it);
        assert_eq!(differing, [gone]);
        before = after;
    }
    scenario.holds();
}

#[test]
fn what_goes_together_goes_in_one_run() {
    let scenario = Scenario::of(&with_spares());
    scenario.apply();
    scenario.says(&Stack::flash_sale());
    scenario.apply();
    let world = scenario.world();
    let left: Vec<&str> = world
        .names()
        .into_iter()
        .filter(|it| it.contains("spare"))
        .collect();
    assert_eq!(left, [""; 0]);
    scenario.holds();
}

#[test]
fn a_rename_creates_moves_and_then_deletes() {
    let scenario = Scenario::of(&Stack::flash_sale());
    scenario.apply();
    let renamed = Stack::flash_sale()
        .replacing("  ecsTaskExecutionRole:", "  flashSaleExecution:")
        .replacing(
            "executionRoleArn: ecsTaskExecutionRole",
            "executionRoleArn: flashSaleExecution",
        );
    scenario.says(&renamed);
    let planned = scenario.planned();
    for it in [
        "create role.flashSaleExecution",
        "delete role.ecsTaskExecutionRole",
    ] {
        assert!(planned.iter().any(|planned| planned == it), "{planned:?}");
    }
    scenario.apply();
    let written = scenario.writes();
    let at = |action: &str| written.iter().position(|it| it == action);
    let order = [
        at("iam:CreateRole"),
        at("ecs:UpdateService"),
        at("iam:DeleteRole"),
    ];
    assert!(order[0].is_some() && order.is_sorted(), "{written:?}");
    let world = scenario.world();
    assert!(!world.has("role ecsTaskExecutionRole"));
    let arn = &world.get("role flashSaleExecution")["Arn"];
    assert_eq!(
        &world.get("revision flash-sale-task:2")["executionRoleArn"],
        arn
    );
    scenario.holds();
}

/// A role and a profile have their path for life, so they are taken over where they are.
fn stack_over_paths() -> Stack {
    Stack::flash_sale()
        .replacing(
            "  ecsInstanceRole:\n",
            "  ecsInstanceRole:\n    path: /ours/\n",
        )
        .replacing(
            "{ role: ecsInstanceRole }",
            "{ role: ecsInstanceRole, path: /ours/ }",
        )
}

#[test]
fn what_bears_our_name_and_not_our_mark_is_left_alone_until_it_is_adopted() {
    let scenario = Scenario::of(&stack_over_paths());
    foreign::make(&scenario.boto(), "");
    let before = scenario.world();
    let outcome = scenario.run(&["apply", "--yes"]).exits(1);
    assert_eq!(scenario.writes(), [""; 0]);
    assert_eq!(scenario.world().difference(&before), [""; 0]);
    for (address, _) in FOREIGN {
        let flag = format!("--adopt {address}");
        assert!(outcome.stderr.contains(&flag), "{}", outcome.stderr);
    }
    // One that is not granted holds up all: a plan is carried out whole or not at all.
    let adopting = |addresses: &[(&'static str, &str)]| {
        let flags = addresses.iter().flat_map(|it| ["--adopt", it.0]);
        let arguments = ["apply", "--yes"].into_iter().chain(flags);
        scenario.run(&arguments.collect::<Vec<&str>>())
    };
    let outcome = adopting(&FOREIGN[1..]).exits(1);
    assert!(outcome.stderr.contains(FOREIGN[0].0), "{}", outcome.stderr);
    assert_eq!(scenario.world().difference(&before), [""; 0]);

    adopting(&FOREIGN).exits(0);
    let world = scenario.world();
    for (_, thing) in FOREIGN.iter().filter(|it| !it.1.starts_with("revision ")) {
        assert_eq!(world.mark(thing).as_deref(), Some("flash-sale"), "{thing}");
    }
    let runs = world.get("service flash-sale-service")["taskDefinition"].as_str();
    assert!(
        runs.is_some_and(|it| it.ends_with("/flash-sale-task:2")),
        "{runs:?}"
    );
    scenario.holds();
}

#[test]
fn what_belongs_to_another_stack_is_told_by_its_name_and_left_alone() {
    let scenario = Scenario::of(&stack_over_paths());
    foreign::make(&scenario.boto(), "winter-sale");
    let before: World = scenario.world();
    let outcome = scenario.run(&["apply", "--yes"]).exits(1);
    for (address, _) in FOREIGN {
        let told = format!("    it belongs to the stack winter-sale; needs --adopt {address}\n");
        assert!(outcome.stdout.contains(&told), "{told}\n{}", outcome.stdout);
    }
    assert_eq!(scenario.world().difference(&before), [""; 0]);
    // Destroying one stack leaves the other's alone, whatever its name.
    scenario.run(&["destroy", "--yes"]).exits(0);
    assert_eq!(scenario.writes(), [""; 0]);
    assert_eq!(scenario.world().difference(&before), [""; 0]);
}

#[test]
fn a_repository_with_images_is_kept_unless_it_is_to_be_emptied() {
    let scenario = Scenario::of(&Stack::flash_sale());
    scenario.apply();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 1,
            "digest": format!("sha256:{}", "0".repeat(64))},
        "layers": [],
    });
    let image = json!({
        "repositoryName": "flash-sale-webapp",
        "imageManifest": manifest.to_string(),
        "imageTag": "latest",
    });
    scenario.boto().expect("ecr", "put_image", image);
    let kept = scenario.run(&["destroy", "--yes"]).exits(0).stdout;
    assert!(
        kept.contains("Kept: repository.flash-sale-webapp holds images"),
        "{kept}"
    );
    assert_eq!(scenario.world().names(), ["repository flash-sale-webapp"]);
    scenario
        .run(&["destroy", "--yes", "--empty-repositories"])
        .exits(0);
    assert_eq!(scenario.world().names(), [""; 0]);
}

#[test]
fn what_the_stack_only_uses_is_found_by_name_and_never_written() {
    let stack = Stack::flash_sale()
        .without("roles", "ecsTaskExecutionRole")
        .without("clusters", "flash-sale-cluster")
        .replacing("    cluster: flash-sale-cluster\n    securityGroups", "    securityGroups")
        .replacing(
            "    capacityProviderStrategy:\n      - { capacityProvider: flash-sale-capacity, weight: 1 }\n    #",
            "    launchType: EC2\n    #",
        )
        .replacing(
            "\nrepositories:",
            "\nexisting: { roles: [ecsTaskExecutionRole], clusters: [flash-sale-cluster] }\n\nrepositories:",
        );
    let scenario = Scenario::of(&stack);
    let missing = scenario.run(&["apply", "--yes"]).exits(1);
    assert_eq!(scenario.writes(), [""; 0], "{}", missing.stderr);
    for address in ["role.ecsTaskExecutionRole", "cluster.flash-sale-cluster"] {
        assert!(missing.stderr.contains(address), "{}", missing.stderr);
    }

    let boto = scenario.boto();
    boto.expect(
        "ecs",
        "create_cluster",
        json!({"clusterName": "flash-sale-cluster"}),
    );
    let role = json!({"RoleName": "ecsTaskExecutionRole", "AssumeRolePolicyDocument": "{}"});
    boto.expect("iam", "create_role", role);
    let before = scenario.world();
    scenario.apply();
    let world = scenario.world();
    let service = world.get("service flash-sale-service");
    let (role, cluster) = (
        world.get("role ecsTaskExecutionRole"),
        "cluster flash-sale-cluster",
    );
    assert_eq!(service["clusterArn"], world.get(cluster)["clusterArn"]);
    assert_eq!(
        world.get("revision flash-sale-task:1")["executionRoleArn"],
        role["Arn"]
    );
    assert_eq!(role, before.get("role ecsTaskExecutionRole"));
    assert_eq!(world.mark(cluster), None);
    scenario.holds();
    scenario.destroy();
    assert_eq!(scenario.world(), before);
}
