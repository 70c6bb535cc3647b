use super::Ended;
use crate::{
    arguments::{ApplyOptions, Common},
    failure::Failure,
    interrupt::on_interrupt,
    preflight::preflight,
    render,
    session::{Aim, Session},
};
use setpoint_core::{Limits, Stop};
use std::time::Duration;

/// Shows what would change, asks, and makes it so.
pub(crate) async fn apply(common: &Common, options: &ApplyOptions) -> Ended {
    let aim = Aim::Stack {
        adopt: &options.adopt,
    };
    let session = Session::begin(common, aim).await?;
    render::plan(&session)?;
    if session.plan.is_settled() {
        return Ok(0);
    }
    preflight(&session).await.judge(common, &session, false)?;
    let foreign = session.plan.changes.iter().filter(|it| !it.granted);
    let foreign: Vec<String> = foreign.map(|it| it.address.to_string()).collect();
    if !foreign.is_empty() {
        return Err(Failure::NotOurs(foreign));
    }
    if !options.yes && !session.plan.is_empty() {
        render::ask("Apply these changes? [y/N] ", &["y", "yes"]).await?;
    }
    let limits = session.limits(Limits {
        wait: !options.no_wait,
        patience: Duration::from_secs(60 * u64::from(options.timeout)),
        // Who was asked had time to think, and the world to move.
        fresh: match options.yes {
            true => Limits::default().fresh,
            false => Duration::ZERO,
        },
        ..Limits::default()
    });
    carry_out(session, limits).await
}

/// Carries out the session's plan, telling of it on the way, and sums it up.
pub(super) async fn carry_out(session: Session, limits: Limits) -> Ended {
    let (code, summary) = carry_out_until(on_interrupt(), session, limits).await;
    render::raw(summary.as_bytes())?;
    Ok(code)
}

/// Carries out what there is on the way to something else, until it is stopped: the summary leaves standard output to
/// what is for programs, where there is such.
pub(super) async fn carry_out_beside(stop: Stop, session: Session, is_json: bool) -> Ended {
    if session.plan.is_settled() {
        return Ok(0);
    }
    let limits = session.limits(Limits::default());
    let (code, summary) = carry_out_until(stop, session, limits).await;
    match is_json {
        true => render::aside(&summary),
        false => render::raw(summary.as_bytes())?,
    }
    Ok(code)
}

async fn carry_out_until(stop: Stop, session: Session, limits: Limits) -> (u8, String) {
    let mut progress = render::Progress::new(&session.plan, &session.narrator);
    let (plan, adapters) = (session.plan, &session.adapters);
    let report = setpoint_core::apply(plan, adapters, limits, stop, |event| {
        progress.tell(&event);
    })
    .await;
    let code = match report.is_success() {
        true => 0,
        false if report.stopped => 130,
        false => 1,
    };
    (code, progress.end(&report))
}
