//! What containers wrote to CloudWatch Logs.

mod plain;
mod source;
mod tail;

pub use source::{Gap, Named, Source, Sources, named, of_gone, of_services, of_task};
pub use tail::{LATE, LogEvent, Tail};

use crate::{
    Part, Picture,
    picture::{Service, Task},
    words::short,
};
use aws_sdk_cloudwatchlogs::Client;
use plain::plain;
use setpoint_aws::Aws;
use std::{cmp::Reverse, collections::BTreeMap};

/// What is looked at to find the streams of services.
pub const PARTS: [Part; 3] = [Part::Definitions, Part::Tasks, Part::StoppedTasks];

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
        for Source {
            container,
            group,
            prefix: stream,
            ..
        } in of_task(picture, task, None).read
        {
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

/// A command that shows the log of a task, if CloudWatch has it.
pub(crate) fn command(picture: &Picture, task: &Task) -> Option<String> {
    let is_there = !of_task(picture, task, None).read.is_empty();
    is_there.then(|| format!("setpoint logs {}", short(task.id())))
}
