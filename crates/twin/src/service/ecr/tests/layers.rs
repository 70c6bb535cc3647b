use super::*;

fn begin(world: &mut World) -> Value {
    let begun = ok(
        world,
        "InitiateLayerUpload",
        json!({ "repositoryName": "shop/web" }),
    );
    begun["uploadId"].clone()
}

fn part(id: &Value, first: usize, bytes: &[u8]) -> Value {
    json!({
        "repositoryName": "shop/web",
        "uploadId": id,
        "partFirstByte": first,
        "partLastByte": first + bytes.len() - 1,
        "layerPartBlob": BASE64.encode(bytes),
    })
}

fn end(id: &Value, digest: &str) -> Value {
    json!({ "repositoryName": "shop/web", "uploadId": id, "layerDigests": [digest] })
}

#[test]
fn parts_have_to_follow_one_another() {
    let mut world = with_repository();
    let id = begin(&mut world);
    let taken = ok(&mut world, "UploadLayerPart", part(&id, 0, b"abc"));
    assert_eq!(taken["lastByteReceived"], 2);
    let refusal = refused(&mut world, "UploadLayerPart", part(&id, 5, b"de"));
    assert_eq!(refusal.code, "InvalidLayerPartException");
    assert_eq!(refusal.members["lastValidByteReceived"], 2);
    let short = refused(&mut world, "UploadLayerPart", {
        let mut wrong = part(&id, 3, b"de");
        wrong["partLastByte"] = json!(9);
        wrong
    });
    assert_eq!(short.code, "InvalidLayerPartException");
}

#[test]
fn the_digest_of_a_layer_is_checked() {
    let mut world = with_repository();
    let id = begin(&mut world);
    let empty = refused(&mut world, "CompleteLayerUpload", end(&id, &digest(b"")));
    assert_eq!(empty.code, "EmptyUploadException");
    ok(&mut world, "UploadLayerPart", part(&id, 0, b"abc"));
    let wrong = refused(&mut world, "CompleteLayerUpload", end(&id, &digest(b"abd")));
    assert_eq!(wrong.code, "InvalidLayerException");
    let sum = digest(b"abc");
    assert_eq!(
        sum,
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    let done = ok(&mut world, "CompleteLayerUpload", end(&id, &sum));
    assert_eq!(done["layerDigest"], sum);
    let gone = refused(&mut world, "CompleteLayerUpload", end(&id, &sum));
    assert_eq!(gone.code, "UploadNotFoundException");
    let again = begin(&mut world);
    ok(&mut world, "UploadLayerPart", part(&again, 0, b"abc"));
    let twice = refused(&mut world, "CompleteLayerUpload", end(&again, &sum));
    assert_eq!(twice.code, "LayerAlreadyExistsException");
}

#[test]
fn only_the_last_part_may_be_small() {
    let mut world = with_repository();
    let id = begin(&mut world);
    ok(&mut world, "UploadLayerPart", part(&id, 0, b"abc"));
    ok(&mut world, "UploadLayerPart", part(&id, 3, b"def"));
    let refusal = refused(
        &mut world,
        "CompleteLayerUpload",
        end(&id, &digest(b"abcdef")),
    );
    assert_eq!(refusal.code, "LayerPartTooSmallException");
}

#[test]
fn large_layers_are_known_by_size_alone() {
    let mut world = with_repository();
    let small = upload(&mut world, b"abc");
    let large = upload(&mut world, &vec![0; 1024 * 1024 + 1]);
    let layers = &world.ecr.repositories["shop/web"].layers;
    assert_eq!(layers[&small].content.as_deref(), Some("YWJj"));
    assert_eq!(
        (layers[&large].size, &layers[&large].content),
        (1024 * 1024 + 1, &None)
    );
}

#[test]
fn availability_is_told_by_layer() {
    let mut world = with_repository();
    let there = upload(&mut world, b"abc");
    let asked = json!({
        "repositoryName": "shop/web",
        "layerDigests": [there, digest(b"x"), "what"],
    });
    let answer = ok(&mut world, "BatchCheckLayerAvailability", asked);
    assert_eq!(answer["layers"][0]["layerAvailability"], "AVAILABLE");
    assert_eq!(answer["layers"][0]["layerSize"], 3);
    assert_eq!(answer["layers"][1]["layerAvailability"], "UNAVAILABLE");
    assert_eq!(answer["failures"][0]["failureCode"], "InvalidLayerDigest");
}

#[test]
fn only_layers_of_images_are_given_away() {
    let mut world = with_repository();
    let digest = upload(&mut world, b"abc");
    let asked = |digest: &str| json!({ "repositoryName": "shop/web", "layerDigest": digest });
    let refusal = refused(&mut world, "GetDownloadUrlForLayer", asked(&digest));
    assert_eq!(refusal.code, "LayerInaccessibleException");
    let refusal = refused(&mut world, "GetDownloadUrlForLayer", asked("sha256:00"));
    assert_eq!(refusal.code, "LayersNotFoundException");
    push(&mut world, "abc", Some("1"));
    let answer = ok(&mut world, "GetDownloadUrlForLayer", asked(&digest));
    assert!(
        answer["downloadUrl"]
            .as_str()
            .is_some_and(|it| it.contains(&digest))
    );
}
