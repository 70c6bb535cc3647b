//! How many of something an account may have.

use super::Touched;
use crate::system::System;
use setpoint_spec::{Code, Problem, Span};

const CODE: Code = Code("SP204");

/// What AWS counts in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// IAM roles (`iam:GetAccountSummary`, `RolesQuota`).
    Roles,
    /// Instance profiles (`iam:GetAccountSummary`, `InstanceProfilesQuota`).
    InstanceProfiles,
    /// Auto Scaling groups of a region (`autoscaling:DescribeAccountLimits`).
    AutoScalingGroups,
}

impl Limit {
    const ALL: [(Limit, &'static str, &'static str); 3] = [
        (Limit::Roles, "roles", "role"),
        (
            Limit::InstanceProfiles,
            "instanceProfiles",
            "instanceProfile",
        ),
        (
            Limit::AutoScalingGroups,
            "autoScalingGroups",
            "autoScalingGroup",
        ),
    ];

    fn words(self) -> &'static str {
        match self {
            Limit::Roles => "IAM roles",
            Limit::InstanceProfiles => "instance profiles",
            Limit::AutoScalingGroups => "Auto Scaling groups",
        }
    }
}

/// Whether the account may have what a plan makes.
#[derive(Clone, Debug)]
pub struct LimitQuestion {
    /// What is counted.
    pub limit: Limit,
    made: u64,
    first: Span,
}

impl LimitQuestion {
    /// What it means that the account has `used` of them, and may have `quota`.
    pub fn judge(&self, used: u64, quota: u64) -> Option<Problem> {
        if used.saturating_add(self.made) <= quota {
            return None;
        }
        let words = self.limit.words();
        let made = match self.made {
            1 => format!("one more of the {words}"),
            made => format!("{made} {words}"),
        };
        let message = format!(
            "this plan makes {made}; the account has {used} of the {quota} that it may have"
        );
        let problem = Problem::error(CODE, self.first, message)
            .why("AWS refuses those above the quota, and the plan would stop half-way")
            .hint(format!(
                "ask for a higher quota of {words} at Service Quotas, or delete what nobody uses"
            ));
        Some(problem)
    }
}

pub(super) fn questions(system: &System<'_>, touched: &Touched) -> Vec<LimitQuestion> {
    let asked = Limit::ALL.iter().filter_map(|(limit, section, kind)| {
        let items = system.items(section).iter();
        let made: Vec<Span> = items
            .filter(|it| touched.makes(kind, it.name))
            .map(|it| system.source.head(&it.path))
            .collect();
        Some(LimitQuestion {
            limit: *limit,
            first: *made.iter().min()?,
            made: made.len() as u64,
        })
    });
    asked.collect()
}
