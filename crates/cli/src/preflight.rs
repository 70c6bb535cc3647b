//! Asking AWS, once a plan is made, what the stack's text cannot tell.

use crate::{
    arguments::Common,
    failure::{self, Failure},
    keeping,
    reading::stops,
    render,
    session::Session,
};
use futures::{future::join_all, join};
use setpoint_check::preflight::{
    Home, Image, ImageQuestion, Limit, LimitQuestion, PlacementQuestion, Touched, questions, told,
};
use setpoint_core::{Action, AdapterError};
use setpoint_spec::Problem;
use std::collections::{BTreeMap, BTreeSet};

/// What came of asking.
#[derive(Default)]
pub(crate) struct Preflight {
    /// What would not work, in the order of their places.
    pub(crate) problems: Vec<Problem>,
    /// What could not be asked, and why; a line for each.
    pub(crate) not_checked: Vec<String>,
}

impl Preflight {
    /// Tells what was found. A problem that stops is the end.
    pub(crate) fn judge(
        self,
        common: &Common,
        session: &Session,
        is_printed: bool,
    ) -> Result<(), Failure> {
        if !is_printed {
            render::not_checked(&self.not_checked);
        }
        let files = &session.read.files;
        if self.problems.iter().any(|it| stops(common, it)) {
            return Err(Failure::Stack {
                path: common.stack().to_owned(),
                files: files.clone(),
                problems: self.problems,
                end: "; nothing was changed",
            });
        }
        if !is_printed && !self.problems.is_empty() {
            render::problems(files, &self.problems, common.stack());
        }
        Ok(())
    }
}

/// Asks everything at once, and writes nothing. A plan that touches nothing asks nothing.
pub(crate) async fn preflight(session: &Session) -> Preflight {
    let home = Home {
        account: &session.identity.account,
        region: session.aws.region(),
    };
    let mut asked = questions(&session.read.source, &touched(session), home);
    if session.assumes_images() {
        asked.images.clear();
        asked.problems.clear();
    }
    let (images, placements, limits, kept) = join!(
        images(session, &asked.images),
        placements(session, &asked.placements),
        limits(session, &asked.limits),
        keeping::judged(session, &asked.kept),
    );
    let mut found = Preflight {
        problems: asked.problems,
        not_checked: session.unresolved.clone(),
    };
    for answer in images
        .into_iter()
        .chain(placements)
        .chain(limits)
        .chain(kept)
    {
        match answer {
            Ok(problem) => found.problems.extend(problem),
            Err(err) => found.not_checked.push(failure::told(&err)),
        }
    }
    found.problems = told(&session.read.source, found.problems);
    found.not_checked.sort();
    found.not_checked.dedup();
    found
}

/// What an answer means, if there was one.
type Judged = Result<Option<Problem>, AdapterError>;

fn touched(session: &Session) -> Touched {
    let mut touched = Touched::default();
    for change in &session.plan.changes {
        let address = change.address.to_string();
        match change.action {
            Action::Create => touched.made.insert(address),
            Action::Update | Action::Adopt => touched.changed.insert(address),
            Action::Delete | Action::Await => false,
        };
    }
    touched
}

/// The images of one repository are asked for together.
async fn images(session: &Session, asked: &[ImageQuestion]) -> Vec<Judged> {
    let mut by_repository: BTreeMap<&str, Vec<&ImageQuestion>> = BTreeMap::new();
    for question in asked {
        let of = by_repository.entry(&question.repository).or_default();
        of.push(question);
    }
    let tags = setpoint_ecr::Images::new(&session.aws);
    let each = by_repository.iter().map(|(repository, asked)| async {
        let references: BTreeSet<String> = asked.iter().map(|it| it.reference.clone()).collect();
        let held = match session.shelf.held(repository, &references).await {
            Ok(held) => held,
            Err(err) => return vec![Err(err)],
        };
        let is_missing = held.as_ref().is_some_and(|it| it.len() < references.len());
        let tags = match is_missing {
            // Without them the problem is still told.
            true => tags.newest_tags(repository).await.unwrap_or_default(),
            false => Vec::new(),
        };
        let each = asked.iter().map(async |question| {
            let answer = match &held {
                None => Image::NoRepository,
                Some(held) => match held.get(&question.reference) {
                    None => Image::Absent { tags: tags.clone() },
                    Some(held) => {
                        let built_for = session.shelf.architectures(repository, held);
                        Image::Present {
                            architectures: built_for.await?,
                        }
                    }
                },
            };
            Ok(question.judge(&answer))
        });
        join_all(each).await
    });
    join_all(each).await.into_iter().flatten().collect()
}

async fn placements(session: &Session, asked: &[PlacementQuestion]) -> Vec<Judged> {
    let network = setpoint_ec2::Network::new(&session.aws);
    let each = asked.iter().map(|question| {
        let network = &network;
        async move {
            let subnets = network.vpc_of_subnets(&question.subnets);
            let vpc = network.vpc(&question.vpc);
            let (subnets, vpc) = futures::try_join!(subnets, vpc)?;
            // What is not there at all the plan itself has told.
            let both = subnets.zip(vpc);
            Ok(both.and_then(|(subnets, vpc)| question.judge(&subnets, &vpc)))
        }
    });
    join_all(each).await
}

async fn limits(session: &Session, asked: &[LimitQuestion]) -> Vec<Judged> {
    let of_iam = asked.iter().any(|it| it.limit != Limit::AutoScalingGroups);
    let of_groups = asked.iter().any(|it| it.limit == Limit::AutoScalingGroups);
    let iam = async {
        match of_iam {
            true => setpoint_iam::quotas(&session.aws).await.map(Some),
            false => Ok(None),
        }
    };
    let groups = async {
        match of_groups {
            true => setpoint_autoscaling::limits(&session.aws).await,
            false => Ok(None),
        }
    };
    let (iam, groups) = join!(iam, groups);
    let mut judged = Vec::new();
    let mut known: BTreeMap<Limit, (u64, u64)> = BTreeMap::new();
    match iam {
        Ok(quotas) => {
            let roles = quotas.and_then(|it| it.roles);
            let profiles = quotas.and_then(|it| it.instance_profiles);
            known.extend(roles.map(|it| (Limit::Roles, it)));
            known.extend(profiles.map(|it| (Limit::InstanceProfiles, it)));
        }
        Err(err) => judged.push(Err(err)),
    }
    match groups {
        Ok(quota) => known.extend(quota.map(|it| (Limit::AutoScalingGroups, it))),
        Err(err) => judged.push(Err(err)),
    }
    let answered = asked.iter().filter_map(|question| {
        let (used, quota) = known.get(&question.limit)?;
        Some(Ok(question.judge(*used, *quota)))
    });
    judged.extend(answered);
    judged
}
