//! What may be written, what it stands for, and what is said of what may not.

use setpoint_spec::Stack;

fn problems(text: &str) -> String {
    match Stack::read(text) {
        Ok(_) => "none".into(),
        Err(problems) => {
            let lines = problems.iter().map(|it| match &it.hint {
                Some(hint) => format!("{}: {} ({hint})", it.span.from, it.message),
                None => format!("{}: {}", it.span.from, it.message),
            });
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(problems(text), expected, "\n{text}");
}

#[test]
fn the_shipped_stack_is_good() {
    check(include_str!("../../../stack.yaml"), "none");
}

#[test]
fn the_tutorial_parses_and_its_dangling_family_is_told_with_what_was_meant() {
    check(
        include_str!("../../../examples/tutorial-verbatim/stack.yaml"),
        "49:21: service.flash-sale-service asks for the task definition `flash-sale-task`, which the \
         stack does not declare (did you mean `fresh-sale-task`?)",
    );
}

#[test]
fn every_mistake_is_told_at_its_place() {
    check(
        "nam: x\nrepositoris: {}\nlogGroups:\n  a: { retention: 3 }\n  b: { retentionInDays: 15 }\n",
        "1:1: unknown section `nam` (did you mean `name`?)\n\
         1:1: the stack has no `name` (begin the file with `name: <a name for it>`: it marks what is ours)\n\
         2:1: unknown section `repositoris` (did you mean `repositories`?)\n\
         4:8: unknown key `retention` (known here: retentionInDays, logGroupClass, kmsKeyId, tags)\n\
         5:25: CloudWatch Logs keeps no events for 15 days (the nearest it takes is 14)",
    );
}

#[test]
fn documents_are_checked_to_their_leaves() {
    check(
        "name: x\ntaskDefinitions:\n  web:\n    containerDefinitions:\n      - name: a\n        image: b\n        portMapings: []\n        cpu: lots\n",
        "7:9: unknown key `portMapings` (did you mean `portMappings`?)\n\
         8:14: the text \"lots\" stands where a whole number belongs",
    );
}

#[test]
fn wrong_types_say_what_is_expected() {
    check(
        "name: x\nautoScalingGroups:\n  g: { launchTemplate: t, minSize: one, maxSize: 3 }\n",
        "3:36: this is string \"one\", where there should be a whole number",
    );
}

#[test]
fn a_circle_of_groups_is_named() {
    let text = "name: x\nsecurityGroups:\n  a: { ingress: [{ ports: 1, from: b }] }\n  b: { ingress: [{ ports: 1, from: a }] }\n";
    check(
        text,
        "1:1: these link to one another in a circle: securityGroup.a → securityGroup.b → securityGroup.a",
    );
}
