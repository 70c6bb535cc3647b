//! `.dockerignore`: which files of a folder a build does not see.
//!
//! The rules are those of [Docker's reference](https://docs.docker.com/build/concepts/context/#dockerignore-files):
//! one pattern in a line, the last that matches decides, `!` takes back, and what is below a folder
//! that matches is matched.

use regex::Regex;

/// Rules that say which files are left out.
#[derive(Debug, Default)]
pub struct Ignore(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    pattern: Regex,
    takes_back: bool,
}

/// A line that is no pattern.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("line {line}: `{pattern}` is no pattern")]
pub struct IgnoreError {
    /// Its number, from 1.
    pub line: usize,
    /// What it says.
    pub pattern: String,
}

impl Ignore {
    /// Reads the text of a `.dockerignore`.
    pub fn read(text: &str) -> Result<Ignore, IgnoreError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = match line.starts_with('#') {
                true => "",
                false => line.trim(),
            };
            let (takes_back, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            let pattern = clean(pattern);
            if line.is_empty() || pattern.is_empty() {
                continue;
            }
            let compiled = Regex::new(&expression(&pattern)).map_err(|_| IgnoreError {
                line: index + 1,
                pattern,
            })?;
            rules.push(Rule {
                pattern: compiled,
                takes_back,
            });
        }
        Ok(Ignore(rules))
    }

    /// Whether a file is left out: its path from the folder, with `/` between its parts.
    pub fn leaves_out(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at);
        let within: Vec<&str> = ends.chain([path.len()]).map(|it| &path[..it]).collect();
        let mut out = false;
        for rule in &self.0 {
            if within.iter().any(|it| rule.pattern.is_match(it)) {
                out = !rule.takes_back;
            }
        }
        out
    }

    /// Whether something below a folder that is left out may be taken back.
    pub fn takes_back(&self) -> bool {
        self.0.iter().any(|it| it.takes_back)
    }
}

/// The pattern without `.`, `..`, doubled slashes, and slashes at its ends.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Go's `filepath.Match` with `**` for any number of folders, as a regular expression.
fn expression(pattern: &str) -> String {
    let mut expression = String::from("^");
    let mut rest = pattern.chars().peekable();
    while let Some(it) = rest.next() {
        match it {
            '*' if rest.next_if_eq(&'*').is_some() => {
                let _ = rest.next_if_eq(&'/');
                match rest.peek() {
                    None => expression.push_str(".*"),
                    Some(_) => expression.push_str("(.*/)?"),
                }
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '[' | ']' | '-' => expression.push(it),
            '^' if expression.ends_with('[') => expression.push(it),
            '\\' => {
                let escaped = rest.next().unwrap_or('\\');
                expression.push_str(&regex::escape(&escaped.to_string()));
            }
            it => expression.push_str(&regex::escape(&it.to_string())),
        }
    }
    expression.push('$');
    // A newline may be part of a file's name.
    format!("(?s){expression}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(rules: &str, paths: &[&str]) -> Vec<String> {
        let ignore = Ignore::read(rules).expect("these are patterns");
        let out = paths.iter().filter(|it| ignore.leaves_out(it));
        out.map(|it| it.to_string()).collect()
    }

    #[test]
    fn the_examples_of_dockers_reference_match_what_it_says() {
        let paths = [
            "somedir/temporary.txt",
            "temp",
            "somedir/subdir/temporary.txt",
            "tempa",
            "x",
        ];
        assert_eq!(
            left_out("# comment\n*/temp*\n*/*/temp*\ntemp?\n", &paths),
            [
                "somedir/temporary.txt",
                "somedir/subdir/temporary.txt",
                "tempa",
            ]
        );
        let markdown = ["README.md", "README-secret.md", "docs/a.md"];
        assert_eq!(
            left_out("*.md\n!README.md", &markdown),
            ["README-secret.md"]
        );
        assert_eq!(
            left_out("*.md\n!README*.md\nREADME-secret.md", &markdown),
            ["README-secret.md"]
        );
        assert_eq!(
            left_out("*.md\nREADME-secret.md\n!README*.md", &markdown),
            [""; 0]
        );
    }

    #[test]
    fn two_stars_match_any_number_of_folders_and_a_folder_all_that_is_below() {
        assert_eq!(
            left_out("**/*.go", &["a.go", "b/c.go", "b/c/d.go", "b/go"]).len(),
            3
        );
        assert_eq!(
            left_out("/node_modules/", &["node_modules/a/b", "x/node_modules/a"]),
            ["node_modules/a/b"]
        );
        assert_eq!(
            left_out("a/**/z", &["a/z", "a/b/z", "a/b/c/z", "b/z"]).len(),
            3
        );
        assert_eq!(
            left_out("target/**", &["target/x", "target/x/y", "targets"]).len(),
            2
        );
        assert_eq!(left_out("*\n!src", &["src/main.rs", "a/b"]), ["a/b"]);
    }

    #[test]
    fn what_means_something_to_an_expression_only_means_itself() {
        assert_eq!(
            left_out(
                "a.b\n(c)+\n\\*d\n[x-z]1",
                &["a.b", "axb", "(c)+", "*d", "d", "y1"]
            ),
            ["a.b", "(c)+", "*d", "y1"]
        );
    }

    #[test]
    fn a_line_that_is_no_pattern_is_told_with_its_number() {
        let err = Ignore::read("fine\n[").expect_err("a class that is never closed");
        assert_eq!(err.to_string(), "line 2: `[` is no pattern");
    }
}
