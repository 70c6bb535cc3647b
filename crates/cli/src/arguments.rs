//! What may be said on the command line.

mod load;
mod looking;
mod rehearse;

pub(crate) use load::{FleetOptions, LoadOptions, RequestOptions, ScheduleOptions, Whence};
pub(crate) use looking::{
    EndpointsOptions, EventsOptions, LogsOptions, StatusOptions, WatchOptions, WhyOptions,
};
pub(crate) use rehearse::RehearseOptions;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use setpoint_image::{Maker, Program};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

const EXAMPLES: &str = "Examples:
  setpoint validate                       check stack.yaml, without a network
  setpoint plan                           show what would change and why
  setpoint plan --detailed-exitcode       … and exit with 2 if anything would
  setpoint apply                          show it, ask, and do it
  setpoint apply --yes --no-wait          do it, and leave AWS to finish
  setpoint destroy                        delete everything the stack owns
  setpoint status                         how the services do
  setpoint events --follow                what happens, and because of what

Credentials, region and endpoints are found as every AWS tool finds them: the environment, shared
profiles, SSO, and AWS_ENDPOINT_URL.";

/// Keeps an Amazon ECS stack as its stack.yaml says: plan against live AWS, apply, no state file.
#[derive(Debug, Parser)]
#[command(name = "setpoint", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Common {
    /// The stack to read. Further files are laid over it: maps by their keys, lists of things that
    /// have names by these.
    #[arg(
        short,
        long,
        global = true,
        value_name = "FILE",
        default_value = "stack.yaml"
    )]
    pub(crate) file: Vec<PathBuf>,
    /// What `${var.NAME}` stands for, over what the stack's `vars:` say. May be repeated.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) var: Vec<(String, String)>,
    /// A YAML file of such variables. May be repeated.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) var_file: Vec<PathBuf>,
    /// Let warnings of the stack stop the command, too, as errors do.
    #[arg(long, global = true)]
    pub(crate) strict: bool,
    /// The region, over what the stack or the environment says.
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The profile in the shared AWS configuration.
    #[arg(long, global = true, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// How many times AWS's published ECS request quotas the account has, if AWS has raised them.
    #[arg(
        long,
        global = true,
        value_name = "FACTOR",
        env = "SETPOINT_ECS_QUOTA_FACTOR",
        value_parser = factor,
        hide_short_help = true
    )]
    pub(crate) ecs_quota_factor: Option<f64>,
    /// What to build images with: docker, podman or buildah; the first that works if none is named.
    #[arg(
        long,
        global = true,
        value_name = "PROGRAM",
        env = "SETPOINT_BUILDER",
        value_parser = builder
    )]
    pub(crate) builder: Option<Maker>,
    /// A registry to push to and to find images in, in the place of the account's own.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SETPOINT_REGISTRY",
        hide_short_help = true
    )]
    pub(crate) registry: Option<String>,
    /// Work on the sandbox beside the stack, an AWS in memory, and not on AWS.
    #[arg(long, global = true, env = "SETPOINT_SANDBOX", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) sandbox: bool,
    /// How many times as fast as ours the sandbox's clock is.
    #[arg(long, global = true, value_name = "TIMES", default_value_t = 60.0, value_parser = speed)]
    pub(crate) speed: f64,
    /// Tell each call that fails or waits; twice, everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Common {
    /// The folder that the paths in the stack are relative to.
    pub(crate) fn base(&self) -> PathBuf {
        let parent = self.stack().parent();
        parent
            .filter(|it| !it.as_os_str().is_empty())
            .unwrap_or(Path::new("."))
            .to_owned()
    }

    /// The stack's own file, beside which its sandbox is kept.
    pub(crate) fn stack(&self) -> &Path {
        self.file.first().map_or(Path::new("stack.yaml"), |it| it)
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err("a variable is given as NAME=VALUE".into()),
    }
}

fn builder(text: &str) -> Result<Maker, String> {
    if text == "stand-in" {
        return Ok(Maker::StandIn);
    }
    let found = Program::ALL.into_iter().find(|it| it.name() == text);
    match found {
        Some(program) => Ok(Maker::Program(Some(program))),
        None => Err("docker, podman and buildah can build".into()),
    }
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && (0.01..=1000.0).contains(&factor) => Ok(factor),
        _ => Err("a factor is a number from 0.01 to 1000".into()),
    }
}

