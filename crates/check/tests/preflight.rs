//! What AWS's answers mean for a plan, and what a plan asks.

use setpoint_check::{
    StoredImage, check,
    preflight::{Home, Image, Limit, Questions, Touched, questions, told},
};
use setpoint_spec::{Problem, Source, Stack};
use std::{fs, path::Path};

const HOME: Home<'_> = Home {
    account: "123456789012",
    region: "us-east-1",
};

/// The flash sale's stack, with parts of its text replaced.
fn stack(replaced: &[(&str, &str)]) -> Source {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stack.yaml");
    let text = fs::read_to_string(path).expect("the stack is there");
    // With an image that somebody else pushes.
    let mut text = text.replace(
        "{ build: webapp }",
        "{ repository: flash-sale-webapp, tag: v1 }",
    );
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let source = Source::read(&text).unwrap_or_else(|err| panic!("{err:#?}"));
    Stack::of(&source).unwrap_or_else(|err| panic!("{err:#?}"));
    source
}

fn asked(source: &Source, made: &[&str], changed: &[&str]) -> Questions {
    let set = |names: &[&str]| names.iter().map(|it| it.to_string()).collect();
    let touched = Touched {
        made: set(made),
        changed: set(changed),
    };
    questions(source, &touched, HOME)
}

fn text(problem: Option<Problem>) -> String {
    let Some(it) = problem else {
        return "fine".into();
    };
    let hint = it.hint.unwrap_or_default();
    format!(
        "{} line {}: {}; {hint}",
        it.code, it.span.from.line, it.message
    )
}

const DEFINITION: &str = "taskDefinition.flash-sale-task";

#[test]
fn what_a_plan_leaves_as_it_is_raises_no_question() {
    let source = stack(&[("unlimited", "unlimited")]);
    assert!(asked(&source, &[], &[]).is_empty());
    assert!(
        asked(
            &source,
            &["logGroup./ecs/flash-sale-webapp"],
            &["scaling.flash-sale-service"]
        )
        .is_empty()
    );
    let everything = asked(&source, &["service.flash-sale-service"], &[DEFINITION]);
    assert_eq!(everything.images.len(), 1);
    assert_eq!(
        everything.placements.len(),
        0,
        "everything is in the default VPC"
    );
}

#[test]
fn an_image_must_be_there_and_run_on_the_instances() {
    let source = stack(&[]);
    let questions = asked(&source, &[], &[DEFINITION]);
    let [image] = &*questions.images else {
        panic!("{questions:#?}")
    };
    let present = |of: &[&str]| Image::Present {
        architectures: of.iter().map(|it| it.to_string()).collect(),
    };
    let tags = |of: &[&str]| Image::Absent {
        tags: of.iter().map(|it| it.to_string()).collect(),
    };
    let judged = |answer: &Image| text(image.judge(answer));
    assert_eq!(judged(&present(&["amd64"])), "fine");
    assert_eq!(judged(&present(&["arm64", "amd64"])), "fine");
    assert_eq!(
        judged(&present(&[])),
        "fine",
        "what is not known is no misfit"
    );
    let line = 1 + source.files()[0]
        .text
        .lines()
        .position(|it| it.contains("image: {"))
        .expect("an image");
    assert_eq!(
        judged(&present(&["arm64"])),
        format!(
            "SP202 line {line}: flash-sale-webapp:v1 is built for arm64, and would run on the t2.small \
             instances of flash-sale-instances, which is amd64; build it for linux/amd64 too, or choose \
             other instances"
        )
    );
    assert_eq!(
        judged(&tags(&["v3", "v2"])),
        format!(
            "SP201 line {line}: there is no image flash-sale-webapp:v1; push it first, or name one that is \
             there, newest first: v3, v2"
        )
    );
    assert_eq!(
        judged(&tags(&[])),
        format!(
            "SP201 line {line}: there is no image flash-sale-webapp:v1; push it: the repository holds no \
             tagged image at all"
        )
    );
    assert!(judged(&Image::NoRepository).contains("no repository flash-sale-webapp"));
}

#[test]
fn an_image_of_a_repository_that_the_plan_makes_is_a_note_and_no_question() {
    let questions = asked(
        &stack(&[]),
        &["repository.flash-sale-webapp", DEFINITION],
        &[],
    );
    assert!(questions.is_empty());
    let [problem] = &*questions.problems else {
        panic!("{questions:#?}")
    };
    assert_eq!(problem.severity, setpoint_spec::Severity::Note);
    assert_eq!(
        problem.message,
        "nobody can have pushed flash-sale-webapp:v1 yet: this plan makes its repository"
    );
}

#[test]
fn references_to_the_own_registry_are_asked_and_others_are_not() {
    let own = "image: { repository: flash-sale-webapp, tag: v1 }";
    let seen = |image: &str| {
        let source = stack(&[(own, &format!("image: {image}"))]);
        let questions = asked(&source, &[], &[DEFINITION]);
        let images = questions.images.iter();
        images
            .map(|it| (it.repository.clone(), it.reference.clone()))
            .collect::<Vec<_>>()
    };
    let pair = |one: &str, other: &str| vec![(one.to_owned(), other.to_owned())];
    let home = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    let digest = format!("sha256:{}", "a".repeat(64));
    assert_eq!(seen(&format!("{home}/team/web:v1")), pair("team/web", "v1"));
    assert_eq!(seen(&format!("{home}/web")), pair("web", "latest"));
    assert_eq!(seen(&format!("{home}/web@{digest}")), pair("web", &digest));
    assert_eq!(
        seen(&format!("{home}/web:v1@{digest}")),
        pair("web", &digest)
    );
    assert_eq!(
        seen(&format!(
            "{{ repository: flash-sale-webapp, digest: {digest} }}"
        )),
        pair("flash-sale-webapp", &digest)
    );
    for other in [
        "nginx:1.27",
        "public.ecr.aws/nginx/nginx:1.27",
        "210987654321.dkr.ecr.us-east-1.amazonaws.com/web:v1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v1",
    ] {
        assert_eq!(seen(other), [], "{other}");
    }
}

