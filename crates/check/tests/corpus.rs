//! What the fuzzer found worth keeping (`fuzz/run`), read again without the fuzzer.

use setpoint_check::{check, check_besides};
use setpoint_spec::{Problem, Source, Stack, edited, source::offset};
use std::{fs, path::Path};

fn problems(text: &str) -> Vec<Problem> {
    let source = match Source::read(text) {
        Ok(source) => source,
        Err(problem) => return vec![*problem],
    };
    match Stack::of(&source) {
        Ok(_) => check(&source),
        Err(told) => {
            let more = check_besides(&source, &told);
            told.into_iter().chain(more).collect()
        }
    }
}

#[test]
fn the_kept_corpus_is_read_without_a_panic_and_its_problems_are_at_places_that_exist() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut read = 0;
    for file in fs::read_dir(&corpus).expect("the corpus is in the repository") {
        let path = file.expect("a listing goes on").path();
        let bytes = fs::read(&path).expect("it can be read");
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        for problem in problems(&text) {
            let span = problem.span;
            let (from, to) = (offset(&text, span.from), offset(&text, span.to));
            assert!(
                from <= to && to <= text.len(),
                "{}: {problem:?}",
                path.display()
            );
            for fix in &problem.fixes {
                let mended = edited(0, &text, &fix.edits);
                assert_ne!(mended, text, "{}: {problem:?}", path.display());
            }
        }
        read += 1;
    }
    assert!(read > 100, "{read}");
}
