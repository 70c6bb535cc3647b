//! What containers wrote to CloudWatch Logs.

use crate::{
    Picture,
    picture::{Service, Task},
};
use aws_sdk_cloudwatchlogs::Client;
use setpoint_aws::Aws;
use std::{cmp::Reverse, collections::BTreeMap};

/// How many tasks that ended are asked about, and how many lines of each container.
const TASKS: usize = 2;
const LINES: i32 = 20;

/// The last lines of the containers of the tasks of a service that stopped last, by
/// `<task id>/<container>`, oldest first, without control characters. What cannot be read is left
/// out: it only adds words to what is known.
pub async fn last_lines(
    aws: &Aws,
    picture: &Picture,
    service: &Service,
) -> BTreeMap<String, Vec<String>> {
    let client = Client::new(aws.config());
    let mut tasks: Vec<&Task> = picture
        .tasks_of(service)
        .filter(|it| it.desired_status == "STOPPED" && it.started_at.is_some())
        .collect();
    tasks.sort_by_key(|it| Reverse(it.created_at));
    let mut lines = BTreeMap::new();
    for task in tasks.into_iter().take(TASKS) {
        for (container, group, stream) in streams(picture, task) {
            let call = || {
                let call = client.get_log_events().log_group_name(&group);
                call.log_stream_name(&stream).limit(LINES).send()
            };
            if let Ok(page) = aws.call("logs:GetLogEvents", call).await {
                let texts = page.events().iter().filter_map(|it| it.message());
                let key = format!("{}/{container}", task.id());
                lines.insert(key, texts.map(plain).collect());
            }
        }
    }
    lines
}

/// The containers of a task that log to CloudWatch under a prefix, with their groups and streams.
pub(crate) fn streams(picture: &Picture, task: &Task) -> Vec<(String, String, String)> {
    let family = |arn: &str| arn.rsplit_once(':').map(|it| it.0.to_owned());
    let of_family = || {
        let mut all = picture.definitions.iter();
        let found = all.find(|(arn, _)| family(arn) == family(&task.task_definition_arn));
        found.map(|it| it.1)
    };
    // A revision that was rolled back is not among those that run; where it logs seldom changes.
    let definition = picture.definitions.get(&task.task_definition_arn);
    let definition = definition.or_else(of_family);
    let containers = definition.and_then(|it| it["containerDefinitions"].as_array());
    let stream = |it: &serde_json::Value| {
        let log = &it["logConfiguration"];
        let name = it["name"].as_str()?;
        let group = log["options"]["awslogs-group"].as_str()?;
        let prefix = log["options"]["awslogs-stream-prefix"].as_str()?;
        let stream = format!("{prefix}/{name}/{}", task.id());
        (log["logDriver"] == "awslogs").then(|| (name.to_owned(), group.to_owned(), stream))
    };
    let containers = containers.into_iter().flatten();
    containers.filter_map(stream).collect()
}

/// A line without what would move a terminal's cursor or change its colours: control characters,
/// and the escape sequences that begin with them.
fn plain(text: &str) -> String {
    let mut kept = String::new();
    let mut letters = text.chars().peekable();
    while let Some(it) = letters.next() {
        match it {
            '\u{1b}' if letters.next_if_eq(&'[').is_some() => {
                // A control sequence ends with its first letter.
                while letters.next_if(|it| !('@'..='~').contains(it)).is_some() {}
                letters.next();
            }
            '\u{1b}' if letters.next_if_eq(&']').is_some() => {
                // A command to the system ends with a bell or an escape.
                while letters
                    .next_if(|it| !['\u{7}', '\u{1b}'].contains(it))
                    .is_some()
                {}
            }
            '\t' => kept.push(it),
            it if it.is_control() || ('\u{202a}'..='\u{202e}').contains(&it) => {}
            it => kept.push(it),
        }
    }
    kept
}

/// A command that shows the log of a container, or of the first of the task's that has one.
pub(crate) fn tail(picture: &Picture, task: &Task, container: Option<&str>) -> Option<String> {
    let mut streams = streams(picture, task).into_iter();
    let (_, group, stream) = streams.find(|it| container.is_none_or(|name| it.0 == name))?;
    Some(format!(
        "aws logs tail {group} --since 1d --log-stream-names {stream}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_container_writes_cannot_steer_a_terminal() {
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m\r\n"), "red");
        assert_eq!(plain("\u{1b}]0;title\u{7}text\u{8}"), "text");
        assert_eq!(plain("a\tb\u{9b}2Jc\u{202e}d"), "a\tb2Jcd");
        assert_eq!(plain("\u{1b}[31"), "");
    }
}
