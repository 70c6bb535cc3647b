//! What containers wrote.

use super::{Paint, raw, words};
use crate::failure::Failure;
use serde_json::json;
use setpoint_observe::{
    Moment,
    logs::{Gap, LogEvent, Source},
    timeline::date,
};
use std::{collections::BTreeSet, io};

/// Lines of many tasks under one another: the day once, the task in a colour of its own, and the
/// container where there are several.
pub(crate) struct LogLines {
    paint: Paint,
    day: String,
    /// How wide the names of containers are; none where there is one.
    width: Option<usize>,
}

impl LogLines {
    /// Of these sources.
    pub(crate) fn of(sources: &[Source]) -> LogLines {
        LogLines::painted(sources, Paint::of(&io::stdout()))
    }

    fn painted(sources: &[Source], paint: Paint) -> LogLines {
        let names: BTreeSet<&str> = sources.iter().map(|it| it.container.as_str()).collect();
        let widest = names.iter().map(|it| it.chars().count()).max();
        LogLines {
            paint,
            day: String::new(),
            width: widest.filter(|_| names.len() > 1),
        }
    }

    /// Shows events.
    pub(crate) fn show(&mut self, events: &[LogEvent]) -> Result<(), Failure> {
        raw(self.text(events).as_bytes())
    }

    fn text(&mut self, events: &[LogEvent]) -> String {
        let mut text = String::new();
        for event in events {
            let day = date(event.at);
            if day != self.day {
                text += &format!("{}\n", self.paint.faint(&format!("{day} UTC")));
                self.day = day;
            }
            let short = event.task.get(..8).unwrap_or(&event.task);
            let clock = self.paint.faint(&event.at.clock());
            let task = self.paint.of_name(&event.task, short);
            let container = self.width.map(|it| format!("{:it$}  ", event.container));
            let head = format!("{clock}  {task}  {}", container.unwrap_or_default());
            // An empty line is one, too.
            let lines = event.message.split('\n');
            text.extend(lines.map(|it| format!("{head}{it}\n")));
        }
        text
    }
}

/// Shows events, a JSON object a line.
pub(crate) fn log_events_as_json(events: &[LogEvent]) -> Result<(), Failure> {
    let line = |it: &LogEvent| format!("{}\n", json!(it));
    raw(events.iter().map(line).collect::<String>().as_bytes())
}

/// Says whose lines are not shown, and why.
pub(crate) fn log_gaps<'a>(gaps: impl IntoIterator<Item = &'a Gap>) {
    let paint = Paint::of(&io::stderr());
    let line = |it: &Gap| {
        let head = paint.change("not shown:");
        format!("{head} {}: {}\n", it.of, it.because)
    };
    words(&gaps.into_iter().map(line).collect::<String>());
}

/// Says that services have no tasks.
pub(crate) fn no_tasks<'a>(services: impl IntoIterator<Item = &'a str>) {
    let line = |it: &str| format!("{it} has no tasks, and had none within the last hour.\n");
    words(&services.into_iter().map(line).collect::<String>());
}

/// Says that there are no lines.
pub(crate) fn no_lines(since: Moment, is_filtered: bool) {
    let fit = if is_filtered {
        " that fit the filter"
    } else {
        ""
    };
    let (day, clock) = (date(since), since.clock());
    words(&format!(
        "There are no lines{fit} since {day} {clock} UTC; --since looks further back.\n"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(task: &str, container: &str, message: &str) -> LogEvent {
        LogEvent {
            at: Moment(1_795_737_600_123),
            service: None,
            task: task.to_owned(),
            container: container.to_owned(),
            group: String::new(),
            stream: String::new(),
            message: message.to_owned(),
            event_id: String::new(),
        }
    }

    fn source(container: &str) -> Source {
        Source {
            group: String::new(),
            prefix: container.to_owned(),
            container: container.to_owned(),
            services: BTreeSet::new(),
            task: None,
        }
    }

    #[test]
    fn the_day_stands_once_and_the_container_only_where_there_are_several() {
        let events = [
            event("aaaaaaaa1111", "web", "GET /\n\n  at main"),
            event("bbbbbbbb2222", "proxy", "up"),
        ];
        let text = |sources: &[Source]| {
            let paint = Paint::new(false);
            LogLines::painted(sources, paint).text(&events)
        };
        assert_eq!(
            text(&[source("web")]),
            "2026-11-27 UTC\n\
             00:00:00  aaaaaaaa  GET /\n\
             00:00:00  aaaaaaaa  \n\
             00:00:00  aaaaaaaa    at main\n\
             00:00:00  bbbbbbbb  up\n"
        );
        assert_eq!(
            text(&[source("web"), source("proxy")]),
            "2026-11-27 UTC\n\
             00:00:00  aaaaaaaa  web    GET /\n\
             00:00:00  aaaaaaaa  web    \n\
             00:00:00  aaaaaaaa  web      at main\n\
             00:00:00  bbbbbbbb  proxy  up\n"
        );
    }

    #[test]
    fn a_task_has_the_same_colour_on_every_line_and_another_task_another() {
        let mut lines = LogLines::painted(&[], Paint::new(true));
        let events = ["aaaaaaaa1111", "bbbbbbbb2222", "aaaaaaaa1111"].map(|it| event(it, "", ""));
        let text = lines.text(&events);
        let colours: Vec<&str> = text
            .lines()
            .skip(1)
            .filter_map(|it| it.split("  ").nth(1)?.split('m').next())
            .collect();
        assert_eq!(colours[0], colours[2], "{text:?}");
        assert_ne!(colours[0], colours[1], "{text:?}");
    }
}
