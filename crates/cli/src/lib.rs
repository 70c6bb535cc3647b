//! `setpoint`: keeps an Amazon ECS stack as its `stack.yaml` says.
//!
//! Here are the commands, what they print, and how they end. What is absent: any knowledge of how a
//! change is found or made.

mod adapters;
mod arguments;
mod command;
mod connection;
mod failure;
mod interrupt;
mod keeping;
mod looking;
mod pins;
mod preflight;
mod reading;
mod render;
mod sandbox;
mod session;
mod targets;
mod visiting;
mod written;

pub use adapters::{Making, adapters};
pub use pins::{Pinned, pinned};
pub use render::documents;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

/// Does what the command line says.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(err) => {
            let code = if err.use_stderr() { 1 } else { 0 };
            // Nothing can be done about a closed terminal.
            let _ = err.print();
            return ExitCode::from(code);
        }
    };
    render::log(arguments.common.verbose);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the system gives a process its event queue");
    let ended = runtime.block_on(async {
        match &arguments.command {
            Command::Validate(options) => command::validate(&arguments.common, options),
            Command::Show => command::show(&arguments.common),
            Command::Schema => command::schema(),
            Command::Explain { code } => command::explain(code.as_deref()),
            Command::Plan(options) => command::plan(&arguments.common, options).await,
            Command::Apply(options) => command::apply(&arguments.common, options).await,
            Command::Destroy(options) => command::destroy(&arguments.common, options).await,
            Command::Images { json } => command::images(&arguments.common, *json).await,
            Command::Build { images } => command::build(&arguments.common, images).await,
            Command::Push { images } => command::push(&arguments.common, images).await,
            Command::Status(options) => command::status(&arguments.common, options).await,
            Command::Endpoints(options) => command::endpoints(&arguments.common, options).await,
            Command::Watch(options) => command::watch(&arguments.common, options).await,
            Command::Why(options) => command::why(&arguments.common, options).await,
            Command::Events(options) => command::events(&arguments.common, options).await,
            Command::Logs(options) => command::logs(&arguments.common, options).await,
            Command::Load(options) => command::load(&arguments.common, options).await,
            Command::Rehearse(options) => command::rehearse(&arguments.common, options).await,
            Command::Sandbox(it) => command::sandbox(&arguments.common, it).await,
            Command::Completions { shell } => command::completions(*shell),
        }
    });
    let code = match ended {
        Ok(code) => code,
        Err(failure) => {
            render::failure(&failure);
            failure.code()
        }
    };
    // A read that is still on its way must not hold up the end.
    runtime.shutdown_background();
    ExitCode::from(code)
}