#[test]
fn subnets_and_security_groups_must_be_of_one_vpc() {
    let group = "autoScalingGroup.flash-sale-instances";
    let source = stack(&[(
        "    minSize: 1\n",
        "    minSize: 1\n    subnets: subnet-0a1b,subnet-0c2d\n",
    )]);
    assert_eq!(
        asked(&source, &[], &["launchTemplate.x"]).placements.len(),
        0
    );
    let questions = asked(&source, &[group], &[]);
    let [question] = &*questions.placements else {
        panic!("{questions:#?}")
    };
    assert_eq!(
        (&*question.subnets, &*question.vpc),
        ("subnet-0a1b,subnet-0c2d", "default")
    );
    assert_eq!(text(question.judge("vpc-1", "vpc-1")), "fine");
    let line = 1 + source.files()[0]
        .text
        .lines()
        .position(|it| it.contains("subnet-0a1b"))
        .expect("subnets");
    assert_eq!(
        text(question.judge("vpc-1", "vpc-2")),
        format!(
            "SP203 line {line}: the subnets of flash-sale-instances are in vpc-1, and flash-sale-instances \
             is in vpc-2; name `vpc: vpc-1` for flash-sale-instances, or subnets of vpc-2 for \
             flash-sale-instances"
        )
    );
}

#[test]
fn a_plan_that_makes_more_than_the_quota_has_room_for_is_refused() {
    let source = stack(&[]);
    let made = [
        "role.ecsInstanceRole",
        "role.ecsTaskExecutionRole",
        "autoScalingGroup.flash-sale-instances",
    ];
    let questions = asked(&source, &made, &[]);
    let limits: Vec<Limit> = questions.limits.iter().map(|it| it.limit).collect();
    assert_eq!(limits, [Limit::Roles, Limit::AutoScalingGroups]);
    assert_eq!(text(questions.limits[0].judge(998, 1000)), "fine");
    let refused = text(questions.limits[0].judge(999, 1000));
    assert!(
        refused.contains(
            "this plan makes 2 IAM roles; the account has 999 of the 1000 that it may have"
        ),
        "{refused}"
    );
}

#[test]
fn a_comment_allows_what_aws_would_say_and_is_not_told_as_unused_without_it() {
    let own = "image: { repository: flash-sale-webapp, tag: v1 }";
    let allowed = format!("{own} # setpoint: allow SP201 CI pushes it while this runs");
    let source = stack(&[(own, &allowed)]);
    assert_eq!(check(&source), []);
    let questions = asked(&source, &[], &[DEFINITION]);
    let judged = questions.images[0].judge(&Image::NoRepository);
    assert_eq!(told(&source, judged.into_iter().collect()), []);
}

#[test]
fn a_policy_is_asked_about_when_it_or_what_runs_changes_and_its_repository_is_there() {
    let source = stack(&[]);
    let repository = "repository.flash-sale-webapp";
    assert_eq!(
        asked(&source, &[], &["logGroup./ecs/flash-sale-webapp"])
            .kept
            .len(),
        0
    );
    assert_eq!(asked(&source, &[repository, DEFINITION], &[]).kept.len(), 0);
    assert_eq!(asked(&source, &[], &[DEFINITION]).kept.len(), 1);
    let questions = asked(&source, &[], &[repository]);
    let [question] = &*questions.kept else {
        panic!("{questions:#?}")
    };
    assert_eq!(question.families, ["flash-sale-task"]);
    assert_eq!(question.named["v1"], "the task definition flash-sale-task");
    // The policy of the example is about untagged images after two weeks.
    const DAY: f64 = 86_400.0;
    let image = |digest: &str, tags: &[&str]| StoredImage {
        digest: digest.into(),
        tags: tags.iter().map(|it| it.to_string()).collect(),
        ..StoredImage::default()
    };
    let needed = |digest: &str| [(digest.to_owned(), ["a task".to_owned()].into())].into();
    let images = [image("sha256:1", &["v1"]), image("sha256:2", &[])];
    let judged = |digest: &str, day: f64| text(question.judge(&images, &needed(digest), day * DAY));
    assert_eq!(judged("sha256:1", 30.0), "fine");
    assert_eq!(
        judged("sha256:3", 30.0),
        "fine",
        "what is not there is another problem"
    );
    assert!(judged("sha256:2", 1.0).ends_with(
        "rule 1 of the lifecycle policy of flash-sale-webapp deletes sha256:2, which a task needs, in 13 \
         days; let a rule before rule 1 be about the tags of what runs, or keep more images"
    ), "{}", judged("sha256:2", 1.0));
    assert!(judged("sha256:2", 30.0).contains("which a task needs; "));
}
