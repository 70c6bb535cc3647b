use super::*;

fn image(tag: &str, manifest: &str) -> Value {
    json!({ "repositoryName": "shop/web", "imageTag": tag, "imageManifest": manifest })
}

fn ids(ids: Value) -> Value {
    json!({ "repositoryName": "shop/web", "imageIds": ids })
}

#[test]
fn an_image_is_named_by_the_digest_of_its_manifest() {
    let mut world = with_repository();
    let manifest = manifest(&mut world, "layer");
    let pushed = ok(&mut world, "PutImage", image("1.0", &manifest));
    let digest = digest(manifest.as_bytes());
    let id = json!({ "imageDigest": digest, "imageTag": "1.0" });
    assert_eq!(pushed["image"]["imageId"], id);
    let shown = ok(
        &mut world,
        "DescribeImages",
        json!({ "repositoryName": "shop/web" }),
    );
    let expected = json!({
        "registryId": "123456789012",
        "repositoryName": "shop/web",
        "imageDigest": digest,
        "imageTags": ["1.0"],
        "imageSizeInBytes": 7,
        "imagePushedAt": 1_795_737_600,
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
        "imageStatus": "ACTIVE",
    });
    assert_eq!(shown["imageDetails"], json!([expected]));
}

#[test]
fn an_image_needs_its_layers_and_a_list_its_images() {
    let mut world = with_repository();
    let missing = manifest(&mut world, "layer").replace(&digest(b"layer"), &digest(b"other"));
    let refusal = refused(&mut world, "PutImage", image("1", &missing));
    assert_eq!(refusal.code, "LayersNotFoundException");
    assert!(refusal.message.contains(&digest(b"other")), "{refusal}");

    let child = push(&mut world, "layer", None);
    let list = |digest: &str| {
        json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{ "digest": digest, "size": 1 }],
        })
        .to_string()
    };
    let refusal = refused(&mut world, "PutImage", image("1", &list("sha256:00")));
    assert_eq!(refusal.code, "ReferencedImagesNotFoundException");
    let pushed = ok(&mut world, "PutImage", image("1", &list(&child)));

    let deletion = ids(json!([{ "imageDigest": child }]));
    let kept = ok(&mut world, "BatchDeleteImage", deletion);
    assert_eq!(
        kept["failures"][0]["failureCode"],
        "ImageReferencedByManifestList"
    );
    let list = &pushed["image"]["imageId"]["imageDigest"];
    let both = ids(json!([{ "imageDigest": child }, { "imageDigest": list }]));
    let gone = ok(&mut world, "BatchDeleteImage", both);
    assert_eq!(gone["failures"], json!([]));
    assert!(world.ecr.repositories["shop/web"].images.is_empty());
}

#[test]
fn a_tag_moves_unless_it_is_immutable() {
    let mut world = with_repository();
    let first = push(&mut world, "one", Some("latest"));
    push(&mut world, "two", Some("latest"));
    assert_eq!(tags_of(&mut world), ["-", "latest"]);

    let again = manifest(&mut world, "two");
    let refusal = refused(&mut world, "PutImage", image("latest", &again));
    assert_eq!(refusal.code, "ImageAlreadyExistsException");

    let filters = json!([{ "filterType": "WILDCARD", "filter": "dev*" }]);
    let immutable = json!({
        "repositoryName": "shop/web",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": filters,
    });
    ok(&mut world, "PutImageTagMutability", immutable);
    let three = manifest(&mut world, "three");
    let refusal = refused(&mut world, "PutImage", image("latest", &three));
    assert_eq!(refusal.code, "ImageTagAlreadyExistsException");
    assert_eq!(
        refusal.message,
        "The image tag 'latest' already exists in the 'shop/web' repository and cannot be \
         overwritten because the tag is immutable."
    );
    ok(&mut world, "PutImage", image("dev", &three));
    let one = manifest(&mut world, "one");
    ok(&mut world, "PutImage", image("dev", &one));
    assert!(
        world.ecr.repositories["shop/web"].images[&first]
            .tags
            .contains("dev")
    );
}

