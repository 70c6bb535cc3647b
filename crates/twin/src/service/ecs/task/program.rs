//! What a container's process does, as a real image with a shell would do it.
//!
//! A command that ends by itself - `false`, `sleep 5`, `sh -c "sleep 5; exit 1"` - ends; everything
//! else runs and serves. In a health check, everything else succeeds. What `echo` says is in the log.
//! `tail /dev/zero` takes memory until it is killed for it; `sleep infinity` and `tail -f` run and
//! listen to nothing.

use serde_json::Value;
use std::time::Duration;

/// The shortest time in which a process can start and end.
const INSTANT: Duration = Duration::from_millis(200);

/// After how long a container's process ends by itself, and with which code.
pub(super) fn ends(container: &Value) -> Option<(Duration, i64)> {
    let words = command(container);
    let (took, code) = run(&words, None)?;
    Some((took.max(INSTANT), code))
}

/// Whether the process ends when it is told to. The first process of a container gets no signal
/// that it does not ask for, and `sleep` and shells ask for none, unless an init stands before them.
pub(super) fn heeds(container: &Value) -> bool {
    let words = command(container);
    let deaf = ["sleep", "sh", "bash", "ash", "dash", "tail"];
    let first = words.first().map_or("", |it| base(it));
    container["linuxParameters"]["initProcessEnabled"] == true || !deaf.contains(&first)
}

/// Whether the process is killed because it takes more memory than it may.
pub(super) fn exhausts(container: &Value) -> bool {
    ends(container).is_some_and(|(_, code)| code == KILLED)
        && command(container)
            .iter()
            .any(|it| it.contains(GREEDY) || it == "/dev/zero")
}

/// Whether the process listens on the container's ports.
pub(super) fn serves(container: &Value) -> bool {
    let words = command(container);
    let idle = |word: &str| ["sleep", "tail"].contains(&base(word));
    let last = match &words[..] {
        [_, flags, text] if flags.starts_with('-') && flags.ends_with('c') => {
            let commands = split(text);
            let last = commands.last().map(|it| it.1.trim().to_owned());
            let last = last.unwrap_or_default();
            let last = last.strip_prefix("exec ").unwrap_or(&last).to_owned();
            last.split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned()
        }
        words => words.first().cloned().unwrap_or_default(),
    };
    ends(container).is_none() && !idle(&last)
}

/// What a container's process says by `echo`, a line each.
pub(super) fn says(container: &Value) -> Vec<String> {
    let words = command(container);
    let commands = match &words[..] {
        [shell, flags, text]
            if is_shell(shell) && flags.starts_with('-') && flags.ends_with('c') =>
        {
            split(text).into_iter().map(|it| it.1).collect()
        }
        words => vec![words.join(" ")],
    };
    let mut lines = Vec::new();
    for command in commands {
        let command = command.trim();
        if command == "exit" || command.starts_with("exit ") {
            break;
        }
        let said = command.strip_prefix("echo ");
        // Where it goes to standard error, it goes to the log as well.
        let said = said.map(|it| it.trim_end_matches(">&2").trim().trim_matches(['"', '\'']));
        lines.extend(said.map(str::to_owned));
    }
    lines
}

fn is_shell(word: &str) -> bool {
    ["sh", "bash", "ash", "dash"].contains(&base(word))
}

/// A command that takes memory for ever, and the code of who is killed for it, after how long.
const GREEDY: &str = "tail /dev/zero";
const KILLED: i64 = 137;
const FILLED: Duration = Duration::from_secs(3);

/// What a container writes to its log when it starts.
pub(super) fn greeting(container: &Value) -> Vec<String> {
    let name = container["name"].as_str().unwrap_or_default();
    let ports = container["portMappings"].as_array().into_iter().flatten();
    let mut lines = vec![format!("{name} started")];
    if serves(container) {
        lines.extend(ports.map(|it| format!("listening on port {}", it["containerPort"])));
    }
    lines
}

/// Whether a container has a health check.
pub(super) fn is_checked(container: &Value) -> bool {
    check(container).is_some()
}

fn check(container: &Value) -> Option<Vec<String>> {
    let words = texts(&container["healthCheck"]["command"]);
    match words.first().map(String::as_str) {
        None | Some("NONE") => None,
        Some("CMD") => Some(words[1..].to_vec()),
        Some("CMD-SHELL") => Some(vec!["sh".into(), "-c".into(), words[1..].join(" ")]),
        Some(_) => Some(vec!["sh".into(), "-c".into(), words.join(" ")]),
    }
}

