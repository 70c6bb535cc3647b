//! What a reader sees. Nothing else writes to the terminal, uses colour or speaks JSON to a reader.
//!
//! Data goes to standard output, words to standard error. Everything reads well without colour.

mod diagnostics;
pub mod documents;
mod findings;
mod images;
mod json;
mod live;
mod load;
mod logs;
mod narrator;
mod observed;
mod paint;
mod plan;
mod problem;
mod progress;
mod rehearsal;
mod screen;
mod value;

pub(crate) use findings::{findings, findings_as_json};
pub(crate) use images::{built, images, images_as_json, pushed};
pub(crate) use load::{LiveLoad, load, relay, runners};
pub(crate) use logs::{LogLines, log_events_as_json, log_gaps, no_lines, no_tasks};
pub(crate) use narrator::Narrator;
pub(crate) use observed::{
    absent, endpoints, endpoints_as_json, gaps, happenings, happenings_as_json, nobody_serves,
    status, status_as_json,
};
pub(crate) use progress::Progress;
pub(crate) use rehearsal::{Story, rehearsed, restoring};
pub(crate) use screen::{Screen, Wish, is_terminal};

use crate::{failure::Failure, preflight::Preflight, session::Session};
use paint::Paint;
use setpoint_core::Address;
use setpoint_spec::{File, Problem, Severity};
use std::{
    collections::BTreeSet,
    io::{self, IsTerminal, Write},
    net::SocketAddr,
    path::Path,
};

/// Shows a plan.
pub(crate) fn plan(session: &Session) -> Result<(), Failure> {
    let text = plan::text(session, &Paint::of(&io::stdout()));
    raw(text.as_bytes())
}

/// Prints a plan for programs.
pub(crate) fn plan_as_json(session: &Session, found: &Preflight) -> Result<(), Failure> {
    raw(json::plan(session, found).as_bytes())
}

/// Says what could not be asked before a plan is carried out.
pub(crate) fn not_checked(reasons: &[String]) {
    let paint = Paint::of(&io::stderr());
    let line = |it: &String| format!("{} {it}\n", paint.change("not checked:"));
    words(&reasons.iter().map(line).collect::<String>());
}

/// Prints a stack whose variables are filled in.
pub(crate) fn resolved(stack: &serde_json::Value) -> Result<(), Failure> {
    raw(format!("{}\n", value::yaml(stack)).as_bytes())
}

/// Prints a document for programs.
pub(crate) fn document(document: &serde_json::Value) -> Result<(), Failure> {
    raw(format!("{document:#}\n").as_bytes())
}

/// Says that a stack is valid.
pub(crate) fn valid(path: &Path, name: &str, resources: usize) -> Result<(), Failure> {
    let path = path.display();
    raw(format!("{path} is valid: the stack {name}, {resources} resources.\n").as_bytes())
}

/// Says which repositories are kept.
pub(crate) fn kept(kept: &BTreeSet<Address>) -> Result<(), Failure> {
    let mut text = String::new();
    for address in kept {
        text +=
            &format!("Kept: {address} holds images; --empty-repositories deletes it with them.\n");
    }
    raw(text.as_bytes())
}

/// Says that the sandbox is forgotten.
pub(crate) fn reset(folder: &Path, was_there: bool) -> Result<(), Failure> {
    let folder = folder.display();
    let text = match was_there {
        true => format!("The sandbox in {folder} is forgotten.\n"),
        false => format!("There is no sandbox in {folder}.\n"),
    };
    raw(text.as_bytes())
}

/// Says where the sandbox is served, as a shell wants it.
pub(crate) fn serving(address: SocketAddr, region: &str, speed: f64) -> Result<(), Failure> {
    words(&format!(
        "An AWS in memory, in {region}, {speed} times as fast as ours. Ctrl-C ends it.\n"
    ));
    let text = format!(
        "export AWS_ENDPOINT_URL=http://{address} AWS_REGION={region} \
         AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID=sandbox AWS_SECRET_ACCESS_KEY=secret\n"
    );
    raw(text.as_bytes())
}

/// Shows what ECS last said of a service.
pub(crate) fn event(text: &str) -> Result<(), Failure> {
    raw(format!("\n{text}\n").as_bytes())
}

/// Shows what an address answered.
pub(crate) fn visited(address: SocketAddr, status: u16, page: &str) -> Result<(), Failure> {
    let title = page
        .split_once("<title>")
        .and_then(|it| it.1.split_once("</title>"));
    let title = title.map_or_else(
        || page.lines().next().unwrap_or_default(),
        |(title, _)| title.trim(),
    );
    raw(format!("http://{address}/ answers {status}: {title}\n\n").as_bytes())
}

