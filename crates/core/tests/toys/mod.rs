//! Four kinds to play with, a world that holds them, and words for what happens in it.

use serde::Serialize;
use setpoint_core::{
    Action, Adapters, AnyLink, Desired, Event, EventKind, Field, Kind, Limits, Link, Path, Plan,
    Report, Resource, Segment, Stop, apply, observe, plan,
    testkit::{Account, Memory},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Has a field that is fixed and one that is sensitive.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Role {
    pub(crate) trusts: BTreeSet<String>,
    pub(crate) path: String,
    pub(crate) secret: Option<Secret>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Secret {
    pub(crate) value: String,
}

impl Resource for Role {
    const KIND: Kind = Kind("role");

    fn fixed(&self, observed: &Self) -> Option<&'static str> {
        (self.path != observed.path).then_some("path")
    }

    fn sensitive(&self, path: &Path) -> bool {
        path.0 == [Segment::Key("secret".into())]
    }
}

/// Publishes a new version for a new image or role, and for a new label does not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct TaskDefinition {
    pub(crate) role: Link<Role>,
    pub(crate) image: String,
    pub(crate) label: String,
}

impl Resource for TaskDefinition {
    const KIND: Kind = Kind("task-definition");

    fn republishes(&self, observed: &Self) -> bool {
        self.image != observed.image || self.role != observed.role
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.role)
    }
}

/// Settles for two looks, and leaves its count to another controller if the spec does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Service {
    pub(crate) task_definition: Link<TaskDefinition>,
    pub(crate) count: Option<u64>,
    pub(crate) ports: Vec<Port>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Port {
    pub(crate) name: String,
    pub(crate) number: u16,
}

impl Resource for Service {
    const KIND: Kind = Kind("service");

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        visit(&mut self.task_definition)
    }

    fn inherit(&mut self, observed: &Self) {
        self.count = self.count.or(observed.count);
    }

    fn effect(&self, before: Option<(&Self, u64)>) -> Option<String> {
        let (before, running) = before?;
        let rolls = self.task_definition != before.task_definition;
        rolls.then(|| format!("rolls {running} tasks"))
    }
}

/// Links to other parts, so that any graph can be made of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Part {
    pub(crate) uses: Vec<Link<Part>>,
    pub(crate) version: u32,
    pub(crate) note: u32,
    pub(crate) shade: Option<u32>,
}

impl Resource for Part {
    const KIND: Kind = Kind("part");

    fn republishes(&self, observed: &Self) -> bool {
        self.version != observed.version
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut dyn AnyLink)) {
        self.uses.iter_mut().for_each(|link| visit(link));
    }

    fn inherit(&mut self, observed: &Self) {
        self.shade = self.shade.or(observed.shade);
    }
}

pub(crate) fn role(trusts: &str) -> Role {
    Role {
        trusts: [trusts.to_owned()].into(),
        path: "/".into(),
        secret: None,
    }
}

pub(crate) fn task_definition(role: &str, image: &str) -> TaskDefinition {
    TaskDefinition {
        role: Link::to(role),
        image: image.into(),
        label: String::new(),
    }
}

pub(crate) fn service(task_definition: &str, count: impl Into<Option<u64>>) -> Service {
    Service {
        task_definition: Link::to(task_definition),
        count: count.into(),
        ports: Vec::new(),
    }
}

pub(crate) fn part(uses: &[&str]) -> Part {
    Part {
        uses: uses.iter().copied().map(Link::to).collect(),
        version: 1,
        note: 0,
        shade: None,
    }
}

/// Asks for one more resource: `Desired::default().and("exec", role("ecs"))`.
pub(crate) trait And {
    fn and<R: Resource>(self, name: &str, resource: R) -> Self;
}

impl And for Desired {
    fn and<R: Resource>(mut self, name: &str, resource: R) -> Self {
        self.insert(name, resource);
        self
    }
}

/// A role, a task definition and a service that runs it.
pub(crate) fn web(image: &str, count: impl Into<Option<u64>>) -> Desired {
    Desired::default()
        .and("exec", role("ecs"))
        .and("web", task_definition("exec", image))
        .and("web", service("web", count))
}

pub(crate) struct World {
    pub(crate) account: Account,
    pub(crate) roles: Memory<Role>,
    pub(crate) task_definitions: Memory<TaskDefinition>,
    pub(crate) services: Memory<Service>,
    pub(crate) parts: Memory<Part>,
    pub(crate) limits: Limits,
    adapters: Adapters,
}

pub(crate) fn world() -> World {
    world_with(|it| it)
}

/// A world whose parts AWS treats in some way of its own.
pub(crate) fn world_with(parts: impl FnOnce(Memory<Part>) -> Memory<Part>) -> World {
    let account = Account::default();
    let services = account.of::<Service>();
    World::new(
        account.of(),
        services
            .settling_for(2)
            .with_habit(|it| it.count = it.count.or(Some(1)))
            .with_running(|it| it.count.unwrap_or(0)),
        parts(
            account
                .of()
                .with_habit(|it| it.shade = it.shade.or(Some(7))),
        ),
        account,
    )
}

