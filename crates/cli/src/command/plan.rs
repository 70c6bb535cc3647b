use super::Ended;
use crate::{
    arguments::{Common, PlanOptions},
    render,
    session::{Aim, Session},
};

/// Shows what would change.
pub(crate) async fn plan(common: &Common, options: &PlanOptions) -> Ended {
    let aim = Aim::Stack {
        adopt: &options.adopt,
    };
    let session = Session::begin(common, aim).await?;
    match options.json {
        true => render::plan_as_json(&session)?,
        false => render::plan(&session)?,
    }
    Ok(match session.plan.is_empty() {
        false if options.detailed_exitcode => 2,
        _ => 0,
    })
}
