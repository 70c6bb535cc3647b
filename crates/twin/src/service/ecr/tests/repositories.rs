use super::*;

#[test]
fn a_new_repository_has_the_defaults_filled_in() {
    let mut world = world();
    let made = ok(
        &mut world,
        "CreateRepository",
        json!({ "repositoryName": "shop/web" }),
    );
    let expected = json!({
        "repositoryArn": "arn:aws:ecr:us-east-1:123456789012:repository/shop/web",
        "registryId": "123456789012",
        "repositoryName": "shop/web",
        "repositoryUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web",
        "createdAt": 1_795_737_600,
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": { "scanOnPush": false },
        "encryptionConfiguration": { "encryptionType": "AES256" },
    });
    assert_eq!(made["repository"], expected);
    let shown = ok(&mut world, "DescribeRepositories", json!({}));
    assert_eq!(shown, json!({ "repositories": [expected] }));
    let again = refused(
        &mut world,
        "CreateRepository",
        json!({ "repositoryName": "shop/web" }),
    );
    assert_eq!(again.code, "RepositoryAlreadyExistsException");
}

#[test]
fn names_that_break_the_pattern_are_refused() {
    let mut world = world();
    for name in [
        "Shop", "-shop", "shop-", "a//b", "a/", "a._b", "a___b", "sh op",
    ] {
        let refusal = refused(
            &mut world,
            "CreateRepository",
            json!({ "repositoryName": name }),
        );
        assert_eq!(refusal.code, "InvalidParameterException", "{name}");
    }
    for name in ["a--b", "a__b/c.d", "0a"] {
        ok(
            &mut world,
            "CreateRepository",
            json!({ "repositoryName": name }),
        );
    }
}

#[test]
fn one_missing_name_fails_the_whole_call() {
    let mut world = with_repository();
    let names = json!({ "repositoryNames": ["shop/web", "x"] });
    let refusal = refused(&mut world, "DescribeRepositories", names);
    assert_eq!(refusal.code, "RepositoryNotFoundException");
    assert_eq!(
        refusal.message,
        "The repository with name 'x' does not exist in the registry with id '123456789012'"
    );
    let other = json!({ "repositoryName": "shop/web", "registryId": "999999999999" });
    let refusal = refused(&mut world, "ListImages", other);
    assert!(
        refusal
            .message
            .ends_with("in the registry with id '999999999999'")
    );
}

#[test]
fn repositories_are_paged() {
    let mut world = world();
    for name in ["aa", "bb", "cc"] {
        ok(
            &mut world,
            "CreateRepository",
            json!({ "repositoryName": name }),
        );
    }
    let first = ok(
        &mut world,
        "DescribeRepositories",
        json!({ "maxResults": 2 }),
    );
    assert_eq!(first["repositories"].as_array().map(Vec::len), Some(2));
    let more = json!({ "maxResults": 2, "nextToken": first["nextToken"] });
    let second = ok(&mut world, "DescribeRepositories", more);
    assert_eq!(second["repositories"][0]["repositoryName"], "cc");
    assert_eq!(second.get("nextToken"), None);
    let wrong = refused(
        &mut world,
        "DescribeRepositories",
        json!({ "nextToken": "x" }),
    );
    assert_eq!(wrong.code, "InvalidParameterException");
}

#[test]
fn a_repository_with_images_is_kept_unless_forced() {
    let mut world = with_repository();
    push(&mut world, "one", Some("1"));
    let name = json!({ "repositoryName": "shop/web" });
    let refusal = refused(&mut world, "DeleteRepository", name);
    assert_eq!(refusal.code, "RepositoryNotEmptyException");
    let forced = json!({ "repositoryName": "shop/web", "force": true });
    let gone = ok(&mut world, "DeleteRepository", forced);
    assert_eq!(gone["repository"]["repositoryName"], "shop/web");
    assert!(world.ecr.repositories.is_empty());
}

#[test]
fn exclusion_filters_come_with_the_mutability_that_has_them() {
    let mut world = with_repository();
    let filter = json!([{ "filterType": "WILDCARD", "filter": "dev-*" }]);
    let put = |mutability: &str, filters: Option<&Value>| {
        let mut members = json!({
            "repositoryName": "shop/web",
            "imageTagMutability": mutability,
        });
        if let Some(filters) = filters {
            members["imageTagMutabilityExclusionFilters"] = filters.clone();
        }
        members
    };
    const ACTION: &str = "PutImageTagMutability";
    for wrong in [
        put("IMMUTABLE", Some(&filter)),
        put("IMMUTABLE_WITH_EXCLUSION", None),
    ] {
        let refusal = refused(&mut world, ACTION, wrong);
        assert_eq!(refusal.code, "InvalidParameterException");
    }
    let answer = ok(
        &mut world,
        ACTION,
        put("IMMUTABLE_WITH_EXCLUSION", Some(&filter)),
    );
    assert_eq!(answer["imageTagMutabilityExclusionFilters"], filter);
    let answer = ok(&mut world, ACTION, put("MUTABLE", None));
    assert_eq!(answer.get("imageTagMutabilityExclusionFilters"), None);
}