/// When a container's health check has its first result that counts, and which.
///
/// The first check is made one interval after the start. What fails in the start period does not
/// count; after that, `retries` failures in a row do.
pub(super) fn health(container: &Value) -> Option<(Duration, &'static str)> {
    let words = check(container)?;
    let settings = &container["healthCheck"];
    let seconds = |member: &str, default: u64| {
        Duration::from_secs(settings[member].as_u64().unwrap_or(default))
    };
    let interval = seconds("interval", 30).max(Duration::from_secs(1));
    let timeout = seconds("timeout", 5);
    let retries = settings["retries"].as_u64().unwrap_or(3).max(1) as u32;
    // What never ends, never answers.
    let (took, code) = run(&words, Some(0)).unwrap_or((timeout * 2, 0));
    if code == 0 && took <= timeout {
        return Some((interval + took, "HEALTHY"));
    }
    let each = interval + took.min(timeout);
    let mut failures = 0;
    let mut at = Duration::ZERO;
    while failures < retries {
        at += each;
        if at > seconds("startPeriod", 0) {
            failures += 1;
        }
    }
    Some((at, "UNHEALTHY"))
}

fn command(container: &Value) -> Vec<String> {
    let mut words = texts(&container["entryPoint"]);
    words.extend(texts(&container["command"]));
    words
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// How long a command takes and how it ends. What is not known ends at once with `unknown`, or
/// goes on for ever.
fn run(words: &[String], unknown: Option<i64>) -> Option<(Duration, i64)> {
    let at_once = |code: i64| Some((Duration::ZERO, code));
    let (first, rest) = words
        .split_first()
        .or(None)
        .map_or(("", &[][..]), |it| (base(it.0), it.1));
    match first {
        "true" | ":" | "echo" | "printf" | "set" | "export" | "cd" => at_once(0),
        "false" => at_once(1),
        "exit" => at_once(rest.first().and_then(|it| it.parse().ok()).unwrap_or(0)),
        "sleep" => sleep(rest),
        "tail" if rest == ["/dev/zero"] => Some((FILLED, KILLED)),
        "exec" => run(rest, unknown),
        "sh" | "bash" | "ash" | "dash" => match rest {
            [flags, text, ..] if flags.starts_with('-') && flags.ends_with('c') => {
                script(text, unknown)
            }
            _ => unknown.and_then(at_once),
        },
        _ => unknown.and_then(at_once),
    }
}

/// `sleep 5`, `sleep 1.5m`, `sleep infinity`.
fn sleep(words: &[String]) -> Option<(Duration, i64)> {
    let mut total = 0.0;
    for word in words {
        let digits = word.trim_end_matches(['s', 'm', 'h', 'd']);
        let unit = match word.strip_prefix(digits).unwrap_or_default() {
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => 1.0,
        };
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => total += number * unit,
            Ok(_) => return None,
            Err(_) if word.starts_with("inf") => return None,
            Err(_) => return Some((Duration::ZERO, 1)),
        }
    }
    // More than a century is for ever.
    (total < 3.2e9).then(|| (Duration::from_secs_f64(total), 0))
}

/// Runs a script of simple commands with `;`, `&&` and `||` between them.
fn script(text: &str, unknown: Option<i64>) -> Option<(Duration, i64)> {
    let mut took = Duration::ZERO;
    let mut code = 0;
    for (joint, command) in split(text) {
        let skipped = match joint {
            Joint::Always => false,
            Joint::IfGood => code != 0,
            Joint::IfBad => code == 0,
        };
        let words: Vec<String> = command
            .split_whitespace()
            .map(|it| it.trim_matches(['"', '\'']).to_owned())
            .collect();
        if skipped || words.is_empty() {
            continue;
        }
        if words[0] == "exit" {
            let written = words.get(1).and_then(|it| it.parse().ok());
            return Some((took, written.unwrap_or(code)));
        }
        let (time, ended) = run(&words, unknown)?;
        took += time;
        code = ended;
        if words[0] == "exec" {
            break;
        }
    }
    Some((took, code))
}

#[derive(Clone, Copy)]
enum Joint {
    Always,
    IfGood,
    IfBad,
}

