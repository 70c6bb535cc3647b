//! What only AWS knows of a stack: questions for it, once a plan says what would change, and what
//! its answers mean.

mod image;
mod keep;
mod limit;
mod placement;

pub use image::{Image, ImageQuestion};
pub use keep::KeepQuestion;
pub use limit::{Limit, LimitQuestion};
pub use placement::PlacementQuestion;

use crate::{
    allow,
    codes::{Explained, pages},
    system::System,
};
use setpoint_spec::{Problem, Source};
use std::collections::BTreeSet;

/// The codes of what AWS's answers tell.
pub(crate) const PAGES: &[Explained] = pages!["SP201", "SP202", "SP203", "SP204", "SP205"];

/// Where a stack is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Home<'a> {
    /// The account's number.
    pub account: &'a str,
    /// The region's name: `us-east-1`.
    pub region: &'a str,
}

/// What a plan does, by addresses such as `taskDefinition.web`.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    /// What it makes.
    pub made: BTreeSet<String>,
    /// What it changes.
    pub changed: BTreeSet<String>,
}

impl Touched {
    fn makes(&self, kind: &str, name: &str) -> bool {
        self.made.contains(&format!("{kind}.{name}"))
    }

    fn touches(&self, kind: &str, name: &str) -> bool {
        self.makes(kind, name) || self.changed.contains(&format!("{kind}.{name}"))
    }
}

/// What is to be asked. What a plan leaves as it is raises no question.
#[derive(Debug, Default)]
pub struct Questions {
    /// Whether images are there, and for which processors.
    pub images: Vec<ImageQuestion>,
    /// Which VPCs subnets and security groups are in.
    pub placements: Vec<PlacementQuestion>,
    /// What the account may still have.
    pub limits: Vec<LimitQuestion>,
    /// Whether lifecycle policies leave alone what is needed.
    pub kept: Vec<KeepQuestion>,
    /// What is known without asking.
    pub problems: Vec<Problem>,
}

impl Questions {
    /// Whether AWS need not be asked.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
            && self.placements.is_empty()
            && self.limits.is_empty()
            && self.kept.is_empty()
    }
}

/// What AWS is to be asked about a stack that a plan was made of.
pub fn questions(source: &Source, touched: &Touched, home: Home<'_>) -> Questions {
    let system = System::of(source);
    let mut questions = Questions {
        placements: placement::questions(&system, touched),
        limits: limit::questions(&system, touched),
        kept: keep::questions(&system, touched, home),
        ..Questions::default()
    };
    image::ask(&system, touched, home, &mut questions);
    questions
}

/// The problems that no comment in the stack allows, in the order of their places.
pub fn told(source: &Source, mut problems: Vec<Problem>) -> Vec<Problem> {
    allow::silence(source, &mut problems);
    problems.sort();
    problems.dedup();
    problems
}