#[test]
fn a_key_is_only_for_encryption_with_kms() {
    let mut world = world();
    let create = |name: &str, encryption: Value| json!({ "repositoryName": name, "encryptionConfiguration": encryption });
    let wrong = create("aa", json!({ "encryptionType": "AES256", "kmsKey": "k" }));
    let refusal = refused(&mut world, "CreateRepository", wrong);
    assert_eq!(refusal.code, "InvalidParameterException");
    let kms = create("aa", json!({ "encryptionType": "KMS" }));
    let made = ok(&mut world, "CreateRepository", kms);
    let key = made["repository"]["encryptionConfiguration"]["kmsKey"].as_str();
    assert!(key.is_some_and(|it| it.starts_with("arn:aws:kms:us-east-1:123456789012:key/")));
}

#[test]
fn tags_are_kept_by_arn_and_at_most_fifty() {
    let mut world = with_repository();
    let arn = "arn:aws:ecr:us-east-1:123456789012:repository/shop/web";
    let tag = |tags: Value| json!({ "resourceArn": arn, "tags": tags });
    ok(
        &mut world,
        "TagResource",
        tag(json!([{ "Key": "a", "Value": "1" }])),
    );
    ok(
        &mut world,
        "TagResource",
        tag(json!([{ "Key": "b", "Value": "2" }])),
    );
    let removed = json!({ "resourceArn": arn, "tagKeys": ["a", "none"] });
    ok(&mut world, "UntagResource", removed);
    let listed = ok(
        &mut world,
        "ListTagsForResource",
        json!({ "resourceArn": arn }),
    );
    assert_eq!(listed, json!({ "tags": [{ "Key": "b", "Value": "2" }] }));
    let many: Vec<Value> = (0..50)
        .map(|it| json!({ "Key": format!("k{it}"), "Value": "" }))
        .collect();
    let refusal = refused(&mut world, "TagResource", tag(json!(many)));
    assert_eq!(refusal.code, "TooManyTagsException");
    let reserved = tag(json!([{ "Key": "aws:x", "Value": "" }]));
    let refusal = refused(&mut world, "TagResource", reserved);
    assert_eq!(refusal.code, "InvalidTagParameterException");
    let missing = json!({ "resourceArn": format!("{arn}2") });
    let refusal = refused(&mut world, "ListTagsForResource", missing);
    assert_eq!(refusal.code, "RepositoryNotFoundException");
}

#[test]
fn a_policy_is_there_from_set_to_delete() {
    let mut world = with_repository();
    let name = || json!({ "repositoryName": "shop/web" });
    let refusal = refused(&mut world, "GetRepositoryPolicy", name());
    assert_eq!(refusal.code, "RepositoryPolicyNotFoundException");
    let text = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let set = json!({ "repositoryName": "shop/web", "policyText": text });
    ok(&mut world, "SetRepositoryPolicy", set);
    let shown = ok(&mut world, "GetRepositoryPolicy", name());
    assert_eq!(shown["policyText"], text);
    ok(&mut world, "DeleteRepositoryPolicy", name());
    let refusal = refused(&mut world, "DeleteRepositoryPolicy", name());
    assert_eq!(refusal.code, "RepositoryPolicyNotFoundException");
}

#[test]
fn a_token_is_for_docker_and_twelve_hours() {
    let mut world = world();
    let answer = ok(&mut world, "GetAuthorizationToken", json!({}));
    let data = &answer["authorizationData"][0];
    let host = "https://123456789012.dkr.ecr.us-east-1.amazonaws.com";
    assert_eq!(data["proxyEndpoint"], host);
    assert_eq!(data["expiresAt"], 1_795_737_600 + 12 * 3600);
    let token = data["authorizationToken"].as_str().expect("a text");
    let token = BASE64.decode(token).expect("base64");
    assert!(token.starts_with(b"AWS:"));
}

#[test]
fn creating_with_tags_needs_leave_to_tag() {
    let world = world();
    let action = service::action("ecr", "CreateRepository").expect("an action");
    let tags = json!([{ "Key": "stack", "Value": "shop" }]);
    let members = json!({ "repositoryName": "web", "tags": tags });
    let input = Input {
        members: members.as_object().cloned().expect("an object"),
        ..Input::default()
    };
    let grants = (action.needs)(&world, &input);
    let arn = "arn:aws:ecr:us-east-1:123456789012:repository/web";
    assert_eq!(grants[0].resource, arn);
    assert_eq!(grants[0].context["aws:RequestTag/stack"], ["shop"]);
    assert_eq!(grants[1].action, "ecr:TagResource");
}
