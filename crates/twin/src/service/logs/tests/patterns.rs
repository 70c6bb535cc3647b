use super::*;
use crate::service::logs::write;

/// Which of the lines a pattern finds.
fn found(pattern: &str) -> Vec<String> {
    let mut world = with(&["g"]);
    for line in [
        "[ERROR 400] BAD REQUEST",
        "[WARN 404] NOT FOUND: no such page",
        "ERRORS: none",
    ] {
        write(&mut world, "g", "s", line);
    }
    let asked = json!({ "logGroupName": "g", "filterPattern": pattern });
    let answer = ok(&mut world, "FilterLogEvents", asked);
    let found = messages(&answer);
    let first = |it: &str| it.split(' ').next().map(str::to_owned);
    found.into_iter().filter_map(first).collect()
}

#[test]
fn all_terms_have_to_be_there_as_whole_words() {
    assert_eq!(found("").len(), 3);
    assert_eq!(found("\"\"").len(), 3);
    assert_eq!(found("ERROR"), ["[ERROR"]);
    assert_eq!(found("error"), Vec::<String>::new());
    assert_eq!(found("REQUEST ERROR"), ["[ERROR"]);
    assert_eq!(found("ERROR FOUND"), Vec::<String>::new());
}

#[test]
fn a_phrase_in_quotes_is_one_term() {
    assert_eq!(found("\"NOT FOUND: no\""), ["[WARN"]);
    assert_eq!(found("\"[ERROR\""), ["[ERROR"]);
    assert_eq!(found("\"FOUND NOT\""), Vec::<String>::new());
}

#[test]
fn terms_can_be_left_out_or_be_optional() {
    assert_eq!(found("-ERROR"), ["[WARN", "ERRORS:"]);
    assert_eq!(found("?ERROR ?WARN"), ["[ERROR", "[WARN"]);
    assert_eq!(found("?ERROR ?WARN FOUND"), ["[WARN"]);
}

#[test]
fn patterns_that_cannot_be_read_are_refused() {
    let mut world = with(&["g"]);
    for pattern in ["a:b", "\"a", "{ $.a = 1 }", "[a, b]", "%a%"] {
        let asked = json!({ "logGroupName": "g", "filterPattern": pattern });
        let refusal = refused(&mut world, "FilterLogEvents", asked);
        assert_eq!(refusal.code, "InvalidParameterException", "{pattern}");
    }
}
