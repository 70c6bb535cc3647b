//! What containers wrote, in order of time, and what they write since.

use super::{Gap, Source, plain};
use crate::{Moment, Picture, words::last};
use aws_sdk_cloudwatchlogs::{Client, types::FilteredLogEvent};
use futures::future::try_join_all;
use serde::Serialize;
use setpoint_aws::{Aws, AwsError};
use setpoint_core::{ErrorKind, Result};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

/// How far back following looks again: drivers send lines in batches, and CloudWatch shows them
/// some time later.
pub const LATE: Duration = Duration::from_secs(60);

/// What a container wrote at once: a line, or several if its log driver joins them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEvent {
    /// When, by the instance's clock.
    pub at: Moment,
    /// The service; none where several write to the same streams and ECS shows the task no more.
    pub service: Option<String>,
    /// The id of the task.
    pub task: String,
    /// The container.
    pub container: String,
    /// The log group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// The lines, without control characters.
    pub message: String,
    /// CloudWatch's name for it.
    pub event_id: String,
}

/// Reads sources again and again, and tells each event once.
#[derive(Debug)]
pub struct Tail {
    aws: Aws,
    client: Client,
    pattern: Option<String>,
    /// Where the next look begins, and where the first did.
    since: Moment,
    first: Moment,
    /// From when on events are remembered.
    late: Moment,
    told: BTreeMap<String, Moment>,
    /// The service of each task that is known.
    tasks: BTreeMap<String, String>,
    open: Vec<Open>,
    gaps: BTreeSet<Gap>,
}

/// A source that is being read.
#[derive(Debug)]
struct Open {
    source: Source,
    token: Option<String>,
    events: VecDeque<LogEvent>,
    is_done: bool,
}

impl Tail {
    /// Of events since then that fit a filter pattern of CloudWatch's; of all, if there is none.
    pub fn new(aws: &Aws, pattern: Option<String>, since: Moment) -> Tail {
        Tail {
            client: Client::new(aws.config()),
            aws: aws.clone(),
            pattern,
            since,
            first: since,
            late: since,
            told: BTreeMap::new(),
            tasks: BTreeMap::new(),
            open: Vec::new(),
            gaps: BTreeSet::new(),
        }
    }

    /// Begins to look, for the first time or again. The picture tells the time and whose tasks are.
    pub fn look(&mut self, picture: &Picture, sources: Vec<Source>) {
        let since = self.since;
        self.told.retain(|_, at| *at >= since);
        self.late = self.first.max(picture.at - LATE);
        self.tasks = picture
            .tasks
            .iter()
            .filter_map(|it| {
                let service = it.group.strip_prefix("service:")?;
                Some((it.id().to_owned(), service.to_owned()))
            })
            .collect();
        let open = |source| Open {
            source,
            token: None,
            events: VecDeque::new(),
            is_done: false,
        };
        self.open = sources.into_iter().map(open).collect();
    }

    /// The next events of this look that were not told before, in order of time; nothing at its end.
    /// What came late is told late.
    ///
    /// Groups that are missing or may not be read are among the [`gaps`](Tail::gaps). It is an error
    /// if a call fails for another reason, such as a pattern that is none.
    pub async fn next(&mut self) -> Result<Option<Vec<LogEvent>>> {
        loop {
            self.fill().await?;
            if self.open.iter().all(|it| it.events.is_empty()) {
                self.since = self.late;
                return Ok(None);
            }
            // What a source has yet to show is not older than what it has shown.
            let unfinished = self.open.iter().filter(|it| !it.is_done);
            let horizon = unfinished
                .filter_map(|it| it.events.back())
                .map(|it| it.at)
                .min();
            let mut events = Vec::new();
            for open in &mut self.open {
                while let Some(event) = open
                    .events
                    .pop_front_if(|it| horizon.is_none_or(|horizon| it.at <= horizon))
                {
                    events.push(event);
                }
            }
            events.retain(|it| !self.told.contains_key(&it.event_id));
            let recent = events.iter().filter(|it| it.at >= self.late);
            self.told
                .extend(recent.map(|it| (it.event_id.clone(), it.at)));
            if !events.is_empty() {
                events.sort_by(|a, b| (a.at, &a.event_id).cmp(&(b.at, &b.event_id)));
                return Ok(Some(events));
            }
        }
    }

