use super::Ended;
use crate::{
    arguments::{Common, PlanOptions},
    preflight::preflight,
    render,
    session::{Aim, Session},
};

/// Shows what would change, and what would not work.
pub(crate) async fn plan(common: &Common, options: &PlanOptions) -> Ended {
    let aim = Aim::Stack {
        adopt: &options.adopt,
    };
    let session = Session::begin(common, aim).await?;
    let found = preflight(&session).await;
    match options.json {
        true => render::plan_as_json(&session, &found)?,
        false => render::plan(&session)?,
    }
    found.judge(common, &session, options.json)?;
    Ok(match session.plan.is_empty() {
        false if options.detailed_exitcode => 2,
        _ => 0,
    })
}