/// The commands of a script, each with what stands before it. What is quoted is left whole.
fn split(text: &str) -> Vec<(Joint, String)> {
    let mut commands = Vec::new();
    let mut joint = Joint::Always;
    let mut command = String::new();
    let mut quote = None;
    let mut rest = text.chars().peekable();
    while let Some(it) = rest.next() {
        let next = match (quote, it) {
            (Some(open), _) if open == it => {
                quote = None;
                None
            }
            (None, '"' | '\'') => {
                quote = Some(it);
                None
            }
            (None, ';' | '\n') => Some(Joint::Always),
            (None, '&') if rest.next_if_eq(&'&').is_some() => Some(Joint::IfGood),
            (None, '|') if rest.next_if_eq(&'|').is_some() => Some(Joint::IfBad),
            _ => None,
        };
        match next {
            Some(next) => {
                commands.push((joint, std::mem::take(&mut command)));
                joint = next;
            }
            None => command.push(it),
        }
    }
    commands.push((joint, command));
    commands
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_command_that_ends_by_itself_ends() {
        let check = |command: Value, expected: Option<(u64, i64)>| {
            let container = json!({"name": "web", "command": command});
            let ends = ends(&container).map(|(took, code)| (took.as_secs(), code));
            assert_eq!(ends, expected, "{command}");
        };
        check(json!(["false"]), Some((0, 1)));
        check(json!(["exit", "3"]), Some((0, 3)));
        check(json!(["/bin/sh", "-c", "exit 1"]), Some((0, 1)));
        check(json!(["sleep", "5"]), Some((5, 0)));
        check(json!(["sh", "-c", "sleep 5; exit 1"]), Some((5, 1)));
        check(
            json!(["sh", "-ec", "sleep 1m && false || exit 7"]),
            Some((60, 7)),
        );
        check(
            json!(["sh", "-c", "echo 'a; exit 1'; nginx -g 'daemon off;'"]),
            None,
        );
        check(json!(["sleep", "infinity"]), None);
        check(json!(["nginx"]), None);
        check(json!(null), None);
    }

    #[test]
    fn what_echo_says_before_the_end_is_said() {
        let check = |text: &str, expected: &[&str]| {
            let container = json!({"name": "web", "command": ["sh", "-c", text]});
            assert_eq!(says(&container), expected, "{text}");
        };
        check("echo no database; exit 3; echo never", &["no database"]);
        check("echo 'one; two' >&2 && sleep 3 && false", &["one; two"]);
        check("nginx", &[]);
    }

    #[test]
    fn what_takes_memory_for_ever_is_killed_for_it() {
        let shell = json!({"name": "web", "command": ["sh", "-c", "echo fill; tail /dev/zero"]});
        assert_eq!(ends(&shell), Some((FILLED, KILLED)));
        assert!(exhausts(&shell));
        let plain = json!({"name": "web", "command": ["tail", "/dev/zero"]});
        assert!(exhausts(&plain));
        assert!(!exhausts(
            &json!({"name": "web", "command": ["sh", "-c", "exit 137"]})
        ));
    }

    #[test]
    fn a_process_that_sleeps_listens_to_nothing() {
        let serves = |command: Value| serves(&json!({"name": "web", "command": command}));
        assert!(serves(json!(null)) && serves(json!(["nginx"])));
        assert!(serves(json!(["sh", "-c", "sleep 5; exec nginx"])));
        assert!(!serves(json!(["sleep", "infinity"])));
        assert!(!serves(json!([
            "sh",
            "-c",
            "echo up; exec tail -f /dev/null"
        ])));
        assert!(!serves(json!(["false"])));
    }

    #[test]
    fn an_entry_point_stands_before_the_command() {
        let container = json!({"entryPoint": ["sh", "-c"], "command": ["sleep 2; exit 9"]});
        assert_eq!(ends(&container), Some((Duration::from_secs(2), 9)));
        let wrapped = json!({"entryPoint": ["/start.sh"], "command": ["false"]});
        assert_eq!(ends(&wrapped), None);
    }

    #[test]
    fn a_health_check_fails_by_its_command_and_its_timeout() {
        let check = |health: Value, expected: Option<(u64, &'static str)>| {
            let container = json!({"name": "web", "healthCheck": health});
            let health = super::health(&container).map(|(at, what)| (at.as_secs(), what));
            assert_eq!(health, expected);
        };
        check(
            json!({"command": ["CMD-SHELL", "curl -f http://localhost/ || exit 1"]}),
            Some((30, "HEALTHY")),
        );
        check(
            json!({"command": ["CMD-SHELL", "exit 1"]}),
            Some((90, "UNHEALTHY")),
        );
        check(
            json!({"command": ["CMD", "false"], "interval": 5, "retries": 2, "startPeriod": 20}),
            Some((30, "UNHEALTHY")),
        );
        check(
            json!({"command": ["CMD", "sleep", "9"], "interval": 10, "retries": 1}),
            Some((15, "UNHEALTHY")),
        );
        check(
            json!({"command": ["CMD", "sleep", "2"], "interval": 10, "retries": 1}),
            Some((12, "HEALTHY")),
        );
        check(json!({"command": ["NONE"]}), None);
    }
}
