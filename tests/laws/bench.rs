//! The program on the twin: no process, no port, no waiting.

use crate::inventory::inventory;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use setpoint_aws::{Aws, Settings};
use setpoint_core::{Adapters, Desired, Limits, Plan, Report, Stop, apply, observe, plan};
use setpoint_image::{Registry, Shelf};
use setpoint_spec::Stack;
use setpoint_twin::{Carrier, Fate, Habits, Heard, Time, Twin, World};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Midnight before the sale.
pub(crate) const START: Time = Time(1_795_737_600_000);

/// The flash sale, with an image that somebody else pushes.
pub(crate) fn flash_sale() -> String {
    let text = include_str!("../../stack.yaml");
    let (before, rest) = text.split_once("images:\n").expect("it builds its image");
    let (_, after) = rest.split_once("\n\n").expect("more follows");
    let tagged = "{ repository: flash-sale-webapp, tag: v1 }";
    format!("{before}{after}").replace("{ build: webapp }", tagged)
}

/// An account on which the program is run.
pub(crate) struct Bench {
    pub(crate) twin: Twin,
}

/// How a run ended.
pub(crate) enum Ended {
    /// It made a report.
    Reported(Report),
    /// It could not make a plan; the text says why.
    NoPlan(String),
    /// It was killed.
    Killed,
}

impl Ended {
    /// The report of a run that made one.
    #[track_caller]
    pub(crate) fn report(self) -> Report {
        match self {
            Ended::Reported(report) => report,
            Ended::NoPlan(why) => panic!("there is no plan: {why}"),
            Ended::Killed => panic!("the run was killed"),
        }
    }

    /// Asserts that everything was done.
    #[track_caller]
    pub(crate) fn succeeds(self) {
        let report = self.report();
        assert!(report.is_success(), "{}", ended_badly(&report));
    }
}

/// How an account of a test behaves: as AWS does, but that images need not be pushed.
pub(crate) fn habits() -> Habits {
    Habits {
        images_must_exist: false,
        ..Habits::default()
    }
}

impl Bench {
    /// A new account.
    pub(crate) fn new(seed: u64, habits: Habits) -> Bench {
        Bench::of(World::new("us-east-1", seed, START, habits))
    }

    /// An account as it is.
    pub(crate) fn of(world: World) -> Bench {
        Bench {
            twin: Twin::new(world, 1.0),
        }
    }

    /// The account as it is now.
    pub(crate) fn world(&self) -> World {
        self.twin.look(World::clone)
    }

    /// What is in the account, without what differs from one account to the next.
    pub(crate) fn inventory(&self) -> String {
        self.twin.look(inventory)
    }

    async fn connect(&self, stack: &str) -> Aws {
        let carrier = Carrier::new(self.twin.clone(), Duration::from_millis(5));
        let settings = Settings {
            stack: stack.to_owned(),
            region: Some("us-east-1".into()),
            http_client: Some(SharedHttpClient::new(carrier)),
            endpoint: Some("http://twin.localhost".into()),
            access_key: Some(("administrator".into(), "secret".into())),
            ..Settings::default()
        };
        Aws::connect(settings).await.expect("there is a region")
    }

    async fn planned(&self, stack: &Stack, desired: &Desired) -> Result<(Plan, Adapters), String> {
        let aws = self.connect(&stack.name).await;
        let adapters =
            setpoint::adapters(&aws, stack, true, None, setpoint::Making::stand_in(&aws));
        let snapshot = observe(desired, &adapters)
            .await
            .map_err(|errors| format!("{errors:?}"))?;
        let plan = match desired.managed().next() {
            None => plan(desired, &snapshot),
            Some(_) => {
                let shelf = Shelf::new(&aws, Registry::new(&aws, None));
                let pinned = setpoint::pinned(stack, &shelf).await;
                if let Some(err) = pinned.unresolved.first() {
                    return Err(format!("{err:?}"));
                }
                plan(&pinned.stack.desired(), &snapshot)
            }
        };
        Ok((plan.map_err(|errors| errors.to_string())?, adapters))
    }

    /// What the program would change.
    pub(crate) async fn plan(&self, text: &str) -> Result<Plan, String> {
        let stack = read(text);
        let planned = self.planned(&stack, &stack.desired()).await;
        planned.map(|(plan, _)| plan)
    }

