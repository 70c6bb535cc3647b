//! The tutorial, as it was written, and with every fix that is printed applied.

use setpoint_check::{check, check_besides};
use setpoint_spec::{Problem, Source, Stack, edited};

const TUTORIAL: &str = include_str!("../../../examples/tutorial-verbatim/stack.yaml");

/// Everything that is wrong with a stack.
fn problems(text: &str) -> Vec<Problem> {
    let source = Source::read(text).unwrap_or_else(|err| panic!("{err:#?}\n{text}"));
    match Stack::of(&source) {
        Ok(_) => check(&source),
        Err(mut problems) => {
            problems.extend(check_besides(&source, &problems));
            problems.sort();
            problems
        }
    }
}

fn shown(problems: &[Problem]) -> Vec<String> {
    let line = |it: &Problem| format!("{} {}: {}", it.code, it.span.from, it.message);
    problems.iter().map(line).collect()
}

fn mended(text: &str, problems: &[Problem]) -> String {
    let edits: Vec<_> = problems
        .iter()
        .filter_map(|it| it.fixes.first())
        .flat_map(|it| it.edits.clone())
        .collect();
    edited(0, text, &edits)
}

#[test]
fn the_tutorial_s_defects_are_told_in_one_run() {
    assert_eq!(
        shown(&problems(TUTORIAL)),
        [
            "SP120 33:19: a t2.small without credits gives 205 CPU units: 3 tasks of \
             flash-sale-service on it show 27 %, and the policy scales in below 45 %",
            "SP105 44:110: web-container runs \
             `123456789012.dkr.ecr.us-east-1.amazonaws.com/flash-sale-webapp:latest`, whatever that is \
             at the time",
            "SP102 44:251: web-container writes to the log group `/ecs/flash-sale-webapp`, and nothing \
             makes it",
            "SP101 44:437: each task of flash-sale-service gets a host port from 32768-60999, and no \
             security group of flash-sale-instances opens them",
            "SP113 44:672: with a limit of 256 CPU units a task is never above 100 %, so \
             flash-sale-service goes from 1 to 2 tasks and no further in one step, of 3",
            "SP112 47:3: a deployment of flash-sale-service that fails goes on failing",
            "SP007 49:21: service.flash-sale-service asks for the task definition `flash-sale-task`, \
             which the stack does not declare",
            "SP109 50:17: flash-sale-service runs on flash-sale-instances, which may have 1 to 3 \
             instances, and nothing makes it grow",
            "SP108 62:29: a cooldown of 30 s is over before the metric's next value, which comes each \
             60 s",
            "SP108 63:28: a cooldown of 30 s is over before the metric's next value, which comes each \
             60 s",
        ]
    );
}

#[test]
fn each_of_them_has_a_fix_and_all_fixes_together_make_the_tutorial_valid() {
    let found = problems(TUTORIAL);
    for it in &found {
        assert!(!it.fixes.is_empty(), "{} has no fix", it.code);
    }
    let text = mended(TUTORIAL, &found);
    assert_eq!(shown(&problems(&text)), [""; 0], "{text}");
}