/// A duration with its unit, up to six weeks, which is as long as AWS remembers any of it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    const MOST: u64 = 42 * 86_400;
    let wrong =
        || "a duration is a number with s, m, h or d, such as 15m, and at most 42d".to_owned();
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    let seconds = number
        .checked_mul(unit)
        .filter(|it| (1..=MOST).contains(it));
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.1..=10_000.0).contains(&speed) => Ok(speed),
        _ => Err("a speed is a number from 0.1 to 10000".into()),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the stack, without a network.
    #[command(
        after_help = "Exit codes:\n  0  nothing wrong, or only warnings and notes\n  1  errors; \
        with --strict, warnings, too\n\nExamples:\n  setpoint validate -f stacks/prod.yaml\n  \
        setpoint validate --strict --sarif > setpoint.sarif\n  setpoint validate --json | jq -r \
        '.problems[].code'"
    )]
    Validate(ValidateOptions),
    /// Print the stack with its files laid over one another and its variables filled in.
    #[command(
        after_help = "Examples:\n  setpoint show -f stack.yaml -f stack.prod.yaml --var \
        tag=1.2.3"
    )]
    Show,
    /// Print the JSON Schema of a stack, by which an editor completes and checks it.
    #[command(
        after_help = "Examples:\n  setpoint schema > stack.schema.json\n\nThen begin the stack \
        with:\n  # yaml-language-server: $schema=stack.schema.json"
    )]
    Schema,
    /// Explain the code of a problem, or list them all.
    #[command(after_help = "Examples:\n  setpoint explain SP101")]
    Explain {
        /// The code.
        #[arg(value_name = "CODE")]
        code: Option<String>,
    },
    /// Show what would change and why.
    #[command(after_help = "Exit codes:\n  0  nothing to do, or changes without \
        --detailed-exitcode\n  1  an error\n  2  changes, with --detailed-exitcode\n\nExamples:\n  \
        setpoint plan\n  setpoint plan --json | jq '.changes[].address'\n  setpoint plan --adopt \
        role.ecsInstanceRole")]
    Plan(PlanOptions),
    /// Show what would change, ask, and make it so.
    #[command(
        after_help = "Examples:\n  setpoint apply\n  setpoint apply --yes --no-wait\n  \
        setpoint apply --adopt cluster.flash-sale-cluster"
    )]
    Apply(ApplyOptions),
    /// Delete everything the stack owns.
    #[command(
        after_help = "Examples:\n  setpoint destroy\n  setpoint destroy --yes \
        --empty-repositories"
    )]
    Destroy(DestroyOptions),
    /// List the images that the stack builds: what they are built from, whether that is pushed, and
    /// which services run it.
    #[command(
        after_help = "Examples:\n  setpoint images\n  setpoint images --json | jq -r \
        '.images[].digest'"
    )]
    Images {
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Build images of the stack, and push none; `apply` does both.
    #[command(after_help = "Examples:\n  setpoint build\n  setpoint build webapp --builder podman")]
    Build {
        /// Which; all if none is named.
        #[arg(value_name = "IMAGE")]
        images: Vec<String>,
    },
    /// Push images that were built, and build none; `apply` does both.
    #[command(after_help = "Examples:\n  setpoint push\n  setpoint push webapp")]
    Push {
        /// Which; all if none is named.
        #[arg(value_name = "IMAGE")]
        images: Vec<String>,
    },
    /// Show how services do: deployment, tasks, CPU and memory, scaling, instances, addresses.
    #[command(
        after_help = "Examples:\n  setpoint status\n  setpoint status web --watch\n  \
        setpoint status --json | jq '.services[].running'"
    )]
    Status(StatusOptions),
    /// Show where services answer, and what stands in the way.
    #[command(
        after_help = "Examples:\n  setpoint endpoints\n  setpoint endpoints web --wait \
        --open\n  curl $(setpoint endpoints --json | jq -r '.endpoints[0].url')"
    )]
    Endpoints(EndpointsOptions),
    /// Show a service on the whole screen: load, tasks, instances and events on one time axis.
    #[command(
        after_help = "Keys: ? tells them, q leaves. Without a terminal it prints the status again \
        and again.\n\nExamples:\n  setpoint watch\n  setpoint watch web --every 2"
    )]
    Watch(WatchOptions),
    /// Tell why a service is not as it should be: the first cause, what shows it, what to do.
    #[command(
        after_help = "Exit codes:\n  0  nothing is wrong\n  1  something is, or an error\n\n\
        Examples:\n  setpoint why web\n  setpoint why --json | jq -r '.findings[].cause'"
    )]
    Why(WhyOptions),
    /// Tell what happened, in one timeline: load, alarms, scaling, deployments, tasks, instances.
    #[command(
        after_help = "Examples:\n  setpoint events --since 3h\n  setpoint events web \
        --follow\n  setpoint events --json | jq -r 'select(.bad) | .text'"
    )]
    Events(EventsOptions),
    /// Show what the containers write to CloudWatch Logs, all together in order of time.
    #[command(
        after_help = "Examples:\n  setpoint logs web --follow\n  setpoint logs 81098987        a \
        task's, by the first characters of its id\n  setpoint logs --since 1h --filter '?error \
        ?fatal'\n  setpoint logs --json | jq -r .message"
    )]
    Logs(LogsOptions),
    /// Send requests on a schedule to the stack's own addresses, and measure what becomes of them.
    #[command(
        after_help = "Exit codes:\n  0    all of it was sent\n  1    an error, or --abort-when \
        ended it\n  130  stopped by Ctrl-C, after the report\n\nExamples:\n  \
        setpoint load --stage 2m@50rps --stage 5m@50..800rps --stage 10m@800rps\n  \
        setpoint load --stage 10m@800rps --abort-when 'p99 > 2s for 30s' --abort-when 'errors > \
        5%'\n  setpoint load --workers 100 --duration 5m --path / --path /buy=3\n  \
        setpoint load --target https://sale.example --i-own-this --stage 1m@100rps\n  \
        setpoint load --share 2/4 --stage 1m@8000rps --json > 2.json\n  \
        setpoint load --merge 1.json 2.json 3.json 4.json\n  \
        setpoint load --on fargate --runners 8 --runner-image $ECR/setpoint --stage 10m@20000rps"
    )]
    Load(Box<LoadOptions>),
    /// Rehearse the sale: load the stack, watch everything that follows on one clock, and judge it.
    #[command(
        after_help = "Exit codes:\n  0    every limit held\n  1    one did not, or an error\n  130  \
        stopped by Ctrl-C, after the report\n\nOn the sandbox it begins with an empty account, applies the \
        stack to it, and forgets it. Elsewhere it changes nothing, unless --apply says so.\n\nExamples:\n  \
        setpoint --sandbox rehearse --speed 30\n  setpoint rehearse --stage 2m@50rps --stage \
        5m@50..800rps --p95 500ms --tasks 3\n  setpoint -f stack.yaml -f sale.yaml rehearse --apply \
        --restore\n  setpoint rehearse --from rehearsal/rehearsal.jsonl --p95 300ms"
    )]
    Rehearse(Box<RehearseOptions>),
    /// An AWS in memory, to try a stack on: no account, no network.
    #[command(
        subcommand,
        after_help = "Examples:\n  setpoint sandbox demo             the whole job, on an empty \
        account\n  setpoint --sandbox apply          apply to the sandbox beside the stack\n  \
        setpoint sandbox serve            … and let tasks and any AWS client be served\n  \
        setpoint sandbox reset            forget it"
    )]
    Sandbox(Sandbox),
    /// Print a completion script for a shell.
    #[command(after_help = "Examples:\n  setpoint completions bash > \
        ~/.local/share/bash-completion/completions/setpoint")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ValidateOptions {
    /// Print the problems as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the problems as SARIF, for code hosts.
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanOptions {
    /// Print the plan as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Exit with 2 if there is anything to do.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Take over what bears this address and is not the stack's. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) adopt: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyOptions {
    /// Do not ask.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Do not wait for deployments to complete.
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Take over what bears this address and is not the stack's. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) adopt: Vec<String>,
    /// How long one change may take to settle, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 20)]
    pub(crate) timeout: u32,
}

