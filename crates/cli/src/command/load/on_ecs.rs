//! Load from tasks in the stack's own account: planned, made, run, added up, and taken away.

use super::{
    LoadFailure,
    fleet::{CONTAINER, Fleet, PREFIX},
    report,
};
use crate::{
    arguments::{Common, LoadOptions, Whence},
    command::{Ended, apply::carry_out_beside},
    connection::Connection,
    failure::Failure,
    interrupt::on_interrupt,
    looking::services,
    reading::{Usable, Use, read_stack},
    render,
    sandbox::now,
    session::{Aim, Session},
};
use futures::future::try_join_all;
use setpoint_aws::Aws;
use setpoint_core::{ErrorKind, Resource, Stop};
use setpoint_ecs::{Run, RunState, Runs};
use setpoint_load::{Load, Outcome, read_time, unrelayed};
use setpoint_logs::whole_stream;
use setpoint_observe::Subject;
use setpoint_spec::{File, Source, Stack, Variables, kind::Subnets};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// How often it is looked how the tasks do, by AWS's clock.
const LOOK: Duration = Duration::from_secs(5);

/// How long IAM may take to tell of a new role, by AWS's clock.
const ROLES: Duration = Duration::from_secs(120);

/// How late a log may tell of a task that ended, by AWS's clock.
const LATE: Duration = Duration::from_secs(60);

/// Makes what is needed, lets tasks send, and takes it away again.
pub(super) async fn on_ecs(common: &Common, options: &LoadOptions, load: &Load) -> Ended {
    let read = read_stack(common, Use::Remove)?;
    let subjects = services(&read.stack, None)?;
    let lead = read_time(&options.fleet.lead).map_err(LoadFailure::from)?;
    let connection = Connection::open(common, &read.stack).await?;
    let fleet = Fleet::of(&read.stack);
    let region = connection.aws.region().to_owned();
    let text = fleet.written(&read.stack, &region, &subjects, load, &options.fleet);
    let made = Arc::new(usable(text.ok_or(LoadFailure::Body)?)?);
    let runners = Runners {
        fleet,
        runs: Runs::new(&connection.aws, &subjects[0].cluster),
        aws: connection.aws.clone(),
        speed: connection.sandbox.as_ref().map_or(1.0, |it| it.speed()),
        subnets: subnets(&connection.aws, &read.stack, options).await?,
    };
    let stop = on_interrupt();
    let session = session(common, &made, &connection, Aim::Stack { adopt: &[] }).await?;
    if !options.json {
        render::plan(&session)?;
    }
    if !options.fleet.yes {
        let question = format!(
            "Make this, and run {} tasks that load {}? [y/N] ",
            options.fleet.runners,
            names(&subjects)
        );
        render::ask(&question, &["y", "yes"]).await?;
    }
    let is_sandbox = connection.sandbox.is_some();
    let ended = match carry_out_beside(stop.clone(), session, options.json).await {
        Ok(0) => runners.play(options, load, lead, is_sandbox, stop).await,
        other => other.map(Played::Ended),
    };
    if !options.fleet.keep {
        let aim = Aim::Nothing {
            empty_repositories: false,
        };
        let session = self::session(common, &made, &connection, aim).await?;
        carry_out_beside(Stop::never(), session, options.json).await?;
    }
    match ended? {
        Played::Outcome(outcome) => report(options, &outcome),
        Played::Ended(code) => Ok(code),
    }
}

/// What came of the tasks.
enum Played {
    /// What they did together.
    Outcome(Box<Outcome>),
    /// It ended without one, with this code.
    Ended(u8),
}

fn names(subjects: &[Subject]) -> String {
    let names: Vec<&str> = subjects.iter().map(|it| it.service.as_str()).collect();
    names.join(", ")
}

/// A stack of our own making.
fn usable(text: String) -> Result<Usable, Failure> {
    let file = File {
        name: "load".into(),
        text,
    };
    let files = vec![file];
    let wrong = |problems| Failure::Stack {
        path: "load".into(),
        files: files.clone(),
        problems,
        end: "; nothing was made",
    };
    let source = Source::assemble(files.clone(), &Variables::default()).map_err(wrong)?;
    let stack = Stack::of(&source).map_err(wrong)?;
    Ok(Usable {
        stack,
        source,
        files,
    })
}