    /// Applies a stack.
    pub(crate) async fn apply(&self, text: &str) -> Ended {
        let stack = read(text);
        self.run(&stack, &stack.desired(), limits()).await
    }

    /// Applies a stack, and is told to stop after a while.
    pub(crate) async fn interrupted_after(&self, after: Duration, text: &str) -> Ended {
        let stack = read(text);
        let (sender, stop) = Stop::new();
        let said = async {
            tokio::time::sleep(after).await;
            sender.send(true).expect("somebody listens");
            std::future::pending::<()>().await
        };
        let desired = stack.desired();
        tokio::select! {
            ended = self.run_until(&stack, &desired, limits(), stop) => ended,
            () = said => unreachable!("it waits for ever"),
        }
    }

    /// Deletes everything that a stack owns.
    pub(crate) async fn destroy(&self, text: &str) -> Ended {
        let stack = read(text);
        self.run(&stack, &stack.nothing(), limits()).await
    }

    async fn run(&self, stack: &Stack, desired: &Desired, limits: Limits) -> Ended {
        self.run_until(stack, desired, limits, Stop::never()).await
    }

    async fn run_until(
        &self,
        stack: &Stack,
        desired: &Desired,
        limits: Limits,
        stop: Stop,
    ) -> Ended {
        match self.planned(stack, desired).await {
            Err(why) => Ended::NoPlan(why),
            Ok((plan, adapters)) => {
                let report = apply(plan, &adapters, limits, stop, |_| ()).await;
                Ended::Reported(report)
            }
        }
    }

    /// Runs until the call of that number, which is the last that is made: with its effect or
    /// without it.
    pub(crate) async fn killed_at(
        &self,
        number: usize,
        with_effect: bool,
        run: impl Future<Output = Ended>,
    ) -> Ended {
        let killed = Arc::new(Notify::new());
        let knell = Arc::clone(&killed);
        self.twin.meddle(Some(Box::new(move |heard: &Heard| {
            if heard.number != number {
                return Fate::Served;
            }
            knell.notify_one();
            match with_effect {
                true => Fate::SilentAfter,
                false => Fate::SilentBefore,
            }
        })));
        let ended = tokio::select! {
            biased;
            ended = run => ended,
            () = killed.notified() => Ended::Killed,
        };
        self.twin.meddle(None);
        ended
    }

    /// Lets the account behave as on a good day, once everything that lagged has caught up.
    pub(crate) async fn calm_down(&self) {
        tokio::time::sleep(Duration::from_secs(120)).await;
        self.twin.change(|world| world.habits = habits());
    }

    /// Asserts that a stack is applied: there is nothing to do, and doing it writes nothing.
    pub(crate) async fn is_applied(&self, text: &str) {
        self.twin.forget();
        let plan = self.plan(text).await.expect("there is a plan");
        assert!(plan.is_settled(), "{}", shown(&plan));
        self.apply(text).await.succeeds();
        let writes: Vec<Heard> = self
            .twin
            .heard()
            .into_iter()
            .filter(|it| !it.reads())
            .collect();
        assert!(writes.is_empty(), "{writes:#?}");
    }
}

/// What a report says of what was not done, one a line.
fn ended_badly(report: &Report) -> String {
    let failed = report.failed.iter().map(|(address, err)| {
        let source = std::error::Error::source(err).map(ToString::to_string);
        format!("{address}: {err}: {}\n", source.unwrap_or_default())
    });
    let skipped = report.skipped.iter();
    let skipped = skipped.map(|(address, because)| format!("{address}: skipped for {because}\n"));
    let left = report.left.iter().map(|it| format!("{it}: left\n"));
    failed.chain(skipped).chain(left).collect()
}

/// A plan's changes, one a line.
pub(crate) fn shown(plan: &Plan) -> String {
    let changes = plan.changes.iter().chain(&plan.awaited).map(|change| {
        let fields: Vec<String> = change.fields.iter().map(|it| format!("{it:?}")).collect();
        format!(
            "{:?} {}: {}\n",
            change.action,
            change.address,
            fields.join(", ")
        )
    });
    changes.collect()
}

/// The program's own patience.
fn limits() -> Limits {
    Limits::default()
}

#[track_caller]
fn read(text: &str) -> Stack {
    Stack::read(text).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}