/// Writes to standard output. A reader who has left, as `head` does, is no failure.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Writes to standard error, beside what is for programs.
pub(crate) fn aside(text: &str) {
    words(text);
}

/// Asks on the terminal, and goes on only if the answer is one of `good`.
pub(crate) async fn ask(question: &str, good: &[&str]) -> Result<(), Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::NobodyToAsk);
    }
    {
        let mut err = io::stderr().lock();
        write!(err, "{question}")?;
        err.flush()?;
    }
    let read = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    let answer = match read.await {
        Ok(answer) => answer?,
        Err(_) => String::new(),
    };
    match good.iter().any(|it| it.eq_ignore_ascii_case(answer.trim())) {
        true => Ok(()),
        false => Err(Failure::Declined),
    }
}

/// Tells why a command failed.
pub(crate) fn failure(failure: &Failure) {
    let paint = Paint::of(&io::stderr());
    let mut text = String::new();
    match failure {
        Failure::Stack {
            path,
            files,
            problems,
            end,
        } => text += &told(files, problems, path, end, &paint),
        failure => {
            text += &format!("{} {failure}\n", paint.bad("error:"));
            if let Some(hint) = failure.hint() {
                text += &format!("\n{hint}\n");
            }
        }
    }
    words(&text);
}

/// Tells every problem of a stack, and how many there are.
pub(crate) fn problems(files: &[File], problems: &[Problem], path: &Path) {
    words(&told(files, problems, path, "", &Paint::of(&io::stderr())));
}

/// Tells the warnings of a stack that is used all the same, a line for each.
pub(crate) fn warnings(files: &[File], problems: &[Problem]) {
    let paint = Paint::of(&io::stderr());
    let warnings = problems
        .iter()
        .filter(|it| it.severity == Severity::Warning);
    let mut text = String::new();
    for it in warnings {
        let place = format!("{}:{}", files[it.span.file].name, it.span.from);
        let head = paint.change(&format!("warning[{}]:", it.code));
        text += &format!("{head} {} ({place})\n", it.message);
    }
    if !text.is_empty() {
        words(&(text + "`setpoint validate` says why, and what to write instead.\n\n"));
    }
}

fn told(files: &[File], problems: &[Problem], path: &Path, end: &str, paint: &Paint) -> String {
    let all = problems.iter().map(|it| problem::text(files, it, paint));
    let mut text: String = all.collect();
    let mut counts = Vec::new();
    for (severity, word) in [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ] {
        match problems.iter().filter(|it| it.severity == severity).count() {
            0 => {}
            1 => counts.push(format!("1 {word}")),
            count => counts.push(format!("{count} {word}s")),
        }
    }
    text += &format!("{} in {}{end}.", counts.join(", "), path.display());
    if let Some(first) = problems.first() {
        text += &format!(" More on each: setpoint explain {}\n", first.code);
    }
    text
}

/// Prints the problems of a stack for programs.
pub(crate) fn problems_as_json(files: &[File], problems: &[Problem]) -> Result<(), Failure> {
    raw(diagnostics::json(files, problems).as_bytes())
}

/// Prints the problems of a stack for code hosts.
pub(crate) fn problems_as_sarif(files: &[File], problems: &[Problem]) -> Result<(), Failure> {
    raw(diagnostics::sarif(files, problems).as_bytes())
}

/// Says that the first interrupt was heard.
pub(crate) fn stopping() {
    let text = "Stopping: nothing more is begun; calls on their way are heard out. Again to leave.";
    match live::are_there() {
        true => {
            if io::stdin().is_terminal() {
                // The terminal has shown ^C below the live lines, which are taken away from their last one up.
                words("\r\u{1b}[2K\u{1b}[A");
            }
            live::above(|| words(&format!("{text}\n")));
        }
        false => words(&format!("\n{text}\n")),
    }
}

/// Writes words to standard error. Nothing can be done if nobody listens.
fn words(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Sets up the log that `-v` asks for.
pub(crate) fn log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "setpoint=debug",
        _ => "setpoint=trace,aws_config=debug,aws_runtime=debug",
    };
    let filter = tracing_subscriber::EnvFilter::new(
        ["setpoint", "setpoint_aws", "setpoint_core"]
            .map(|it| level.replace("setpoint=", &format!("{it}=")))
            .join(","),
    );
    let format = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(Paint::of(&io::stderr()).is_coloured());
    format.init();
}