async fn session(
    common: &Common,
    made: &Arc<Usable>,
    connection: &Connection,
    aim: Aim<'_>,
) -> Result<Session, Failure> {
    let connection = Connection::on(common, &made.stack, connection.sandbox.clone()).await?;
    Session::on(common, made.clone(), aim, connection).await
}

/// The subnets in which tasks on Fargate get their addresses.
async fn subnets(
    aws: &Aws,
    stack: &Stack,
    options: &LoadOptions,
) -> Result<Option<Vec<String>>, Failure> {
    if options.fleet.on != Some(Whence::Fargate) {
        return match &options.fleet.runner_subnets {
            None => Ok(None),
            Some(_) => Err(LoadFailure::NoSubnets.into()),
        };
    }
    let lookup = match &options.fleet.runner_subnets {
        Some(written) => written.clone(),
        None => {
            let used = stack.desired();
            let mut used = used.addresses().filter(|it| it.kind == Subnets::KIND);
            used.next()
                .map_or_else(|| "default".into(), |it| it.name.to_string())
        }
    };
    let network = setpoint_ec2::Network::new(aws);
    let ids = network
        .ids_of_subnets(&lookup)
        .await
        .map_err(Failure::Call)?;
    match ids.is_empty() {
        true => Err(LoadFailure::Subnets(lookup).into()),
        false => Ok(Some(ids)),
    }
}

/// The tasks that send.
struct Runners {
    fleet: Fleet,
    runs: Runs,
    aws: Aws,
    /// How many times as fast as ours AWS's clock is.
    speed: f64,
    subnets: Option<Vec<String>>,
}

impl Runners {
    /// Runs them, waits for their ends, and adds up what they tell.
    async fn play(
        &self,
        options: &LoadOptions,
        load: &Load,
        lead: Duration,
        is_sandbox: bool,
        mut stop: Stop,
    ) -> Result<Played, Failure> {
        let count = options.fleet.runners;
        let mut begin = 0.0;
        let mut shares: BTreeMap<String, u32> = BTreeMap::new();
        let mut failed = None;
        for share in 1..=count {
            let begun = self.begun(|| {
                // The first may have had to wait for its roles.
                if share == 1 {
                    begin = now().0 as f64 / 1000.0 + lead.as_secs_f64();
                }
                self.share(share, count, begin)
            });
            match begun.await {
                Ok(arn) => drop(shares.insert(arn, share)),
                Err(err) => {
                    failed = Some(Failure::Call(err));
                    break;
                }
            }
        }
        let waited = match &failed {
            None => tokio::select! {
                waited = self.wait(&shares, lead + load.lasts(), is_sandbox) => waited.map(Some),
                () = stop.said() => Ok(None),
            },
            Some(_) => Ok(None),
        };
        // Those that have ended are stopped again, which does nothing.
        for arn in shares.keys() {
            if let Err(err) = self.runs.stop(arn).await {
                render::runners(&format!(
                    "{arn} could not be stopped: {}",
                    crate::failure::told(&err)
                ));
            }
        }
        match (failed, waited?) {
            (Some(failure), _) => Err(failure),
            (None, None) => Ok(Played::Ended(130)),
            (None, Some(_)) if is_sandbox => {
                render::runners("a sandbox runs no program, so that no task has sent anything");
                Ok(Played::Ended(0))
            }
            (None, Some(states)) => self.gather(&shares, &states).await,
        }
    }

    /// Runs a task, as soon as ECS knows its roles.
    async fn begun(&self, mut run: impl FnMut() -> Run) -> setpoint_core::Result<String> {
        let ends = Instant::now() + ROLES.div_f64(self.speed);
        let mut is_told = false;
        loop {
            match self.runs.run(&run()).await {
                Err(err) if Instant::now() < ends => {
                    let ErrorKind::NotYet(what) = &err.kind else {
                        return Err(err);
                    };
                    if !std::mem::replace(&mut is_told, true) {
                        render::runners(&format!("waits for {what}"));
                    }
                }
                other => return other,
            }
            sleep(LOOK.div_f64(self.speed)).await;
        }
    }

