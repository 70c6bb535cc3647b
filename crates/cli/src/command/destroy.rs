use super::{Ended, apply::carry_out};
use crate::{
    arguments::{Common, DestroyOptions},
    failure::Failure,
    render,
    session::{Aim, Session},
};
use setpoint_core::{Address, Limits, Name, Resource};
use setpoint_spec::kind::Repository;
use std::{collections::BTreeSet, time::Duration};

/// Deletes everything the stack owns, in the order that AWS allows.
pub(crate) async fn destroy(common: &Common, options: &DestroyOptions) -> Ended {
    let aim = Aim::Nothing {
        empty_repositories: options.empty_repositories,
    };
    let mut session = Session::begin(common, aim).await?;
    let kept = match options.empty_repositories {
        true => BTreeSet::new(),
        false => repositories_with_images(&session).await?,
    };
    session.plan = session.plan.without(&kept);
    render::plan(&session)?;
    render::kept(&kept)?;
    if session.plan.is_empty() {
        return Ok(0);
    }
    if !options.yes {
        let name = session.read.stack.name.clone();
        let question = format!("Type the stack's name, {name}, to delete all this: ");
        render::ask(&question, &[&name]).await?;
    }
    let limits = session.limits(Limits {
        patience: Duration::from_secs(60 * u64::from(options.timeout)),
        ..Limits::default()
    });
    carry_out(session, limits).await
}

/// The repositories that the plan would delete and that hold images.
async fn repositories_with_images(session: &Session) -> Result<BTreeSet<Address>, Failure> {
    let changes = session.plan.changes.iter();
    let names: BTreeSet<Name> = changes
        .filter(|it| it.address.kind == Repository::KIND)
        .map(|it| it.address.name.clone())
        .collect();
    if names.is_empty() {
        return Ok(BTreeSet::new());
    }
    let repositories = setpoint_ecr::Repositories::new(&session.aws, false);
    let held = repositories
        .non_empty(&names)
        .await
        .map_err(Failure::Call)?;
    Ok(held
        .into_iter()
        .map(|name| Address::new(Repository::KIND, name))
        .collect())
}
