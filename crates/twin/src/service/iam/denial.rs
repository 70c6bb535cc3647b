//! How AWS says that someone may not do something.

use super::judgement::{Kind, Why};
use crate::{Caller, Grant, Refusal};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::json;

/// Something that a caller may not do.
#[derive(Clone, Debug, PartialEq)]
pub struct Denial {
    /// What, as policies name it: `ecs:CreateService`.
    pub action: String,
    /// On what: an ARN, or `*`.
    pub resource: String,
    /// Why.
    pub why: Why,
}

impl Denial {
    /// What the caller lacks.
    pub(super) fn new(grant: Grant, why: Why) -> Denial {
        Denial {
            action: grant.action,
            resource: grant.resource,
            why,
        }
    }

    /// The words: `User: … is not authorized to perform: … on resource: … because …`.
    pub fn words(&self, service: &str, caller: &Caller) -> String {
        let Denial {
            action, resource, ..
        } = self;
        let on = match (service, resource.as_str()) {
            ("ec2" | "autoscaling" | "elasticloadbalancing", "*") => String::new(),
            ("iam", _) => format!(" on resource: {}", self.short()),
            _ => format!(" on resource: {resource}"),
        };
        let because = match self.why {
            Why::NotAllowed(kind) => format!("because no {} allows the {action} action", a(kind).1),
            Why::Denied(kind) => {
                let (article, kind) = a(kind);
                format!("with an explicit deny in {article} {kind}")
            }
        };
        let who = &caller.arn;
        format!("User: {who} is not authorized to perform: {action}{on} {because}")
    }

    /// A resource of IAM's own as its messages name it: `role web`. What is to be created, and
    /// what is passed, is named by its ARN.
    fn short(&self) -> String {
        let name = self.action.trim_start_matches("iam:");
        let by_arn = name.starts_with("Create") || name == "PassRole";
        let resource = self.resource.rsplit(':').next().unwrap_or_default();
        match resource.split_once('/') {
            Some(("policy", _)) if !by_arn => format!("policy {}", self.resource),
            Some((kind, path)) if !by_arn => {
                let name = path.rsplit('/').next().unwrap_or_default();
                format!("{} {name}", kind.replace('-', " "))
            }
            _ => self.resource.clone(),
        }
    }

    /// The error in a service's own code and words. The service is given by its signing name.
    pub fn refusal(&self, service: &str, caller: &Caller) -> Refusal {
        let words = self.words(service, caller);
        match service {
            "ec2" => {
                let mut words =
                    format!("You are not authorized to perform this operation. {words}");
                if !self.action.starts_with("ec2:Describe") {
                    let encoded = self.encoded(caller);
                    words.push_str(&format!(
                        ". Encoded authorization failure message: {encoded}"
                    ));
                }
                Refusal::new("UnauthorizedOperation", words).status(403)
            }
            "iam" | "sts" | "autoscaling" | "elasticloadbalancing" | "monitoring" => {
                Refusal::new("AccessDenied", words).status(403)
            }
            _ => Refusal::new("AccessDeniedException", words).status(400),
        }
    }

    /// What EC2 appends, for `sts:DecodeAuthorizationMessage`.
    fn encoded(&self, caller: &Caller) -> String {
        let message = json!({
            "allowed": false,
            "explicitDeny": matches!(self.why, Why::Denied(_)),
            "matchedStatements": { "items": [] },
            "failures": { "items": [] },
            "context": {
                "principal": { "id": caller.user_id, "arn": caller.arn },
                "action": self.action,
                "resource": self.resource,
                "conditions": { "items": [] },
            },
        });
        BASE64.encode(message.to_string())
    }
}

/// What EC2 appended to a denial, if it did.
pub(crate) fn decoded(message: &str) -> Option<String> {
    let text = String::from_utf8(BASE64.decode(message).ok()?).ok()?;
    text.starts_with("{\"allowed\":").then_some(text)
}

fn a(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Identity => ("an", "identity-based policy"),
        Kind::Boundary => ("a", "permissions boundary"),
        Kind::Session => ("a", "session policy"),
    }
}
