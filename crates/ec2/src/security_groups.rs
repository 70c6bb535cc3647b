//! The adapter for security groups.

use crate::{Network, VALUES, filter, refused, rules, tags, users};
use aws_sdk_ec2::{
    Client,
    types::{ResourceType, SecurityGroup as Group},
};
use futures::{future::try_join_all, lock::Mutex, try_join};
use setpoint_aws::{Aws, found};
use setpoint_core::{Adapter, Freshness, Handle, Link, Name, Observed, Owner, Result};
use setpoint_spec::kind::{Peer, Rule, SecurityGroup};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    sync::Arc,
};

/// Reads and writes security groups.
///
/// A group's name is unique only within its VPC. Ours is the one with the stack's mark; beside it,
/// only what bears the name in the VPC that is asked for counts.
#[derive(Debug)]
pub struct SecurityGroups {
    aws: Aws,
    ec2: Client,
    network: Network,
    wanted: BTreeMap<Name, Name>,
    /// The groups that bear the wanted names, whosoever's they are; read once.
    named: Mutex<Option<Arc<Vec<Group>>>>,
    /// Ours that bear other names, as the index knew them by their ids.
    others: Mutex<Arc<Vec<Group>>>,
}

#[derive(Clone, Copy)]
enum Direction {
    Ingress,
    Egress,
}

impl SecurityGroups {
    /// An adapter that looks for each group in the VPC under whose name it stands in `wanted`.
    ///
    /// What is not in `wanted` is looked for in every VPC, by name or by id.
    pub fn new(aws: &Aws, network: Network, wanted: BTreeMap<Name, Name>) -> Self {
        SecurityGroups {
            aws: aws.clone(),
            ec2: Client::new(aws.config()),
            network,
            wanted,
            named: Mutex::default(),
            others: Mutex::default(),
        }
    }

    /// The groups that bear the wanted names, read by whoever asks first.
    async fn named(&self) -> Result<Arc<Vec<Group>>> {
        let mut named = self.named.lock().await;
        if let Some(named) = &*named {
            return Ok(named.clone());
        }
        let names = self.wanted.keys().cloned().collect();
        let groups = self.read_named(&names).await?;
        Ok(named.insert(Arc::new(groups)).clone())
    }

    /// The groups that the index knows by their ids and that bear none of the wanted names.
    async fn others(&self, named: &[Group]) -> Result<Arc<Vec<Group>>> {
        let is_named = |id: &str| named.iter().any(|it| it.group_id() == Some(id));
        let ids = self.aws.index().await?.names("ec2", "security-group");
        let ids = ids.into_iter().filter(|it| !is_named(it));
        let ids = ids.map(str::to_owned).collect();
        let groups = Arc::new(self.read("group-id", ids).await?);
        *self.others.lock().await = groups.clone();
        Ok(groups)
    }

    /// The groups whose attribute is one of the values.
    async fn read(&self, attribute: &str, values: Vec<String>) -> Result<Vec<Group>> {
        let batches = values
            .chunks(VALUES)
            .map(|batch| self.pages(attribute, batch));
        Ok(try_join_all(batches).await?.concat())
    }

