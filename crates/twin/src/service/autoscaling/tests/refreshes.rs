//! Instance refreshes.

use super::*;

/// A group of four, and a second version of its template.
fn with_four() -> World {
    let mut world = with_web(json!({ "DesiredCapacity": 4, "MaxSize": 8 }));
    let version = json!({
        "LaunchTemplateName": "node", "SourceVersion": "1",
        "LaunchTemplateData": { "InstanceType": "t3.medium" },
    });
    call(&mut world, "ec2", "CreateLaunchTemplateVersion", version).unwrap();
    world
}

fn to_two(preferences: Value) -> Value {
    let template = json!({ "LaunchTemplateName": "node", "Version": "2" });
    named(json!({
        "DesiredConfiguration": { "LaunchTemplate": template },
        "Preferences": preferences,
    }))
}

fn refresh(world: &mut World) -> Value {
    let answer = ok(world, "DescribeInstanceRefreshes", named(json!({})));
    answer["InstanceRefreshes"][0].clone()
}

/// The versions of the instances in service.
fn versions(world: &mut World) -> Vec<String> {
    let group = group(world);
    let instances = group["Instances"].as_array().unwrap().iter();
    let live = instances.filter(|it| it["LifecycleState"] == "InService");
    let version = |it: &Value| it["LaunchTemplate"]["Version"].as_str().unwrap().to_owned();
    let mut versions: Vec<String> = live.map(version).collect();
    versions.sort();
    versions
}

#[test]
fn a_refresh_replaces_every_instance_and_keeps_enough_of_them_healthy() {
    let mut world = with_four();
    let preferences = json!({ "MinHealthyPercentage": 50, "InstanceWarmup": 20 });
    ok(&mut world, "StartInstanceRefresh", to_two(preferences));
    assert_eq!(refresh(&mut world)["Status"], "Pending");
    let refusal = refused(&mut world, "StartInstanceRefresh", named(json!({})));
    assert_eq!(refusal.code, "InstanceRefreshInProgress");
    let mut least = 4;
    for _ in 0..60 {
        pass(&mut world, 5);
        least = least.min(ids(&mut world, "InService").len());
    }
    assert_eq!(least, 2);
    let done = refresh(&mut world);
    assert_eq!(done["Status"], "Successful", "{done}");
    assert_eq!(done["PercentageComplete"], 100);
    assert_eq!(done["InstancesToUpdate"], 0);
    assert_eq!(versions(&mut world), ["2", "2", "2", "2"]);
    assert_eq!(group(&mut world)["LaunchTemplate"]["Version"], "2");
    let told = activities(&mut world);
    let cause = told[0]["Cause"].as_str().unwrap();
    assert!(
        cause.ends_with("in response to an instance refresh."),
        "{cause}"
    );
}

#[test]
fn a_refresh_with_a_maximum_launches_before_it_terminates() {
    let mut world = with_four();
    let preferences = json!({
        "MinHealthyPercentage": 100, "MaxHealthyPercentage": 150, "InstanceWarmup": 20,
    });
    ok(&mut world, "StartInstanceRefresh", to_two(preferences));
    let (mut least, mut most) = (4, 4);
    for _ in 0..60 {
        pass(&mut world, 5);
        let live = ids(&mut world, "InService").len();
        least = least.min(live);
        most = most.max(live);
    }
    assert_eq!((least, most), (4, 6));
    assert_eq!(refresh(&mut world)["Status"], "Successful");
    assert_eq!(versions(&mut world), ["2", "2", "2", "2"]);
}

#[test]
fn a_refresh_skips_what_matches() {
    let mut world = with_four();
    let before = ids(&mut world, "InService");
    let preferences = json!({ "SkipMatching": true });
    let start = named(json!({ "Preferences": preferences }));
    ok(&mut world, "StartInstanceRefresh", start);
    pass(&mut world, 30);
    assert_eq!(refresh(&mut world)["Status"], "Successful");
    assert_eq!(ids(&mut world, "InService"), before);
}

#[test]
fn a_refresh_waits_for_protected_instances_and_fails_after_an_hour() {
    let mut world = with_four();
    let all = ids(&mut world, "InService");
    let protect = named(json!({ "InstanceIds": all, "ProtectedFromScaleIn": true }));
    ok(&mut world, "SetInstanceProtection", protect);
    ok(&mut world, "StartInstanceRefresh", to_two(json!({})));
    pass(&mut world, 3000);
    assert_eq!(refresh(&mut world)["Status"], "InProgress");
    assert_eq!(ids(&mut world, "InService"), all);
    pass(&mut world, 700);
    assert_eq!(refresh(&mut world)["Status"], "Failed");
    let refresh = json!({ "ScaleInProtectedInstances": "Refresh", "MinHealthyPercentage": 0 });
    ok(&mut world, "StartInstanceRefresh", to_two(refresh));
    pass(&mut world, 120);
    assert_eq!(versions(&mut world), ["2", "2", "2", "2"]);
}

#[test]
fn a_refresh_is_cancelled_or_rolled_back() {
    let mut world = with_four();
    let none = refused(&mut world, "CancelInstanceRefresh", named(json!({})));
    assert_eq!(none.code, "ActiveInstanceRefreshNotFound");
    ok(&mut world, "StartInstanceRefresh", to_two(json!({})));
    pass(&mut world, 60);
    ok(&mut world, "CancelInstanceRefresh", named(json!({})));
    assert_eq!(refresh(&mut world)["Status"], "Cancelling");
    pass(&mut world, 120);
    assert_eq!(refresh(&mut world)["Status"], "Cancelled");
    assert!(versions(&mut world).contains(&"1".to_owned()));
    assert_eq!(group(&mut world)["LaunchTemplate"]["Version"], "1");
    let half = json!({ "MinHealthyPercentage": 50, "InstanceWarmup": 300 });
    ok(&mut world, "StartInstanceRefresh", to_two(half));
    pass(&mut world, 120);
    ok(&mut world, "RollbackInstanceRefresh", named(json!({})));
    assert_eq!(refresh(&mut world)["Status"], "RollbackInProgress");
    pass(&mut world, 3000);
    assert_eq!(refresh(&mut world)["Status"], "RollbackSuccessful");
    assert_eq!(group(&mut world)["LaunchTemplate"]["Version"], "1");
}
