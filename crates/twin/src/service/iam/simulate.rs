//! What policies would allow.

use super::{
    context::Context,
    document::Document,
    exclusion,
    judgement::{self, Source, Standing, Why},
    list,
    pattern::Pattern,
    policy, position,
    refusal::{invalid, no_role, no_such},
    role,
};
use crate::{Answer, Caller, Grant, Input, Refusal, World, habits::ACCOUNT, service::sts};
use serde_json::{Value, json};

pub(super) fn principal(world: &mut World, input: &Input) -> Answer {
    let source = input.text("PolicySourceArn");
    let mut standing = standing_of(world, source)?;
    exclusion::apply(
        world,
        source,
        &mut standing,
        input.list("PolicyExclusionList"),
    )?;
    standing.identity.extend(given(input, "PolicyInputList")?);
    let bounds = given(input, "PermissionsBoundaryPolicyInputList")?;
    if !bounds.is_empty() {
        standing.boundary = Some(bounds);
    }
    let caller = input.maybe("CallerArn").unwrap_or(source);
    simulate(world, input, &standing, caller)
}

pub(super) fn custom(world: &mut World, input: &Input) -> Answer {
    let bounds = given(input, "PermissionsBoundaryPolicyInputList")?;
    let standing = Standing {
        identity: given(input, "PolicyInputList")?,
        boundary: Some(bounds).filter(|it| !it.is_empty()),
        session: None,
    };
    simulate(world, input, &standing, input.text("CallerArn"))
}

pub(super) fn context_keys_of_principal(world: &mut World, input: &Input) -> Answer {
    let mut sources = standing_of(world, input.text("PolicySourceArn"))?.identity;
    sources.extend(given(input, "PolicyInputList")?);
    Ok(context_keys(&sources))
}

pub(super) fn context_keys_of_custom(_: &mut World, input: &Input) -> Answer {
    Ok(context_keys(&given(input, "PolicyInputList")?))
}

fn context_keys(sources: &[Source]) -> Value {
    let mut keys: Vec<String> = sources.iter().flat_map(|it| it.document.keys()).collect();
    keys.sort();
    keys.dedup();
    json!({ "ContextKeyNames": keys })
}

/// The policies of an identity of the account: a role, or the administrator.
fn standing_of(world: &World, arn: &str) -> Result<Standing, Refusal> {
    if let Some(role) = role::by_arn(world, arn) {
        return Ok(Standing::of_role(world, role));
    }
    if arn == sts::administrator().arn {
        let all = policy::by_arn(world, "arn:aws:iam::aws:policy/AdministratorAccess");
        let all = all.map(|it| Source::new(it.name.as_str(), "aws-managed", it.document()));
        return Ok(Standing {
            identity: all.into_iter().collect(),
            ..Standing::default()
        });
    }
    let resource = policy::valid(arn)?
        .splitn(6, ':')
        .nth(5)
        .unwrap_or_default();
    let name = resource.rsplit('/').next().unwrap_or_default();
    match resource.split('/').next() {
        Some("role") => Err(no_role(name)),
        Some("user") => Err(no_such(format!(
            "The user with name {name} cannot be found."
        ))),
        Some("group") => Err(no_such(format!(
            "The group with name {name} cannot be found."
        ))),
        _ => Err(invalid(format!("Invalid Entity Arn: {arn}"))),
    }
}

/// The policies that an input brings along.
fn given(input: &Input, name: &str) -> Result<Vec<Source>, Refusal> {
    let texts = input.texts(name).into_iter().enumerate();
    texts
        .map(|(number, text)| {
            super::check::policy(text).map_err(|it| invalid(it.message))?;
            Ok(Source::new(format!("{name}.{}", number + 1), "none", text))
        })
        .collect()
}

fn simulate(world: &World, input: &Input, standing: &Standing, caller: &str) -> Answer {
    let resources = match input.texts("ResourceArns") {
        none if none.is_empty() => vec!["*"],
        some => some,
    };
    let mut all = Vec::new();
    for action in input.texts("ActionNames") {
        if !action.contains(':') || action.contains('*') {
            return Err(invalid(format!("Invalid Action Name: {action}")));
        }
        let results: Vec<Outcome> = resources
            .iter()
            .map(|it| Outcome::of(world, input, standing, caller, action, it))
            .collect();
        all.push(shown(action, &results, input.has("ResourceArns")));
    }
    list::page(input, "EvaluationResults", &all)
}

/// How one action on one resource would be judged.
struct Outcome {
    resource: String,
    decision: &'static str,
    matched: Vec<Value>,
    missing: Vec<String>,
    within_boundary: Option<bool>,
}