#[derive(Debug, Args)]
pub(crate) struct DestroyOptions {
    /// Do not ask.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Delete repositories that hold images, too, with the images.
    #[arg(long)]
    pub(crate) empty_repositories: bool,
    /// How long one change may take to settle, in minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 20)]
    pub(crate) timeout: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// Plan and apply the stack on an empty account, visit it, and plan again.
    Demo,
    /// Serve the sandbox on a loopback port, for any AWS client; its tasks answer, too.
    #[command(after_help = "Examples:\n  setpoint sandbox serve --port 4566\n  \
        AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws ecs list-clusters")]
    Serve(ServeOptions),
    /// Forget everything in the sandbox.
    Reset,
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The port; 0 takes any that is free.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Begin with an empty account and keep nothing.
    #[arg(long)]
    pub(crate) ephemeral: bool,
    /// Refuse what is not signed with the secret of its key. The administrator's is `secret`.
    #[arg(long)]
    pub(crate) check_signatures: bool,
    /// Deny what IAM policies do not allow. Any key that no session has is the administrator's.
    #[arg(long)]
    pub(crate) enforce_policies: bool,
    /// Let tasks run only images that were pushed. Otherwise every tag of a repository that exists
    /// is taken for pushed, but `missing`.
    #[arg(long)]
    pub(crate) pushed_images_only: bool,
    /// How the account behaves, in a JSON file; see `Habits` of the twin.
    #[arg(long, value_name = "FILE")]
    pub(crate) habits: Option<PathBuf>,
}
