//! `setpoint validate` and `setpoint explain`: problems for readers and for programs, offline.

use serde_json::{Value, json};
use setpoint_tests::{Setpoint, Stack};

const WRONG: &str = "name: x
repositoris: {}
logGroups:
  a: { retention: 3 }
  b: { retentionInDays: 15 }
";

/// A place from which nothing answers, with a stack.
fn place(stack: &str) -> Setpoint {
    let place = Setpoint::at("http://127.0.0.1:1");
    place.write("stack.yaml", stack);
    place
}

#[test]
fn the_shipped_stack_is_valid() {
    let stack = Stack::flash_sale();
    let outcome = place(&stack.to_string()).run(&["validate", "--strict"]);
    let outcome = outcome.exits(0);
    assert!(
        outcome
            .stdout
            .contains("stack.yaml is valid: the stack flash-sale")
    );
    assert_eq!(outcome.stderr, "");
}

#[test]
fn every_problem_is_shown_at_its_place_with_its_fix() {
    let outcome = place(WRONG).run(&["validate"]).exits(1);
    assert_eq!(outcome.stdout, "");
    let expected = "error[SP003]: unknown section `repositoris`
 --> stack.yaml:2:1
  |
2 | repositoris: {}
  | ^^^^^^^^^^^
  |
  = help: did you mean `repositories`?
fix: write `repositories`
  |
2 | repositories: {}
  |           +

error[SP003]: unknown key `retention`
 --> stack.yaml:4:8
  |
4 |   a: { retention: 3 }
  |        ^^^^^^^^^
  |
  = help: known here: retentionInDays, logGroupClass, kmsKeyId, tags

error[SP005]: CloudWatch Logs keeps no events for 15 days
 --> stack.yaml:5:25
  |
5 |   b: { retentionInDays: 15 }
  |                         ^^
  |
  = help: the nearest it takes is 14

3 errors in stack.yaml. More on each: setpoint explain SP003
";
    assert_eq!(outcome.stderr, expected);
}

#[test]
fn problems_are_told_to_programs_with_edits_that_mend_them() {
    let outcome = place(WRONG).run(&["validate", "--json"]).exits(1);
    assert_eq!(outcome.stderr, "");
    let told = outcome.json();
    assert_eq!((&told["version"], &told["errors"]), (&json!(1), &json!(3)));
    let first = &told["problems"][0];
    assert_eq!(first["code"], "SP003");
    assert_eq!(first["from"], json!({"line": 2, "column": 1}));
    let edit = &first["fixes"][0]["edits"][0];
    assert_eq!(edit["text"], "repositories");
    let column = |end: &str| edit[end]["column"].as_u64().unwrap() as usize - 1;
    let mut lines: Vec<String> = WRONG.lines().map(str::to_owned).collect();
    lines[1].replace_range(column("from")..column("to"), "repositories");
    let mended = place(&lines.join("\n")).run(&["validate", "--json"]);
    assert_eq!(mended.exits(1).json()["errors"], 2);
}

#[test]
fn problems_are_told_to_code_hosts() {
    let outcome = place(WRONG).run(&["validate", "--sarif"]).exits(1);
    let sarif = outcome.json();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let codes = |list: &Value, member: &str| -> Vec<String> {
        let items = list.as_array().unwrap().iter();
        items
            .map(|it| it[member].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        codes(&run["tool"]["driver"]["rules"], "id"),
        ["SP003", "SP005"]
    );
    assert_eq!(
        codes(&run["results"], "ruleId"),
        ["SP003", "SP003", "SP005"]
    );
    let place = &run["results"][2]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "stack.yaml");
    assert_eq!(
        place["region"],
        json!({"startLine": 5, "startColumn": 25, "endLine": 5, "endColumn": 27})
    );
}

#[test]
fn a_code_is_explained_and_an_unknown_one_is_not() {
    let place = place(WRONG);
    let page = place.run(&["explain", "sp003"]).exits(0).stdout;
    assert!(page.starts_with("# SP003: "), "{page}");
    let all = place.run(&["explain"]).exits(0).stdout;
    assert!(all.lines().count() > 10 && all.contains("SP003: "), "{all}");
    let unknown = place.run(&["explain", "SP999"]).exits(1);
    assert!(unknown.stderr.contains("no problem has the code SP999"));
}

#[test]
fn a_line_of_pasted_json_is_shown_around_the_place_and_no_further() {
    let value = "x".repeat(2000);
    let containers =
        format!(r#"[{{"name": "web", "image": "nginx:1", "user": "{value}", "memori": 64}}]"#);
    let text =
        format!("name: x\ntaskDefinitions:\n  web: {{ containerDefinitions: {containers} }}\n");
    let outcome = place(&text).run(&["validate"]).exits(1);
    assert!(
        outcome.stderr.contains("fix: write `memory`"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .stderr
            .contains("from 3:2081 to 3:2089, write \"memory\""),
        "{}",
        outcome.stderr
    );
    let longest = outcome.stderr.lines().map(|it| it.chars().count()).max();
    assert!(longest <= Some(120), "{longest:?}\n{}", outcome.stderr);
}