    async fn pages(&self, attribute: &str, values: &[String]) -> Result<Vec<Group>> {
        let filter = filter(attribute, values.to_vec());
        let request = self.ec2.describe_security_groups().filters(filter);
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let send = || {
                let request = request.clone().max_results(1000);
                request.set_next_token(token.clone()).send()
            };
            let page = self.aws.call("ec2:DescribeSecurityGroups", send).await?;
            found.extend(page.security_groups.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// Every group that bears one of the names, or has it for an id.
    async fn read_named(&self, names: &BTreeSet<Name>) -> Result<Vec<Group>> {
        // No name begins as ids do.
        let (ids, names): (Vec<String>, Vec<String>) = names
            .iter()
            .map(|it| it.0.clone())
            .partition(|it| it.starts_with("sg-"));
        let (by_id, by_name) =
            try_join!(self.read("group-id", ids), self.read("group-name", names))?;
        Ok([by_id, by_name].concat())
    }

    /// Chooses the groups called `names` among those read, in the VPCs they are asked for in.
    async fn look(
        &self,
        names: &BTreeSet<Name>,
        groups: impl Future<Output = Result<Vec<Group>>>,
    ) -> Result<BTreeMap<Name, Observed<SecurityGroup>>> {
        let vpcs = names
            .iter()
            .filter_map(|it| self.wanted.get(it))
            .cloned()
            .collect();
        let (groups, vpcs) = try_join!(groups, self.network.vpc_ids(&vpcs))?;
        let mut found = BTreeMap::new();
        for name in names {
            let vpc = self.wanted.get(name);
            let vpc = vpc.map(|it| vpcs.get(it).map(String::as_str));
            if let Some(group) = self.choose(name, vpc, &groups)? {
                found.insert(name.clone(), group);
            }
        }
        Ok(found)
    }

    /// What was read of `names`, and by name what was not.
    async fn read_already(&self, names: &BTreeSet<Name>) -> Result<Vec<Group>> {
        let named = self.named().await?;
        let others = self.others.lock().await.clone();
        let is_known = |name: &Name| {
            let is_other = |it: &Group| it.group_name() == Some(name.as_str());
            self.wanted.contains_key(name) || others.iter().any(is_other)
        };
        let rest = names.iter().filter(|it| !is_known(it)).cloned().collect();
        let rest = self.read_named(&rest).await?;
        Ok([&**named, &**others, &*rest].concat())
    }

    /// Ours, and of ours the one in the right VPC; or else whosoever's is in the right VPC.
    fn choose(
        &self,
        name: &Name,
        vpc: Option<Option<&str>>,
        groups: &[Group],
    ) -> Result<Option<Observed<SecurityGroup>>> {
        let bears_it =
            |it: &&Group| [it.group_name(), it.group_id()].contains(&Some(name.as_str()));
        let mut candidates: Vec<(bool, bool, Observed<SecurityGroup>)> = groups
            .iter()
            .filter(bears_it)
            .map(|it| {
                let is_there = vpc.is_none_or(|vpc| vpc.is_some() && vpc == it.vpc_id());
                let observed = self.observed(it);
                (observed.owner == Owner::Ours, is_there, observed)
            })
            .filter(|(ours, is_there, _)| *ours || *is_there)
            .collect();
        candidates.sort_by_key(|(ours, is_there, _)| (*ours, *is_there));
        match (vpc, &*candidates) {
            (None, [.., (_, _, one), (false, _, other)]) => {
                let (one, other) = (one.handle.as_str(), other.handle.as_str());
                let why = format!(
                    "{name} is a security group in several VPCs ({one}, {other}, …): name one of \
                     them by its id"
                );
                Err(refused("ec2:DescribeSecurityGroups", why))
            }
            _ => Ok(candidates.pop().map(|(_, _, it)| it)),
        }
    }

    fn observed(&self, group: &Group) -> Observed<SecurityGroup> {
        let id = group.group_id().unwrap_or_default();
        let (tags, owner) = self.aws.tags_of(tags::read(group.tags()));
        let resource = SecurityGroup {
            vpc: Link::is(group.vpc_id().unwrap_or_default()),
            description: Some(group.description().unwrap_or_default().to_owned()),
            ingress: rules::read(group.ip_permissions(), id),
            egress: rules::read(group.ip_permissions_egress(), id),
            tags,
        };
        Observed::new(resource, id, owner)
    }

    /// Lets in or out what it should before it stops what it should not, so that traffic which
    /// both rules allow is never cut off.
    async fn rewrite(
        &self,
        direction: Direction,
        id: &str,
        desired: &BTreeSet<Rule>,
        now: &BTreeSet<Rule>,
    ) -> Result<()> {
        let change = rules::change(desired, now);
        let replace = async {
            self.authorize(direction, id, &change.missing).await?;
            self.revoke(direction, id, &change.extra).await
        };
        try_join!(replace, self.redescribe(direction, id, &change.redescribed)).map(|_| ())
    }

    async fn authorize(&self, direction: Direction, id: &str, rules: &[Rule]) -> Result<()> {
        let permissions = Some(rules::written(rules, id));
        match direction {
            _ if rules.is_empty() => {}
            Direction::Ingress => {
                let request = self.ec2.authorize_security_group_ingress().group_id(id);
                let request = request.set_ip_permissions(permissions);
                let send = || request.clone().send();
                self.aws
                    .call("ec2:AuthorizeSecurityGroupIngress", send)
                    .await?;
            }
            Direction::Egress => {
                let request = self.ec2.authorize_security_group_egress().group_id(id);
                let request = request.set_ip_permissions(permissions);
                let send = || request.clone().send();
                self.aws
                    .call("ec2:AuthorizeSecurityGroupEgress", send)
                    .await?;
            }
        }
        Ok(())
    }

    async fn revoke(&self, direction: Direction, id: &str, rules: &[Rule]) -> Result<()> {
        let permissions = Some(rules::written(rules, id));
        match direction {
            _ if rules.is_empty() => {}
            Direction::Ingress => {
                let request = self.ec2.revoke_security_group_ingress().group_id(id);
                let request = request.set_ip_permissions(permissions);
                let send = || request.clone().send();
                self.aws
                    .call("ec2:RevokeSecurityGroupIngress", send)
                    .await?;
            }
            Direction::Egress => {
                let request = self.ec2.revoke_security_group_egress().group_id(id);
                let request = request.set_ip_permissions(permissions);
                let send = || request.clone().send();
                self.aws.call("ec2:RevokeSecurityGroupEgress", send).await?;
            }
        }
        Ok(())
    }

    async fn redescribe(&self, direction: Direction, id: &str, rules: &[Rule]) -> Result<()> {
        let permissions = Some(rules::written(rules, id));
        match direction {
            _ if rules.is_empty() => {}
            Direction::Ingress => {
                let request = self.ec2.update_security_group_rule_descriptions_ingress();
                let request = request.group_id(id).set_ip_permissions(permissions);
                let send = || request.clone().send();
                let operation = "ec2:UpdateSecurityGroupRuleDescriptionsIngress";
                self.aws.call(operation, send).await?;
            }
            Direction::Egress => {
                let request = self.ec2.update_security_group_rule_descriptions_egress();
                let request = request.group_id(id).set_ip_permissions(permissions);
                let send = || request.clone().send();
                let operation = "ec2:UpdateSecurityGroupRuleDescriptionsEgress";
                self.aws.call(operation, send).await?;
            }
        }
        Ok(())
    }

    /// Takes back what AWS lets out of a new group in a VPC with IPv6, where that is not asked for.
    ///
    /// The creation's answer does not say whether there is such a rule, and a look would cost as
    /// much. Terraform does the same, and met both refusals.
    async fn revoke_ipv6(&self, id: &str, desired: &SecurityGroup) -> Result<()> {
        let everything = Rule {
            peer: Peer::Cidr("::/0".into()),
            ..Rule::everything_out()
        };
        if desired.egress.contains(&everything) {
            return Ok(());
        }
        match self.revoke(Direction::Egress, id, &[everything]).await {
            Err(err) if setpoint_aws::code(&err) == Some("InvalidPermission.NotFound") => Ok(()),
            Err(err) if setpoint_aws::message(&err).contains("remote-ipv6-range") => Ok(()),
            other => other,
        }
    }
}

impl Adapter for SecurityGroups {
    type Resource = SecurityGroup;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        let (named, _) = try_join!(self.named(), self.aws.index())?;
        let others = self.others(&named).await?;
        let is_ours = |it: &&Group| self.observed(it).owner == Owner::Ours;
        let ours = named.iter().chain(&*others).filter(is_ours);
        Ok(ours.filter_map(Group::group_name).map(Name::from).collect())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        freshness: Freshness,
    ) -> Result<BTreeMap<Name, Observed<SecurityGroup>>> {
        match freshness {
            Freshness::Indexed => self.look(names, self.read_already(names)).await,
            Freshness::Direct => self.look(names, self.read_named(names)).await,
        }
    }

    async fn create(&self, name: &Name, desired: &SecurityGroup) -> Result<Handle<SecurityGroup>> {
        let description = desired.description.clone();
        let description =
            description.unwrap_or_else(|| format!("{name} of the stack {}", self.aws.stack()));
        let marked = self.aws.marked(&desired.tags);
        let request = self
            .ec2
            .create_security_group()
            .group_name(name.as_str())
            .description(description)
            .vpc_id(
                desired
                    .vpc
                    .handle()
                    .expect("links are filled before a write"),
            )
            .tag_specifications(tags::on_create(ResourceType::SecurityGroup, &marked));
        let send = || request.clone().send();
        let answer = self.aws.call("ec2:CreateSecurityGroup", send).await?;
        let id = answer.group_id.unwrap_or_default();
        let (none, everything) = (BTreeSet::new(), [Rule::everything_out()].into());
        try_join!(
            self.rewrite(Direction::Ingress, &id, &desired.ingress, &none),
            self.rewrite(Direction::Egress, &id, &desired.egress, &everything),
            self.revoke_ipv6(&id, desired),
        )?;
        Ok(Handle::new(id))
    }

    async fn update(
        &self,
        _: &Name,
        desired: &SecurityGroup,
        observed: &Observed<SecurityGroup>,
    ) -> Result<Handle<SecurityGroup>> {
        let id = observed.handle.as_str();
        let now = &observed.resource;
        let retagging = self
            .aws
            .retagging(&desired.tags, &now.tags, &observed.owner);
        try_join!(
            self.rewrite(Direction::Ingress, id, &desired.ingress, &now.ingress),
            self.rewrite(Direction::Egress, id, &desired.egress, &now.egress),
            tags::retag(&self.aws, &self.ec2, id, &retagging),
        )?;
        Ok(observed.handle.clone())
    }

    async fn delete(&self, _: &Name, observed: &Observed<SecurityGroup>) -> Result<()> {
        let id = observed.handle.as_str();
        let send = || self.ec2.delete_security_group().group_id(id).send();
        match found(self.aws.call("ec2:DeleteSecurityGroup", send).await) {
            Ok(_) => Ok(()),
            Err(err) => Err(users::explained(&self.aws, &self.ec2, id, err).await),
        }
    }
}

#[cfg(test)]
mod tests;
