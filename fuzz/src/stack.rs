//! Any bytes as a stack: they are read, checked and mended, or refused with problems at places that
//! exist; nothing panics, and nothing takes for ever.

#![no_main]

use libfuzzer_sys::fuzz_target;
use setpoint_check::{check, check_besides};
use setpoint_spec::{Problem, Source, Stack, edited, source::offset};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let problems = match Source::read(text) {
        Err(problem) => vec![*problem],
        Ok(source) => match Stack::of(&source) {
            Ok(_) => check(&source),
            Err(told) => {
                let more = check_besides(&source, &told);
                told.into_iter().chain(more).collect()
            }
        },
    };
    for problem in &problems {
        holds(text, problem);
    }
});

fn holds(text: &str, problem: &Problem) {
    let span = problem.span;
    assert!(span.from <= span.to, "{problem:?}");
    assert!(
        offset(text, span.from) <= offset(text, span.to),
        "{problem:?}"
    );
    for fix in &problem.fixes {
        let mended = edited(0, text, &fix.edits);
        assert_ne!(mended, text, "{problem:?}");
    }
}
