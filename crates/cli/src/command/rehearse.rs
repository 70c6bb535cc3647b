//! The sale, rehearsed: load, and everything that follows from it, on one clock.

mod clock;
mod failure;
mod ground;
mod play;
mod seen;
mod tape;

pub(crate) use failure::RehearseFailure;

use super::{Ended, asked};
use crate::{
    arguments::{Common, RehearseOptions},
    failure::Failure,
    interrupt::on_interrupt,
    looking::services,
    reading::{Use, read_stack},
    render,
    written::limits,
};
use ground::{Ground, Readied};
use setpoint_load::Load;
use setpoint_observe::Subject;
use setpoint_rehearsal::{Limits, Recording, report, verdict};
use setpoint_spec::WrittenLimits;
use std::{fs, io::BufReader, path::Path, sync::Arc};
use tape::Tape;

/// Loads the stack, watches what follows, and judges it; or judges what was recorded of that.
pub(crate) async fn rehearse(common: &Common, options: &RehearseOptions) -> Ended {
    if let Some(recorded) = &options.from {
        return again(options, recorded);
    }
    let read = Arc::new(read_stack(common, Use::Make)?);
    let written = read.stack.rehearse.clone().unwrap_or_default();
    let service = options.service.as_ref().or(written.service.as_ref());
    let asked = Asked {
        subject: one(services(&read.stack, service.map(String::as_str))?)?,
        limits: judged(options, written.limits)?,
        load: asked(common, &options.schedule, &options.requests, &[])?,
    };
    let stop = on_interrupt();
    let ground = match Ground::ready(common, options, read, &stop).await? {
        Readied::Ready(ground) => ground,
        Readied::Ended(code) => return Ok(code),
    };
    let played = play::play(&ground, options, asked, stop.clone()).await;
    // What was applied for this is taken back however it ended.
    let restored = ground.restore(common, options).await;
    let code = played?;
    match restored? {
        0 => Ok(code),
        failed => Ok(failed),
    }
}

/// What is to be rehearsed.
struct Asked {
    subject: Subject,
    limits: Limits,
    load: Load,
}

fn one(mut services: Vec<Subject>) -> Result<Subject, Failure> {
    let first = services.pop().ok_or(Failure::NoServices)?;
    if services.is_empty() {
        return Ok(first);
    }
    services.push(first);
    let names = services.into_iter().map(|it| it.service).collect();
    Err(RehearseFailure::Which(names).into())
}

fn judged(options: &RehearseOptions, written: WrittenLimits) -> Result<Limits, Failure> {
    let read = limits(&options.limits.over(written));
    let failed = |(limit, why)| RehearseFailure::Limit { limit, why };
    Ok(read.map_err(failed)?)
}

/// Judges a recording, by its own limits and by those given over them, and makes its report anew.
fn again(options: &RehearseOptions, path: &Path) -> Ended {
    let failed = |why: String| Failure::File {
        path: path.to_owned(),
        why,
    };
    let file = fs::File::open(path).map_err(|err| failed(err.to_string()))?;
    let recording = Recording::read(BufReader::new(file));
    let mut recording = recording.map_err(|err| failed(err.to_string()))?;
    let given = judged(options, WrittenLimits::default())?;
    let limits = &mut recording.about.limits;
    limits.p95 = given.p95.or(limits.p95);
    limits.errors = given.errors.or(limits.errors);
    limits.scale_out = given.scale_out.or(limits.scale_out);
    limits.tasks = given.tasks.or(limits.tasks);
    limits.scale_in = given.scale_in.or(limits.scale_in);
    let verdict = verdict(&recording);
    let page = Tape::report(&options.output);
    let written =
        tape::make(&options.output).and_then(|()| fs::write(&page, report(&recording, &verdict)));
    written.map_err(|source| RehearseFailure::Write {
        path: page.clone(),
        source,
    })?;
    render::rehearsed(&recording, &verdict, path, &page, options.json)?;
    Ok(u8::from(!verdict.held))
}
