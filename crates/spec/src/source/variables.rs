//! `${env.NAME}` and `${var.name}` in a stack's texts.

use super::node::{Entry, Holds, Node};
use crate::problem::{Code, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// What variables stand for. Nothing is ever executed, and what a variable stands for is never read
/// as YAML: it is one value, whatever is in it.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// The environment, for `${env.NAME}`.
    pub environment: BTreeMap<String, String>,
    /// What was said on the command line, for `${var.name}`, over what `vars:` says.
    pub given: BTreeMap<String, String>,
}

/// Takes `vars:` out of the root, and puts the variables' values into every text but keys.
pub(super) fn fill(root: &mut Node, variables: &Variables) -> Vec<Problem> {
    let mut problems = Vec::new();
    let declared = declared(root, variables, &mut problems);
    let names: BTreeSet<&str> = declared.keys().map(String::as_str).collect();
    for name in variables
        .given
        .keys()
        .filter(|it| !names.contains(it.as_str()))
    {
        let message = format!("the variable `{name}` is given, and `vars:` declares no such");
        let problem = Problem::error(Code::UNKNOWN, root.span, message);
        problems.push(match near(name, &names) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem.hint(format!("declare it: `vars: {{ {name}: <its default> }}`")),
        });
    }
    let lookup = Lookup {
        environment: &variables.environment,
        vars: &declared,
    };
    lookup.fill(root, &mut problems);
    problems
}

fn declared(
    root: &mut Node,
    variables: &Variables,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let Holds::Map { entries, .. } = &mut root.holds else {
        return BTreeMap::new();
    };
    let Some(at) = entries.iter().position(|it| it.key.text() == "vars") else {
        return BTreeMap::new();
    };
    let mut vars = entries.remove(at).value;
    let environment = Lookup {
        environment: &variables.environment,
        vars: &BTreeMap::new(),
    };
    let mut declared = BTreeMap::new();
    match &mut vars.holds {
        Holds::Map { entries, .. } => {
            for Entry { key, value } in entries {
                let given = variables.given.get(key.text());
                if given.is_none() {
                    environment.fill(value, problems);
                }
                match (given, &value.holds) {
                    (Some(given), _) => {
                        declared.insert(key.text().to_owned(), given.clone());
                    }
                    (None, Holds::Scalar { text, .. }) => {
                        declared.insert(key.text().to_owned(), text.clone());
                    }
                    (None, _) => problems.push(Problem::error(
                        Code::TYPE,
                        value.span,
                        "a variable stands for one text, number or word",
                    )),
                }
            }
        }
        Holds::Scalar { text, plain: true } if text.is_empty() => {}
        _ => problems.push(Problem::error(
            Code::TYPE,
            vars.span,
            "`vars` is a map from names to what they stand for",
        )),
    }
    declared
}

struct Lookup<'a> {
    environment: &'a BTreeMap<String, String>,
    vars: &'a BTreeMap<String, String>,
}

impl Lookup<'_> {
    fn fill(&self, node: &mut Node, problems: &mut Vec<Problem>) {
        let span = node.span;
        match &mut node.holds {
            Holds::Scalar { text, .. } if text.contains("${") => match self.filled(text) {
                Ok(filled) => *text = filled,
                Err(Unset { message, hint }) => {
                    problems.push(Problem::error(Code::UNSET, span, message).hint(hint));
                }
            },
            Holds::Scalar { .. } => {}
            Holds::List { items, .. } => items.iter_mut().for_each(|it| self.fill(it, problems)),
            Holds::Map { entries, .. } => {
                let values = entries.iter_mut().map(|it| &mut it.value);
                values.for_each(|it| self.fill(it, problems));
            }
        }
    }

    /// A text with its variables' values. `$${env.NAME}` stands for itself without the first `$`;
    /// any other `${…}` is none of ours.
    fn filled(&self, text: &str) -> Result<String, Unset> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, found) = rest.split_at(at);
            let inner = &found[2..];
            let is_ours = inner.starts_with("env.") || inner.starts_with("var.");
            let end = inner.find('}').filter(|_| is_ours);
            match (end, before.strip_suffix('$')) {
                (None, _) => {
                    filled += &rest[..at + 2];
                    rest = inner;
                }
                (Some(end), Some(before)) => {
                    filled += before;
                    filled += &found[..end + 3];
                    rest = &inner[end + 1..];
                }
                (Some(end), None) => {
                    filled += before;
                    filled += &self.value(&inner[..end])?;
                    rest = &inner[end + 1..];
                }
            }
        }
        Ok(filled + rest)
    }

    /// The value of `env.NAME`, `env.NAME:-default`, or the same of `var`.
    fn value(&self, inner: &str) -> Result<String, Unset> {
        let (kind, rest) = inner.split_at(4);
        let (name, default) = match rest.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (rest, None),
        };
        let values = if kind == "env." {
            self.environment
        } else {
            self.vars
        };
        // As in a shell, what is empty is not set if there is a default.
        let found = values
            .get(name)
            .filter(|it| default.is_none() || !it.is_empty());
        match found.map(String::as_str).or(default) {
            Some(value) => Ok(value.to_owned()),
            None if kind == "env." => Err(Unset {
                message: format!("the environment variable `{name}` is not set"),
                hint: format!("set it, or write `${{env.{name}:-<default>}}`"),
            }),
            None => {
                let names = self.vars.keys().map(String::as_str).collect();
                Err(Unset {
                    message: format!("there is no variable `{name}`"),
                    hint: match near(name, &names) {
                        Some(near) => format!("did you mean `${{var.{near}}}`?"),
                        None => format!("declare it: `vars: {{ {name}: <its default> }}`"),
                    },
                })
            }
        }
    }
}

struct Unset {
    message: String,
    hint: String,
}

fn near<'a>(name: &str, names: &BTreeSet<&'a str>) -> Option<&'a str> {
    let distance = |it: &str| strsim::damerau_levenshtein(name, it);
    let nearest = names.iter().copied().min_by_key(|it| distance(it))?;
    (distance(nearest) <= 2).then_some(nearest)
}