#[test]
fn images_are_found_by_tag_and_digest() {
    let mut world = with_repository();
    let digest = push(&mut world, "one", Some("1"));
    let asked = ids(json!([
        { "imageTag": "1" },
        { "imageTag": "2" },
        {},
        { "imageDigest": "what" },
        { "imageDigest": digest, "imageTag": "2" },
    ]));
    let answer = ok(&mut world, "BatchGetImage", asked);
    assert_eq!(answer["images"][0]["imageId"]["imageDigest"], digest);
    let failures = answer["failures"].as_array().expect("a list");
    let codes: Vec<&str> = failures
        .iter()
        .filter_map(|it| it["failureCode"].as_str())
        .collect();
    let expected = [
        "ImageNotFound",
        "MissingDigestAndTag",
        "InvalidImageDigest",
        "ImageTagDoesNotMatchDigest",
    ];
    assert_eq!(codes, expected);
    let refusal = refused(
        &mut world,
        "DescribeImages",
        ids(json!([{ "imageTag": "2" }])),
    );
    assert_eq!(refusal.code, "ImageNotFoundException");
    assert_eq!(
        refusal.message,
        "The image with imageId {imageDigest:'null', imageTag:'2'} does not exist within the \
         repository with name 'shop/web' in the registry with id '123456789012'"
    );
}

#[test]
fn an_image_goes_with_its_last_tag() {
    let mut world = with_repository();
    push(&mut world, "one", Some("a"));
    let manifest = manifest(&mut world, "one");
    ok(&mut world, "PutImage", image("b", &manifest));
    ok(
        &mut world,
        "BatchDeleteImage",
        ids(json!([{ "imageTag": "a" }])),
    );
    assert_eq!(tags_of(&mut world), ["b"]);
    ok(
        &mut world,
        "BatchDeleteImage",
        ids(json!([{ "imageTag": "b" }])),
    );
    assert!(tags_of(&mut world).is_empty());
}

#[test]
fn images_are_filtered_and_paged() {
    let mut world = with_repository();
    push(&mut world, "one", Some("1"));
    push(&mut world, "two", None);
    let asked =
        |status: &str| json!({ "repositoryName": "shop/web", "filter": { "tagStatus": status } });
    let untagged = ok(&mut world, "ListImages", asked("UNTAGGED"));
    assert_eq!(untagged["imageIds"].as_array().map(Vec::len), Some(1));
    assert_eq!(untagged["imageIds"][0].get("imageTag"), None);
    let page = json!({ "repositoryName": "shop/web", "maxResults": 1 });
    let first = ok(&mut world, "DescribeImages", page);
    let next = json!({
        "repositoryName": "shop/web",
        "maxResults": 1,
        "nextToken": first["nextToken"],
    });
    let second = ok(&mut world, "DescribeImages", next);
    assert_ne!(first["imageDetails"], second["imageDetails"]);
    assert_eq!(second.get("nextToken"), None);
}

#[test]
fn a_manifest_needs_a_type() {
    let mut world = with_repository();
    let plain = manifest(&mut world, "one");
    let plain = plain.replace(
        r#""mediaType":"application/vnd.oci.image.manifest.v1+json","#,
        "",
    );
    let refusal = refused(&mut world, "PutImage", image("1", &plain));
    assert_eq!(refusal.code, "InvalidParameterException");
    let mut told = image("1", &plain);
    told["imageManifestMediaType"] = json!("application/vnd.oci.image.manifest.v1+json");
    ok(&mut world, "PutImage", told);
    let refusal = refused(&mut world, "PutImage", image("2", "no json"));
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[test]
fn a_scan_on_push_finds_nothing_after_a_while() {
    let mut world = with_repository();
    let on = json!({
        "repositoryName": "shop/web",
        "imageScanningConfiguration": { "scanOnPush": true },
    });
    ok(&mut world, "PutImageScanningConfiguration", on);
    push(&mut world, "one", Some("1"));
    let asked = json!({ "repositoryName": "shop/web", "imageId": { "imageTag": "1" } });
    let early = ok(&mut world, "DescribeImageScanFindings", asked.clone());
    assert_eq!(early["imageScanStatus"]["status"], "IN_PROGRESS");
    world.advance(Time(NOW.0 + 10_000));
    let done = ok(&mut world, "DescribeImageScanFindings", asked.clone());
    assert_eq!(done["imageScanStatus"]["status"], "COMPLETE");
    assert_eq!(done["imageScanFindings"]["findings"], json!([]));
    let refusal = refused(&mut world, "StartImageScan", asked);
    assert_eq!(refusal.code, "LimitExceededException");
}

#[test]
fn a_world_with_images_is_the_same_after_being_saved() {
    let mut world = with_repository();
    push(&mut world, "one", Some("1"));
    let saved = serde_json::to_string(&world).expect("JSON");
    let mut read: World = serde_json::from_str(&saved).expect("a world");
    let asked = || json!({ "repositoryName": "shop/web" });
    let before = ok(&mut world, "DescribeImages", asked());
    assert_eq!(ok(&mut read, "DescribeImages", asked()), before);
    assert_eq!(serde_json::to_string(&read).expect("JSON"), saved);
}