impl World {
    pub(crate) fn new(
        roles: Memory<Role>,
        services: Memory<Service>,
        parts: Memory<Part>,
        account: Account,
    ) -> World {
        let task_definitions = account.of::<TaskDefinition>();
        World {
            adapters: Adapters::default()
                .with(roles.clone())
                .with(task_definitions.clone())
                .with(services.clone())
                .with(parts.clone()),
            roles,
            task_definitions,
            services,
            parts,
            limits: Limits::default(),
            account,
        }
    }

    /// The plan, which must be possible.
    pub(crate) async fn plan(&self, desired: &Desired) -> Plan {
        match self.try_plan(desired).await {
            Ok(plan) => plan,
            Err(err) => panic!("{err}"),
        }
    }

    /// The plan, or why there can be none.
    pub(crate) async fn try_plan(&self, desired: &Desired) -> Result<Plan, String> {
        let snapshot = observe(desired, &self.adapters).await;
        let snapshot = snapshot.map_err(|errors| in_words(&errors))?;
        plan(desired, &snapshot).map_err(|err| err.to_string())
    }

    /// The plan as text, a line for each change.
    pub(crate) async fn show(&self, desired: &Desired) -> Vec<String> {
        shown(&self.plan(desired).await)
    }

    pub(crate) async fn go(&self, desired: &Desired) -> Told {
        self.apply(self.plan(desired).await).await
    }

    pub(crate) async fn apply(&self, plan: Plan) -> Told {
        self.apply_until(plan, Stop::never(), |_| ()).await
    }

    /// Applies until the stop comes, telling each event to `hear` too.
    pub(crate) async fn apply_until(
        &self,
        plan: Plan,
        stop: Stop,
        mut hear: impl FnMut(&str),
    ) -> Told {
        let mut events = Vec::new();
        let tell = |event: Event| {
            let text = told(event);
            hear(&text);
            events.push(text);
        };
        let report = apply(plan, &self.adapters, self.limits, stop, tell).await;
        Told { report, events }
    }

    /// Applies, which must succeed; then there is nothing left to plan, and nothing is written.
    pub(crate) async fn reach(&self, desired: &Desired) {
        let told = self.go(desired).await;
        assert_eq!(told.troubles(), [""; 0], "{:#?}", self.account.log());
        self.is_at(desired).await;
    }

    /// Asserts that nothing is left to plan, and that applying that writes nothing.
    pub(crate) async fn is_at(&self, desired: &Desired) {
        assert_eq!(self.show(desired).await, [""; 0]);
        let written = self.account.writes().len();
        self.go(desired).await;
        assert_eq!(self.account.writes().len(), written);
    }

    /// Everything there is, as text.
    pub(crate) fn all(&self) -> BTreeMap<String, String> {
        fn of<R: Resource>(memory: &Memory<R>) -> impl Iterator<Item = (String, String)> {
            let all = memory.all().into_iter();
            all.map(|(name, it)| (format!("{}.{name}", R::KIND), format!("{it:?}")))
        }
        of(&self.roles)
            .chain(of(&self.task_definitions))
            .chain(of(&self.services))
            .chain(of(&self.parts))
            .collect()
    }
}

/// What an apply told, and what it reported.
pub(crate) struct Told {
    pub(crate) report: Report,
    pub(crate) events: Vec<String>,
}

impl Told {
    /// Everything in the report that is not done, as text.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let report = &self.report;
        let failed = report.failed.iter();
        let failed = failed.map(|(address, err)| format!("failed {address}: {err}"));
        let skipped = report.skipped.iter();
        let skipped = skipped.map(|(address, because)| format!("skipped {address}: {because}"));
        let unsettled = report.unsettled.iter();
        let unsettled = unsettled.map(|(address, text)| format!("unsettled {address}: {text}"));
        let left = report.left.iter().map(|address| format!("left {address}"));
        failed.chain(skipped).chain(unsettled).chain(left).collect()
    }

    /// What is done, as text.
    pub(crate) fn done(&self) -> Vec<String> {
        self.report.done.iter().map(ToString::to_string).collect()
    }
}

fn in_words(errors: &[impl std::error::Error]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

fn told(event: Event) -> String {
    let address = event.address;
    match event.kind {
        EventKind::Started(action) => format!("{address} starts to {}", verb(action)),
        EventKind::Waiting(text) => format!("{address} waits for {text}"),
        EventKind::Done => format!("{address} is done"),
        EventKind::Failed(text) => format!("{address} failed: {text}"),
        EventKind::Skipped { because } => format!("{address} is skipped because of {because}"),
    }
}

pub(crate) fn shown(plan: &Plan) -> Vec<String> {
    let line = |change: &setpoint_core::Change| {
        let mut line = format!("{} {}", verb(change.action), change.address);
        for Field {
            path,
            before,
            after,
        } in &change.fields
        {
            let side = |it: &Option<_>| it.as_ref().map_or("-".into(), ToString::to_string);
            line += &format!(", {path} {} {}", side(before), side(after));
        }
        line
    };
    plan.changes.iter().map(line).collect()
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Adopt => "adopt",
        Action::Delete => "delete",
        Action::Await => "await",
    }
}

/// Runs on a clock that nothing waits for.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(future)
}

/// As patient as these tests are: nobody waits for real.
pub(crate) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}
