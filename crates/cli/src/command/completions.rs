use super::Ended;
use crate::arguments::Arguments;
use clap::CommandFactory;
use clap_complete::Shell;

/// Prints a completion script.
pub(crate) fn completions(shell: Shell) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "setpoint", &mut script);
    crate::render::raw(&script)?;
    Ok(0)
}
