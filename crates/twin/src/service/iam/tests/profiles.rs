use super::*;

#[test]
fn a_profile_holds_one_role() {
    let mut world = world();
    let arn = role(&mut world, "web");
    role(&mut world, "other");
    let named = json!({ "InstanceProfileName": "web" });
    call(&mut world, "CreateInstanceProfile", named.clone());
    let add = |role: &str| json!({ "InstanceProfileName": "web", "RoleName": role });
    call(&mut world, "AddRoleToInstanceProfile", add("web"));
    assert_eq!(
        refused(&mut world, "AddRoleToInstanceProfile", add("other")),
        "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    );
    let got = call(&mut world, "GetInstanceProfile", named.clone());
    assert_eq!(got["InstanceProfile"]["Roles"][0]["Arn"], arn.as_str());
    let holders = json!({ "RoleName": "web" });
    let holders = call(&mut world, "ListInstanceProfilesForRole", holders);
    assert_eq!(holders["InstanceProfiles"][0]["InstanceProfileName"], "web");
    assert!(
        refused(&mut world, "DeleteInstanceProfile", named.clone()).starts_with("DeleteConflict")
    );
    call(&mut world, "RemoveRoleFromInstanceProfile", add("web"));
    call(&mut world, "DeleteInstanceProfile", named.clone());
    assert_eq!(
        refused(&mut world, "GetInstanceProfile", named),
        "NoSuchEntity: Instance Profile web cannot be found."
    );
}

#[test]
fn a_profile_is_known_elsewhere_when_it_has_propagated() {
    let mut world = world();
    let arn = role(&mut world, "web");
    let profile = json!({ "InstanceProfileName": "web", "Path": "/shop/" });
    call(&mut world, "CreateInstanceProfile", profile);
    let add = json!({ "InstanceProfileName": "web", "RoleName": "web" });
    assert_eq!(profile_role(&world, "web"), Err(()));
    world.advance(world.now + world.habits.iam_propagation);
    assert_eq!(profile_role(&world, "web"), Ok(None));
    call(&mut world, "AddRoleToInstanceProfile", add);
    world.advance(world.now + world.habits.iam_propagation);
    let full = "arn:aws:iam::123456789012:instance-profile/shop/web";
    assert_eq!(profile_role(&world, full), Ok(Some(arn)));
    let elsewhere = "arn:aws:iam::123456789012:instance-profile/web";
    assert_eq!(profile_role(&world, elsewhere), Err(()));
}
