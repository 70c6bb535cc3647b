use super::*;
use crate::service::ecr::pull;

const HOST: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

#[test]
fn what_was_pushed_is_pulled_by_tag_and_by_digest() {
    let mut world = with_repository();
    let digest = push(&mut world, "one", Some("latest"));
    for image in [
        format!("{HOST}/shop/web"),
        format!("{HOST}/shop/web:latest"),
        format!("{HOST}/shop/web@{digest}"),
        format!("{HOST}/shop/web:other@{digest}"),
    ] {
        assert_eq!(pull(&world, &image, None), Ok(digest.clone()), "{image}");
    }
}

#[test]
fn what_was_not_pushed_is_not_found() {
    let mut world = with_repository();
    let image = format!("{HOST}/shop/web:2");
    let expected = format!(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to \
         resolve ref {image}: {image}: not found"
    );
    assert_eq!(pull(&world, &image, None), Err(expected));
    world.habits.images_must_exist = false;
    let assumed = pull(&world, &image, None).expect("an image that is taken for pushed");
    assert!(assumed.starts_with("sha256:") && assumed.len() == 71);
    assert!(pull(&world, &format!("{HOST}/shop/web:missing"), None).is_err());
    assert!(pull(&world, &format!("{HOST}/shop/other:2"), None).is_err());
    let asked = json!({
        "repositoryName": "shop/web",
        "imageIds": [{ "imageTag": "2" }, { "imageTag": "missing" }],
    });
    let answer = ok(&mut world, "BatchGetImage", asked);
    assert_eq!(
        answer["images"][0]["imageId"]["imageDigest"],
        json!(assumed)
    );
    assert_eq!(answer["images"][1], json!(null));
    assert_eq!(answer["failures"][0]["failureCode"], "ImageNotFound");
}

#[test]
fn what_was_pushed_is_pulled_even_where_the_rest_is_taken_for_pushed() {
    let mut world = with_repository();
    let image = format!("{HOST}/shop/web:1");
    world.habits.images_must_exist = false;
    let assumed = pull(&world, &image, None);
    let pushed = push(&mut world, "one", Some("1"));
    assert_ne!(assumed, Ok(pushed.clone()));
    assert_eq!(pull(&world, &image, None), Ok(pushed));
}

#[test]
fn other_registries_of_ecr_are_forbidden() {
    let world = with_repository();
    for host in [
        "999999999999.dkr.ecr.us-east-1.amazonaws.com",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    ] {
        let denied = pull(&world, &format!("{host}/shop/web:1"), None);
        assert!(denied.is_err_and(|it| it.ends_with("/v2/shop/web/manifests/1: 403 Forbidden")));
    }
}

#[test]
fn public_images_are_there_unless_they_are_said_to_be_missing() {
    let world = world();
    let short = pull(&world, "nginx", None);
    assert!(short.is_ok());
    assert_eq!(short, pull(&world, "docker.io/library/nginx:latest", None));
    assert_ne!(short, pull(&world, "nginx:1.27", None));
    assert!(pull(&world, "public.ecr.aws/nginx/nginx:stable", None).is_ok());
    assert!(pull(&world, "localhost:5000/web", None).is_ok());
    let missing = pull(&world, "nginx:missing", None);
    assert!(missing.is_err_and(|it| it.ends_with("docker.io/library/nginx:missing: not found")));
    assert!(pull(&world, "NGINX", None).is_err());
}