    fn share(&self, share: u32, count: u32, begin: f64) -> Run {
        Run {
            task_definition: self.fleet.family.clone(),
            on_fargate: self.subnets.clone(),
            environment: vec![
                ("SETPOINT_LOAD_SHARE".into(), format!("{share}/{count}")),
                ("SETPOINT_LOAD_BEGIN_AT".into(), format!("{begin:.3}")),
            ],
            container: CONTAINER.into(),
            token: format!("setpoint-load-{begin:.0}-{share}"),
        }
    }

    /// Waits until all have ended; on a sandbox, until all run. What goes on for longer than it can is
    /// answered as it is.
    async fn wait(
        &self,
        shares: &BTreeMap<String, u32>,
        lasts: Duration,
        is_sandbox: bool,
    ) -> Result<Vec<RunState>, Failure> {
        let arns: Vec<String> = shares.keys().cloned().collect();
        let ends = Instant::now() + lasts + LATE * 3;
        let mut told = String::new();
        loop {
            let states = self.runs.states(&arns).await.map_err(Failure::Call)?;
            let text = counted(&states);
            if text != told {
                render::runners(&text);
                told = text;
            }
            let is_over =
                |it: &RunState| it.status == "STOPPED" || is_sandbox && it.status == "RUNNING";
            if states.iter().all(is_over) || Instant::now() > ends {
                return Ok(states);
            }
            sleep(LOOK.div_f64(self.speed)).await;
        }
    }

    /// Adds up what each has logged.
    async fn gather(
        &self,
        shares: &BTreeMap<String, u32>,
        states: &[RunState],
    ) -> Result<Played, Failure> {
        let mut sum: Option<Outcome> = None;
        let mut silent = Vec::new();
        let told = try_join_all(shares.keys().map(|it| self.told(it))).await?;
        for ((arn, share), told) in shares.iter().zip(told) {
            match told {
                Ok(outcome) => match &mut sum {
                    Some(sum) => sum.add(&outcome),
                    None => sum = Some(outcome),
                },
                Err(why) => {
                    let state = states.iter().find(|it| it.arn == *arn);
                    let reason = state.and_then(|it| it.reason.clone()).unwrap_or_default();
                    silent.push(format!("share {share}: {why} ({reason})"));
                }
            }
        }
        match sum {
            Some(sum) if silent.is_empty() => Ok(Played::Outcome(Box::new(sum))),
            _ => Err(LoadFailure::Silent(silent).into()),
        }
    }

    /// What one has logged of its share; its log may be late.
    async fn told(&self, arn: &str) -> Result<Result<Outcome, String>, Failure> {
        let id = arn.rsplit('/').next().unwrap_or_default();
        let stream = format!("{PREFIX}/{CONTAINER}/{id}");
        let ends = Instant::now() + LATE.div_f64(self.speed);
        loop {
            let lines = whole_stream(&self.aws, &self.fleet.group, &stream).await;
            let lines = lines.map_err(Failure::Call)?;
            match unrelayed(lines.iter().map(String::as_str)) {
                Ok(text) => return Ok(outcome(&text)),
                Err(_) if Instant::now() < ends => sleep(LOOK.div_f64(self.speed)).await,
                Err(err) => {
                    let last = lines.last().map(|it| format!("; its last line: {it}"));
                    return Ok(Err(format!("{err}{}", last.unwrap_or_default())));
                }
            }
        }
    }
}

fn outcome(text: &str) -> Result<Outcome, String> {
    let value = serde_json::from_str(text).map_err(|err| err.to_string())?;
    Outcome::from_json(&value).map_err(|err| err.to_string())
}

/// `2 RUNNING, 1 PENDING`.
fn counted(states: &[RunState]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for state in states {
        *counts.entry(state.status.as_str()).or_default() += 1;
    }
    let parts = counts
        .iter()
        .map(|(status, count)| format!("{count} {status}"));
    format!("tasks: {}", parts.collect::<Vec<String>>().join(", "))
}
