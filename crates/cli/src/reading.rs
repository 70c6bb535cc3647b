//! Reading a stack: its files, the variables in them, and everything that is wrong with it.

use crate::{arguments::Common, failure::Failure, render, written};
use setpoint_check::{check, check_besides, dockerfile};
use setpoint_image::{Context, ContextError};
use setpoint_spec::{Code, File, Problem, Severity, Source, Stack, Variables, source::offset};
use std::{collections::BTreeMap, fs, io::Read, path::Path};

/// What came of reading a stack.
pub(crate) struct Reading {
    /// Its files, without what is not to be shown.
    pub(crate) files: Vec<File>,
    /// The text, if it is YAML.
    pub(crate) source: Option<Source>,
    /// The stack, if it could be understood.
    pub(crate) stack: Option<Stack>,
    /// Everything that is wrong with it, in order.
    pub(crate) problems: Vec<Problem>,
}

/// Reads a stack and checks it.
pub(crate) fn read(common: &Common) -> Result<Reading, Failure> {
    let file = |path: &std::path::PathBuf| {
        Ok(File {
            name: path.display().to_string(),
            text: read_text(path)?,
        })
    };
    let files: Vec<File> = common
        .file
        .iter()
        .map(file)
        .collect::<Result<_, Failure>>()?;
    let variables = Variables {
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        given: given(common)?,
    };
    let mut reading = Reading {
        files: files.clone(),
        source: None,
        stack: None,
        problems: Vec::new(),
    };
    let base = common.base();
    let source = match Source::assemble(files, &variables) {
        Ok(source) => source,
        Err(problems) => {
            reading.problems = problems;
            return Ok(reading);
        }
    };
    match Stack::of(&source) {
        Ok(stack) => {
            reading.problems = check(&source);
            reading.problems.extend(contexts(&source, &stack, &base));
            reading
                .problems
                .extend(written::problems(&source, &stack, &base));
            reading.problems.sort();
            reading.stack = Some(stack);
        }
        Err(problems) => {
            let more = check_besides(&source, &problems);
            reading.problems = problems;
            reading.problems.extend(more);
            reading.problems.sort();
        }
    }
    reading.files = masked(&reading.files, &reading.problems);
    reading.source = Some(source);
    Ok(reading)
}

/// What is wrong with the folders that images are built from.
fn contexts(source: &Source, stack: &Stack, base: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, image) in stack.images() {
        let recipe = &image.recipe;
        match Context::read(&base.join(&recipe.context), &recipe.dockerfile) {
            Ok(context) => {
                // Its time to be unreadable is when it is digested.
                let text = fs::read(&context.dockerfile).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                problems.extend(dockerfile(source, name, &recipe.dockerfile, &text));
            }
            Err(err) => problems.push(of_context(source, name, &err)),
        }
    }
    problems
}

fn of_context(source: &Source, image: &str, err: &ContextError) -> Problem {
    let member = match err {
        ContextError::NoDockerfile(_) => "dockerfile",
        _ => "context",
    };
    let within = |member: &str| ["images".into(), image.into(), member.into()];
    // A Dockerfile that is not named is looked for in the context.
    let is_written = source.value["images"][image].get(member).is_some();
    let span = source.span(&within(if is_written { member } else { "context" }));
    Problem::error(Code::VALUE, span, err.to_string())
}

/// The digest of what each image would be built from now, filled into the stack.
fn digest(stack: &mut Stack, source: &Source, base: &Path) -> Vec<Problem> {
    let images = stack.images().clone();
    let mut problems = Vec::new();
    for (name, image) in images {
        match setpoint_image::read(base, &image) {
            Ok((_, content)) => stack.set_content(&name, content),
            Err(err) => problems.push(of_context(source, &name, &err)),
        }
    }
    problems
}

/// What a stack is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// To make what it says: nothing in it may be known not to work.
    Make,
    /// To know what is its own.
    Remove,
}

