use super::*;

const DAY: u64 = 24 * 3600 * 1000;

fn rule(priority: u64, selection: Value) -> Value {
    json!({
        "rulePriority": priority,
        "description": "what is old",
        "selection": selection,
        "action": { "type": "expire" },
    })
}

fn newest(count: u64) -> Value {
    json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count })
}

fn policy(rules: &[Value]) -> Value {
    let text = json!({ "rules": rules }).to_string();
    json!({ "repositoryName": "shop/web", "lifecyclePolicyText": text })
}

/// Pushes one image a second.
fn push_each(world: &mut World, tags: &[&str]) {
    for tag in tags {
        push(world, tag, Some(tag));
        let next = world.now.0 + 1000;
        world.advance(Time(next));
    }
}

#[test]
fn a_policy_is_shown_as_it_was_put() {
    let mut world = with_repository();
    let name = || json!({ "repositoryName": "shop/web" });
    let refusal = refused(&mut world, "GetLifecyclePolicy", name());
    assert_eq!(refusal.code, "LifecyclePolicyNotFoundException");
    assert_eq!(
        refusal.message,
        "Lifecycle policy does not exist for the repository with name 'shop/web' in the registry \
         with id '123456789012'"
    );
    let put = policy(&[rule(1, newest(5))]);
    ok(&mut world, "PutLifecyclePolicy", put.clone());
    let shown = ok(&mut world, "GetLifecyclePolicy", name());
    assert_eq!(shown["lifecyclePolicyText"], put["lifecyclePolicyText"]);
    ok(&mut world, "DeleteLifecyclePolicy", name());
    let refusal = refused(&mut world, "DeleteLifecyclePolicy", name());
    assert_eq!(refusal.code, "LifecyclePolicyNotFoundException");
}

#[test]
fn rules_that_do_not_hold_together_are_refused() {
    let mut world = with_repository();
    let any = |member: &str, value: Value| {
        let mut selection = newest(5);
        selection[member] = value;
        rule(1, selection)
    };
    let mut transition = rule(1, newest(5));
    transition["action"] = json!({ "type": "transition" });
    let mut target = rule(1, newest(5));
    target["action"] = json!({ "type": "expire", "targetStorageClass": null });
    let wrong = [
        vec![],
        vec![rule(1, newest(5)), rule(1, newest(5))],
        vec![rule(0, newest(5))],
        vec![rule(1, newest(0))],
        vec![any("tagStatus", json!("tagged"))],
        vec![any("tagPrefixList", json!(["v"]))],
        vec![any("countUnit", json!("days"))],
        vec![any("countUnit", Value::Null)],
        vec![any("countType", json!("sinceImagePushed"))],
        vec![any("unknown", json!(1))],
        vec![rule(1, newest(5)), any("tagStatus", json!("untagged"))],
        vec![transition],
        vec![target],
    ];
    for rules in wrong {
        let refusal = refused(&mut world, "PutLifecyclePolicy", policy(&rules));
        assert_eq!(refusal.code, "InvalidParameterException", "{rules:?}");
        let start = "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: \
                     'Lifecycle policy validation failure: ";
        assert!(refusal.message.starts_with(start), "{refusal}");
    }
}

#[test]
fn all_but_the_newest_expire_within_a_day() {
    let mut world = with_repository();
    ok(
        &mut world,
        "PutLifecyclePolicy",
        policy(&[rule(1, newest(2))]),
    );
    assert_eq!(world.agenda.next(), None);
    push_each(&mut world, &["a", "b", "c", "d"]);
    assert_eq!(tags_of(&mut world).len(), 4);
    world.advance(Time(NOW.0 + DAY));
    assert_eq!(tags_of(&mut world), ["c", "d"]);
    let shown = ok(
        &mut world,
        "GetLifecyclePolicy",
        json!({ "repositoryName": "shop/web" }),
    );
    assert_eq!(shown["lastEvaluatedAt"], 1_795_737_600 + 24 * 3600);
    assert_eq!(world.agenda.next(), Some(Time(NOW.0 + 2 * DAY)));
    let gone = json!({ "repositoryName": "shop/web", "force": true });
    ok(&mut world, "DeleteRepository", gone);
    world.advance(Time(NOW.0 + 2 * DAY));
    assert_eq!(world.agenda.next(), None);
}

#[test]
fn what_fits_a_rule_is_left_alone_by_those_after_it() {
    let mut world = with_repository();
    let releases = json!({
        "tagStatus": "tagged",
        "tagPatternList": ["v*"],
        "countType": "imageCountMoreThan",
        "countNumber": 2,
    });
    let old = json!({
        "tagStatus": "any",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 1,
    });
    push_each(&mut world, &["v1", "v2", "v3", "dev"]);
    let put = policy(&[rule(2, old), rule(1, releases)]);
    ok(&mut world, "PutLifecyclePolicy", put);
    world.advance(Time(NOW.0 + 3 * DAY));
    assert_eq!(tags_of(&mut world), ["v2", "v3"]);
}

#[test]
fn a_transition_archives() {
    let mut world = with_repository();
    let mut archive = rule(1, newest(1));
    archive["action"] = json!({ "type": "transition", "targetStorageClass": "archive" });
    push_each(&mut world, &["a", "b"]);
    ok(&mut world, "PutLifecyclePolicy", policy(&[archive]));
    world.advance(Time(NOW.0 + 2 * DAY));
    assert_eq!(tags_of(&mut world), ["b"]);
    let all = json!({ "repositoryName": "shop/web", "filter": { "imageStatus": "ANY" } });
    let all = ok(&mut world, "DescribeImages", all);
    let details = all["imageDetails"].as_array().expect("a list");
    let archived: Vec<&Value> = details
        .iter()
        .filter(|it| it["imageStatus"] == "ARCHIVED")
        .map(|it| &it["imageTags"][0])
        .collect();
    assert_eq!(archived, ["a"]);
}

#[test]
fn a_preview_tells_what_would_go() {
    let mut world = with_repository();
    push_each(&mut world, &["a", "b"]);
    let name = || json!({ "repositoryName": "shop/web" });
    let refusal = refused(&mut world, "StartLifecyclePolicyPreview", name());
    assert_eq!(refusal.code, "LifecyclePolicyNotFoundException");
    let refusal = refused(&mut world, "GetLifecyclePolicyPreview", name());
    assert_eq!(refusal.code, "LifecyclePolicyPreviewNotFoundException");
    let asked = policy(&[rule(7, newest(1))]);
    let begun = ok(&mut world, "StartLifecyclePolicyPreview", asked.clone());
    assert_eq!(begun["status"], "IN_PROGRESS");
    let refusal = refused(&mut world, "StartLifecyclePolicyPreview", asked);
    assert_eq!(refusal.code, "LifecyclePolicyPreviewInProgressException");
    world.advance(Time(NOW.0 + 60_000));
    let done = ok(&mut world, "GetLifecyclePolicyPreview", name());
    assert_eq!(done["status"], "COMPLETE");
    assert_eq!(done["summary"], json!({ "expiringImageTotalCount": 1 }));
    let result = &done["previewResults"][0];
    assert_eq!(result["imageTags"], json!(["a"]));
    assert_eq!(result["appliedRulePriority"], 7);
    assert_eq!(tags_of(&mut world), ["a", "b"]);
}
