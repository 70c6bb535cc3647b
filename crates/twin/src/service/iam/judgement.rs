//! Whether policies allow something.

use super::{
    condition,
    context::Context,
    document::{Document, Statement},
    pattern::Pattern,
    policy,
    role::{self, Role},
};
use crate::{Caller, Grant, World, service::sts};

/// What someone may do: by policies of their own, and within bounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// Attached and inline policies.
    pub(super) identity: Vec<Source>,
    /// The permissions boundary.
    pub(super) boundary: Option<Vec<Source>>,
    /// The session's own policies.
    pub(super) session: Option<Vec<Source>>,
}

/// A policy, and where it is from.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The policy's name or ARN.
    pub(super) id: String,
    /// `role`, `aws-managed`, `user-managed` or `none`.
    pub(super) kind: &'static str,
    /// Its text.
    pub(super) text: String,
    /// What it says.
    pub(super) document: Document,
}

impl Source {
    pub(super) fn new(id: impl Into<String>, kind: &'static str, text: &str) -> Source {
        Source {
            id: id.into(),
            kind,
            text: text.to_owned(),
            document: Document::read(text),
        }
    }
}

/// Why something is not allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// A policy of a kind denies it.
    Denied(Kind),
    /// No policy of a kind allows it.
    NotAllowed(Kind),
}

/// The kinds of policies, as AWS names them when it denies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Of the role.
    Identity,
    /// The role's boundary.
    Boundary,
    /// Of the session.
    Session,
}

impl Standing {
    /// What a role may do by itself.
    pub(super) fn of_role(world: &World, role: &Role) -> Standing {
        let managed = |arn: &String| {
            let policy = policy::by_arn(world, arn)?;
            let kind = if policy.is_local() {
                "user-managed"
            } else {
                "aws-managed"
            };
            Some(Source::new(policy.name.as_str(), kind, policy.document()))
        };
        let inline = role
            .inline
            .iter()
            .map(|(name, text)| Source::new(format!("role_{}_{name}", role.name), "role", text));
        let boundary = role.boundary.as_ref();
        Standing {
            identity: role
                .attached
                .iter()
                .filter_map(managed)
                .chain(inline)
                .collect(),
            boundary: boundary.map(|it| managed(it).into_iter().collect()),
            session: None,
        }
    }

    /// What a caller may do; none for the administrator, who may do everything.
    pub(crate) fn of_caller(world: &World, caller: &Caller) -> Option<Standing> {
        let arn = sts::role_of(world, caller)?;
        // A role that was deleted, or made anew since, gives the session nothing.
        let id = caller.user_id.split(':').next();
        let role = role::by_arn(world, &arn);
        let role = role.filter(|it| id.is_none_or(|id| id.is_empty() || it.id == id));
        let mut standing = role.map_or_else(Standing::default, |it| Standing::of_role(world, it));
        let session = sts::session(world, &caller.access_key);
        standing.session = session.filter(|it| it.is_bound()).map(|session| {
            let inline = session.policy.iter();
            let inline = inline.map(|it| Source::new("SessionPolicy", "none", it));
            let managed = session.policy_arns.iter().filter_map(|it| {
                let policy = policy::by_arn(world, it)?;
                Some(Source::new(it.as_str(), "none", policy.document()))
            });
            inline.chain(managed).collect()
        });
        Some(standing)
    }

    /// Judges an action on a resource.
    pub(crate) fn judge(&self, action: &str, resource: &str, context: &Context) -> Result<(), Why> {
        let asks = |sources: &[Source], allow: bool| {
            matched(sources, action, resource, context, allow)
                .next()
                .is_some()
        };
        let kinds = [
            (Some(&self.identity), Kind::Identity),
            (self.boundary.as_ref(), Kind::Boundary),
            (self.session.as_ref(), Kind::Session),
        ];
        let kinds = || {
            kinds
                .iter()
                .filter_map(|(these, kind)| Some(((*these)?, *kind)))
        };
        if let Some((_, kind)) = kinds().find(|(it, _)| asks(it, false)) {
            return Err(Why::Denied(kind));
        }
        match kinds().find(|(it, _)| !asks(it, true)) {
            Some((_, kind)) => Err(Why::NotAllowed(kind)),
            None => Ok(()),
        }
    }
}

/// The statements of policies that allow, or else deny, an action on a resource: each by its
/// policy and its number in it.
pub(super) fn matched<'a>(
    sources: &'a [Source],
    action: &'a str,
    resource: &'a str,
    context: &'a Context,
    allow: bool,
) -> impl Iterator<Item = (&'a Source, usize)> {
    sources.iter().flat_map(move |source| {
        let document = &source.document;
        let statements = document.statements.iter().enumerate();
        let fit = statements.filter(move |(_, it)| {
            it.allow == allow && speaks_of(it, document.variables, action, Some(resource), context)
        });
        fit.map(move |(number, _)| (source, number))
    })
}

/// Whether a statement is about an action on a resource, in a context. Trust policies name no
/// resource.
pub(super) fn speaks_of(
    statement: &Statement,
    variables: bool,
    action: &str,
    resource: Option<&str>,
    context: &Context,
) -> bool {
    let actions = &statement.actions;
    let acts = actions
        .these
        .iter()
        .any(|it| Pattern::new(it).matches(action, true));
    if acts == actions.not {
        return false;
    }
    if let Some(resource) = resource {
        let pattern = |it: &String| match variables {
            true => Pattern::expand(it, context, true),
            false => Some(Pattern::new(it)),
        };
        let Some(resources) = &statement.resources else {
            return false;
        };
        let mut patterns = resources.these.iter().filter_map(pattern);
        if patterns.any(|it| it.matches_resource(resource)) == resources.not {
            return false;
        }
    }
    let mut conditions = statement.conditions.iter();
    conditions.all(|it| condition::holds(it, context, variables))
}

/// The first of some grants that a caller lacks. `action` is what was called, as policies name it.
pub(super) fn lacking(
    world: &World,
    caller: &Caller,
    action: &str,
    grants: &[Grant],
) -> Option<(Grant, Why)> {
    let standing = Standing::of_caller(world, caller)?;
    let everything = [Grant::on("*")];
    let grants = if grants.is_empty() {
        &everything
    } else {
        grants
    };
    grants.iter().find_map(|grant| {
        let asked = match grant.action.as_str() {
            "" => action,
            other => other,
        };
        let context = Context::of(world, caller, asked).with(grant);
        let why = standing.judge(asked, &grant.resource, &context).err()?;
        let grant = Grant {
            action: asked.to_owned(),
            ..grant.clone()
        };
        Some((grant, why))
    })
}