/// A stack that may be used, and what it was read from.
#[derive(Debug)]
pub(crate) struct Usable {
    pub(crate) stack: Stack,
    pub(crate) source: Source,
    /// Its files, without what is not to be shown.
    pub(crate) files: Vec<File>,
}

/// A stack that may be used so. Its warnings are told.
pub(crate) fn read_stack(common: &Common, how: Use) -> Result<Usable, Failure> {
    let mut reading = read(common)?;
    if let (Use::Make, Some(stack), Some(source)) = (how, &mut reading.stack, &reading.source)
        && !reading
            .problems
            .iter()
            .any(|it| it.severity == Severity::Error)
    {
        reading
            .problems
            .extend(digest(stack, source, &common.base()));
    }
    let is_stopped = how == Use::Make && reading.problems.iter().any(|it| stops(common, it));
    match (reading.stack, reading.source) {
        (Some(stack), Some(source)) if !is_stopped => {
            if how == Use::Make {
                render::warnings(&reading.files, &reading.problems);
            }
            Ok(Usable {
                stack,
                source,
                files: reading.files,
            })
        }
        _ => Err(Failure::Stack {
            path: common.stack().to_owned(),
            files: reading.files,
            problems: reading.problems,
            end: "; nothing was read from AWS",
        }),
    }
}

/// Whether a problem keeps a stack from being made.
pub(crate) fn stops(common: &Common, problem: &Problem) -> bool {
    match problem.severity {
        Severity::Error => true,
        Severity::Warning => common.strict,
        Severity::Note => false,
    }
}

/// The files without what is not to be shown.
fn masked(files: &[File], problems: &[Problem]) -> Vec<File> {
    let mut files = files.to_vec();
    for span in problems.iter().flat_map(|it| &it.hidden) {
        let Some(file) = files.get_mut(span.file) else {
            continue;
        };
        let (from, to) = (offset(&file.text, span.from), offset(&file.text, span.to));
        let hidden = |it: char| if it.is_whitespace() { it } else { '•' };
        let mask: String = file.text[from..to].chars().map(hidden).collect();
        file.text.replace_range(from..to, &mask);
    }
    files
}

/// What the command line and the files that it names say of variables; the command line last.
fn given(common: &Common) -> Result<BTreeMap<String, String>, Failure> {
    let mut given = BTreeMap::new();
    for path in &common.var_file {
        let failure = |why: String| Failure::File {
            path: path.clone(),
            why,
        };
        let text = read_text(path)?;
        let source = Source::read(&text).map_err(|it| {
            let place = it.span.from;
            failure(format!("line {}: {}", place.line, it.message))
        })?;
        let values = source.value.as_object();
        let values = values.ok_or_else(|| failure("it is no map from names to values".into()))?;
        for (name, value) in values {
            let text = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Array(_) | serde_json::Value::Object(_) => {
                    return Err(failure(format!(
                        "`{name}` is a list or a map, and no one value"
                    )));
                }
                value => value.to_string(),
            };
            given.insert(name.clone(), text);
        }
    }
    given.extend(common.var.iter().cloned());
    Ok(given)
}

/// No stack is larger. A larger file was not meant to be one.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

fn read_text(path: &Path) -> Result<String, Failure> {
    let failure = |why: String| Failure::StackFile {
        path: path.to_owned(),
        why,
    };
    let metadata = fs::metadata(path).map_err(|err| match err.kind() {
        std::io::ErrorKind::NotFound => failure("there is no such file".into()),
        _ => failure(err.to_string()),
    })?;
    if !metadata.is_file() {
        return Err(failure("it is not a regular file".into()));
    }
    if metadata.len() > MOST_BYTES {
        return Err(failure("it is larger than 4 MiB, and no stack is".into()));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|err| failure(err.to_string()))?;
    file.take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|err| failure(err.to_string()))?;
    String::from_utf8(bytes).map_err(|err| {
        let before = &err.as_bytes()[..err.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|it| **it == b'\n').count();
        failure(format!("line {line} is not UTF-8"))
    })
}
