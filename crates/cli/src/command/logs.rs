use super::Ended;
use crate::{
    arguments::{Common, LogsOptions},
    failure::Failure,
    interrupt::interrupted,
    looking::Looking,
    render,
    session::nearest,
};
use setpoint_observe::{
    Moment, Picture,
    logs::{Gap, LogEvent, Named, PARTS, Sources, Tail, named, of_gone, of_services, of_task},
};
use std::{collections::BTreeSet, pin::pin, time::Duration};

/// How far back it is looked, if nobody says.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// How far back it is looked for a task of which ECS says nothing any more.
const GONE: Duration = Duration::from_secs(24 * 3600);

/// Shows what containers wrote, and with `--follow` what they write.
pub(crate) async fn logs(common: &Common, options: &LogsOptions) -> Ended {
    let mut looking = Looking::begin(common, None).await?;
    let task = options.of.as_deref().filter(|it| !looking.narrow(it));
    let logs = Logs {
        looking,
        task,
        options,
    };
    // Asked for once, so that none is lost while AWS is asked.
    let mut stop = pin!(interrupted());
    tokio::select! {
        ended = logs.shown() => ended,
        _ = &mut stop => Ok(if options.follow { 0 } else { 130 }),
    }
}

/// Whose lines are shown.
struct Logs<'a> {
    looking: Looking,
    /// What names a task, since it names no service.
    task: Option<&'a str>,
    options: &'a LogsOptions,
}

impl Logs<'_> {
    async fn shown(&self) -> Ended {
        let options = self.options;
        let mut picture = self.look().await?;
        let (mut sources, since) = self.sources(&picture)?;
        let mut tail = Tail::new(&self.looking.aws, options.filter.clone(), since);
        let mut lines = render::LogLines::of(&sources.read);
        let mut told = BTreeSet::new();
        let mut is_silent = true;
        render::absent(&picture);
        loop {
            gaps(&mut told, &picture, &sources.gaps);
            tail.look(&picture, std::mem::take(&mut sources.read));
            while let Some(events) = tail.next().await.map_err(Failure::Call)? {
                is_silent = false;
                self.tell(&mut lines, &events)?;
            }
            gaps(&mut told, &picture, tail.gaps());
            if !options.follow {
                break;
            }
            tokio::time::sleep(Duration::from_secs(options.every)).await;
            picture = self.look().await?;
            sources = self.sources(&picture)?.0;
        }
        let gone = self.task.map(|it| named(&picture, it));
        if let (true, Some(Named::Gone(id))) = (is_silent, gone) {
            return Err(Failure::NoTask(id.to_owned()));
        }
        if is_silent {
            let has_none = |it: &&setpoint_observe::picture::Service| {
                self.task.is_none() && picture.tasks_of(it).next().is_none()
            };
            let idle = picture.services.iter().filter(has_none);
            render::no_tasks(idle.map(|it| it.service_name.as_str()));
            render::no_lines(since, options.filter.is_some());
        }
        Ok(u8::from(picture.services.is_empty()))
    }

    async fn look(&self) -> Result<Picture, Failure> {
        self.looking.look(PARTS, RECENT).await
    }

    /// Where it is looked, and since when.
    fn sources(&self, picture: &Picture) -> Result<(Sources, Moment), Failure> {
        let region = self.looking.aws.config().region().map(AsRef::as_ref);
        let since = |default: Duration| picture.at - self.options.since.unwrap_or(default);
        let Some(name) = self.task else {
            return Ok((of_services(picture, region), since(RECENT)));
        };
        match named(picture, name) {
            Named::Task(task) => {
                let life = task.created_at.map_or(GONE, |it| picture.at.since(it));
                Ok((of_task(picture, task, region), since(life)))
            }
            Named::Gone(id) => Ok((of_gone(picture, id, region), since(GONE))),
            Named::Several(ids) => Err(Failure::ManyTasks {
                name: name.to_owned(),
                ids: ids.into_iter().map(str::to_owned).collect(),
            }),
            Named::Nothing => {
                let services = self.looking.services.iter().map(|it| it.service.clone());
                let tasks = picture.tasks.iter().map(|it| it.id().to_owned());
                Err(Failure::Nameless {
                    name: name.to_owned(),
                    near: nearest(name, services.chain(tasks)),
                })
            }
        }
    }

    fn tell(&self, lines: &mut render::LogLines, events: &[LogEvent]) -> Result<(), Failure> {
        match self.options.json {
            true => render::log_events_as_json(events),
            false => lines.show(events),
        }
    }
}

/// Says what is not shown; a gap is told once, whatever else is.
fn gaps<'a>(
    told: &mut BTreeSet<String>,
    picture: &Picture,
    of_logs: impl IntoIterator<Item = &'a Gap>,
) {
    let mut of_picture = picture.not_shown.clone();
    of_picture.retain(|it| told.insert(format!("{} {}", it.part, it.because)));
    render::gaps(&of_picture);
    let mut of_logs: Vec<&Gap> = of_logs.into_iter().collect();
    of_logs.retain(|it| told.insert(format!("{} {}", it.of, it.because)));
    render::log_gaps(of_logs);
}