impl Outcome {
    fn of(
        world: &World,
        input: &Input,
        standing: &Standing,
        caller: &str,
        action: &str,
        resource: &str,
    ) -> Outcome {
        let context = context(world, input, caller, action).with(&Grant::on(resource));
        let verdict = standing.judge(action, resource, &context);
        let decision = match verdict {
            Ok(()) => "allowed",
            Err(Why::Denied(_)) => "explicitDeny",
            Err(Why::NotAllowed(_)) => "implicitDeny",
        };
        let allow = decision != "explicitDeny";
        let matched = judgement::matched(&standing.identity, action, resource, &context, allow);
        let within = |bounds: &Vec<Source>| {
            let bound = |allow| {
                judgement::matched(bounds, action, resource, &context, allow)
                    .next()
                    .is_some()
            };
            bound(true) && !bound(false)
        };
        Outcome {
            resource: resource.to_owned(),
            decision,
            matched: matched
                .map(|(source, number)| statement(source, number))
                .collect(),
            missing: missing(&standing.identity, action, &context),
            within_boundary: standing.boundary.as_ref().map(within),
        }
    }

    /// Puts what every answer has into one.
    fn put(&self, shown: &mut Value) {
        if let Some(within) = self.within_boundary {
            shown["PermissionsBoundaryDecisionDetail"] =
                json!({ "AllowedByPermissionsBoundary": within });
        }
    }
}

/// The keys that an input gives, and who calls; nothing of the present call.
fn context(world: &World, input: &Input, caller: &str, action: &str) -> Context {
    let caller = Caller {
        arn: caller.to_owned(),
        ..Caller::default()
    };
    let mut context = Context::of(world, &caller, action);
    context.set("aws:PrincipalAccount", ACCOUNT);
    for entry in input.list("ContextEntries") {
        let key = entry["ContextKeyName"].as_str().unwrap_or_default();
        let values = entry["ContextKeyValues"].as_array();
        let values = values.into_iter().flatten();
        let values = values.filter_map(|it| it.as_str().map(str::to_owned));
        context.set_all(key, values.collect());
    }
    context
}

/// The keys that statements about an action ask for and that nobody gave.
fn missing(sources: &[Source], action: &str, context: &Context) -> Vec<String> {
    let statements = sources.iter().flat_map(|it| &it.document.statements);
    let about = statements.filter(|it| {
        let mut actions = it.actions.these.iter();
        actions.any(|it| Pattern::new(it).matches(action, true)) != it.actions.not
    });
    let about: Vec<_> = about.cloned().collect();
    let document = Document {
        variables: true,
        statements: about,
    };
    let mut keys = document.keys();
    keys.retain(|it| context.values(it).is_none());
    keys
}

fn statement(source: &Source, number: usize) -> Value {
    let mut shown = json!({
        "SourcePolicyId": source.id,
        "SourcePolicyType": source.kind,
    });
    if let Some((start, end)) = position::of(&source.text).get(number) {
        let position = |(line, column): &(usize, usize)| json!({ "Line": line, "Column": column });
        shown["StartPosition"] = position(start);
        shown["EndPosition"] = position(end);
    }
    shown
}

/// An action's result over all resources: allowed only where each is.
fn shown(action: &str, results: &[Outcome], by_resource: bool) -> Value {
    let worst = ["explicitDeny", "implicitDeny", "allowed"];
    let decision = worst
        .into_iter()
        .find(|it| results.iter().any(|result| result.decision == *it));
    let decision = decision.unwrap_or("implicitDeny");
    let deciding = results.iter().filter(|it| it.decision == decision);
    let mut matched: Vec<Value> = Vec::new();
    for statement in deciding.flat_map(|it| &it.matched) {
        if !matched.contains(statement) {
            matched.push(statement.clone());
        }
    }
    let mut missing: Vec<&String> = results.iter().flat_map(|it| &it.missing).collect();
    missing.dedup();
    let mut shown = json!({
        "EvalActionName": action,
        "EvalResourceName": "*",
        "EvalDecision": decision,
        "MatchedStatements": matched,
        "MissingContextValues": missing,
    });
    if let [one] = results {
        shown["EvalResourceName"] = one.resource.as_str().into();
        one.put(&mut shown);
    }
    if by_resource {
        let each = results.iter().map(|it| {
            let mut result = json!({
                "EvalResourceName": it.resource,
                "EvalResourceDecision": it.decision,
                "MatchedStatements": it.matched,
                "MissingContextValues": it.missing,
            });
            it.put(&mut result);
            result
        });
        shown["ResourceSpecificResults"] = each.collect();
    }
    shown
}
