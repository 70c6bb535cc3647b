//! Subnets and security groups that are to be used together, and must be of one VPC.

use super::Touched;
use crate::system::{Item, System};
use serde_json::Value;
use setpoint_spec::{Code, Problem, Span, Step};

const CODE: Code = Code("SP203");

/// Whether subnets are in the VPC of a security group that is used in them.
///
/// Both are written as the stack looks them up: `default`, ids, or `tag:<key>=<value>`.
#[derive(Clone, Debug)]
pub struct PlacementQuestion {
    /// The subnets.
    pub subnets: String,
    /// The VPC.
    pub vpc: String,
    user: String,
    security_group: String,
    span: Span,
    vpc_span: Span,
}

impl PlacementQuestion {
    /// What it means that the subnets are in one VPC and the security group in another.
    pub fn judge(&self, of_subnets: &str, of_group: &str) -> Option<Problem> {
        if of_subnets == of_group {
            return None;
        }
        let (user, group) = (&self.user, &self.security_group);
        let message =
            format!("the subnets of {user} are in {of_subnets}, and {group} is in {of_group}");
        let problem = Problem::error(CODE, self.span, message)
            .why("nothing can be started in a subnet with a security group of another VPC")
            .hint(format!(
                "name `vpc: {of_subnets}` for {group}, or subnets of {of_group} for {user}"
            ));
        Some(match self.vpc_span == self.span {
            true => problem,
            false => problem.also(self.vpc_span, "the VPC of the security group"),
        })
    }
}

pub(super) fn questions(system: &System<'_>, touched: &Touched) -> Vec<PlacementQuestion> {
    let groups = system.items("autoScalingGroups").iter();
    let groups = groups.flat_map(|it| of_group(system, touched, it));
    let services = system.items("services").iter();
    let services = services.flat_map(|it| of_service(system, touched, it));
    groups.chain(services).collect()
}

fn of_group(system: &System<'_>, touched: &Touched, group: &Item<'_>) -> Vec<PlacementQuestion> {
    let Some(template) = system.named(group, "launchTemplate", "launchTemplates") else {
        return Vec::new();
    };
    let is_touched = touched.touches("autoScalingGroup", group.name)
        || touched.touches("launchTemplate", template.name);
    let subnets = Subnets {
        text: or_default(system, &group.value["subnets"], "subnets"),
        path: group.at(["subnets".into()]),
        user: group.name,
        is_touched,
    };
    subnets.with(system, touched, &template.value["securityGroups"])
}

fn of_service(system: &System<'_>, touched: &Touched, it: &Item<'_>) -> Vec<PlacementQuestion> {
    let network = &it.value["networkConfiguration"]["awsvpcConfiguration"];
    let ids = network["subnets"].as_array().into_iter().flatten();
    let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
    if ids.is_empty() {
        return Vec::new();
    }
    let subnets = Subnets {
        text: ids.join(","),
        path: it.at([
            "networkConfiguration".into(),
            "awsvpcConfiguration".into(),
            "subnets".into(),
        ]),
        user: it.name,
        is_touched: touched.touches("service", it.name),
    };
    subnets.with(system, touched, &network["securityGroups"])
}

/// Subnets, and who uses them.
struct Subnets<'a> {
    text: String,
    path: Vec<Step>,
    user: &'a str,
    is_touched: bool,
}

impl Subnets<'_> {
    /// What is to be asked of those security groups that the stack makes.
    fn with(
        &self,
        system: &System<'_>,
        touched: &Touched,
        groups: &Value,
    ) -> Vec<PlacementQuestion> {
        let names = groups.as_array().into_iter().flatten();
        let groups = names.filter_map(|it| system.item("securityGroups", it.as_str()?));
        let asked = groups.filter_map(|group| {
            let vpc = or_default(system, &group.value["vpc"], "vpc");
            let is_touched = self.is_touched || touched.makes("securityGroup", group.name);
            let is_default = vpc == "default" && self.text == "default";
            (is_touched && !is_default).then(|| PlacementQuestion {
                subnets: self.text.clone(),
                user: self.user.to_owned(),
                security_group: group.name.to_owned(),
                span: said(system, &self.path, "subnets"),
                vpc_span: said(system, &group.at(["vpc".into()]), "vpc"),
                vpc,
            })
        });
        asked.collect()
    }
}

fn or_default(system: &System<'_>, own: &Value, member: &str) -> String {
    let general = &system.source.value["network"][member];
    let text = own.as_str().or(general.as_str());
    text.unwrap_or("default").to_owned()
}

/// Where that is said: at its place, under `network`, or nowhere, at the item's name.
fn said(system: &System<'_>, path: &[Step], member: &str) -> Span {
    let general: [Step; 2] = ["network".into(), member.into()];
    let places = [path, &general];
    let place = places.iter().find(|it| system.source.at(it).is_some());
    match place {
        Some(place) => system.source.span(place),
        None => system.source.head(path),
    }
}