    /// What could not be read so far.
    pub fn gaps(&self) -> &BTreeSet<Gap> {
        &self.gaps
    }

    /// Reads pages until each source has something to show, or nothing more.
    async fn fill(&mut self) -> Result<()> {
        let (aws, client) = (&self.aws, &self.client);
        let (pattern, since, tasks) = (&self.pattern, self.since, &self.tasks);
        let reads = self.open.iter_mut().map(|open| async move {
            while open.events.is_empty() && !open.is_done {
                if let Some(gap) = open
                    .page(aws, client, pattern.as_ref(), since, tasks)
                    .await?
                {
                    return Ok(Some(gap));
                }
            }
            Ok(None)
        });
        let gaps = try_join_all(reads).await?;
        self.gaps.extend(gaps.into_iter().flatten());
        Ok(())
    }
}

impl Open {
    /// Reads a page. A page may be empty and have a next one.
    async fn page(
        &mut self,
        aws: &Aws,
        client: &Client,
        pattern: Option<&String>,
        since: Moment,
        tasks: &BTreeMap<String, String>,
    ) -> Result<Option<Gap>> {
        let (group, prefix) = (&self.source.group, &self.source.prefix);
        let call = || {
            let call = client.filter_log_events().log_group_name(group);
            let call = call.log_stream_name_prefix(prefix).start_time(since.0);
            let call = call.set_filter_pattern(pattern.cloned());
            call.set_next_token(self.token.clone()).send()
        };
        let answered = aws.call("logs:FilterLogEvents", call).await;
        let gap = |because: &str| Gap {
            of: group.clone(),
            because: because.to_owned(),
        };
        let page = match answered {
            Ok(page) => page,
            Err(err) => {
                let aws = err.source.downcast_ref::<AwsError>();
                let because = match () {
                    () if aws.is_some_and(AwsError::is_denied) => {
                        "logs:FilterLogEvents is not allowed"
                    }
                    () if err.kind == ErrorKind::Absent => "the log group does not exist",
                    () => return Err(err),
                };
                let gap = gap(because);
                self.is_done = true;
                return Ok(Some(gap));
            }
        };
        let events = page.events().iter();
        let events: Vec<LogEvent> = events.filter_map(|it| self.event(it, tasks)).collect();
        self.events.extend(events);
        self.token = page.next_token.filter(|it| !it.is_empty());
        self.is_done = self.token.is_none();
        Ok(None)
    }

    /// An event as it is told, unless it is of a service that was not asked for.
    fn event(&self, it: &FilteredLogEvent, tasks: &BTreeMap<String, String>) -> Option<LogEvent> {
        let Source {
            group,
            container,
            services,
            task,
            ..
        } = &self.source;
        let stream = it.log_stream_name().unwrap_or_default();
        let task = task.clone().unwrap_or_else(|| last(stream).to_owned());
        let service = match tasks.get(&task) {
            Some(known) if !services.contains(known) => return None,
            Some(known) => Some(known.clone()),
            None if services.len() == 1 => services.first().cloned(),
            None => None,
        };
        let message = it.message().unwrap_or_default().trim_end();
        let lines: Vec<String> = message.lines().map(plain).collect();
        Some(LogEvent {
            at: Moment(it.timestamp().unwrap_or_default()),
            service,
            task,
            container: container.clone(),
            group: group.clone(),
            stream: stream.to_owned(),
            message: lines.join("\n"),
            event_id: it.event_id().unwrap_or_default().to_owned(),
        })
    }
}
