//! The VPCs and subnets that a stack uses and does not own.

use crate::{VALUES, filter, refused};
use aws_sdk_ec2::{Client, types::Subnet};
use futures::{future::try_join_all, lock::Mutex};
use setpoint_aws::Aws;
use setpoint_core::{Adapter, Freshness, Handle, Name, Observed, Owner, Result};
use setpoint_spec::kind;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Looks up VPCs and subnets, each once: nothing here changes them. Clones share what was read.
#[derive(Clone, Debug)]
pub struct Network {
    aws: Aws,
    ec2: Client,
    /// Tells the default VPC as well as its subnets.
    default_subnets: Arc<Mutex<Option<Vec<Subnet>>>>,
    vpcs: Arc<Mutex<BTreeMap<Name, String>>>,
}

/// Looks up VPCs: `default`, an id, or `tag:<key>=<value>`.
#[derive(Debug)]
pub struct Vpcs(Network);

/// Looks up subnets: `default`, ids joined by commas, or `tag:<key>=<value>`.
#[derive(Debug)]
pub struct SubnetGroups(Network);

/// How something is looked up, by its name.
enum Lookup<'a> {
    Default,
    Ids(&'a str),
    Tag(&'a str, &'a str),
}

impl<'a> Lookup<'a> {
    fn by(name: &'a Name) -> Self {
        let tag = name.as_str().strip_prefix("tag:");
        match (name.as_str(), tag.and_then(|it| it.split_once('='))) {
            ("default", _) => Lookup::Default,
            (_, Some((key, value))) => Lookup::Tag(key, value),
            (ids, None) => Lookup::Ids(ids),
        }
    }
}

impl Network {
    /// A reader that has read nothing yet.
    pub fn new(aws: &Aws) -> Self {
        Network {
            aws: aws.clone(),
            ec2: Client::new(aws.config()),
            default_subnets: Arc::default(),
            vpcs: Arc::default(),
        }
    }

    /// The adapter for VPCs.
    pub fn vpcs(&self) -> Vpcs {
        Vpcs(self.clone())
    }

    /// The adapter for subnets.
    pub fn subnets(&self) -> SubnetGroups {
        SubnetGroups(self.clone())
    }

    /// The id of a VPC, looked up as a stack writes it; nothing if there is none.
    pub async fn vpc(&self, lookup: &str) -> Result<Option<String>> {
        let name = Name(lookup.to_owned());
        let mut found = self.vpc_ids(&BTreeSet::from([name.clone()])).await?;
        Ok(found.remove(&name))
    }

    /// The id of the VPC that subnets are in, looked up as a stack writes them; nothing if one of
    /// them is not there.
    pub async fn vpc_of_subnets(&self, lookup: &str) -> Result<Option<String>> {
        let name = Name(lookup.to_owned());
        let found = self.subnets_of(&BTreeSet::from([name])).await?;
        let subnets = found.into_values().flatten();
        Ok(subnets.filter_map(|it| it.vpc_id).next())
    }

    /// The ids of subnets in order, looked up as a stack writes them: none if one of them is not
    /// there. Those of several VPCs are refused.
    pub async fn ids_of_subnets(&self, lookup: &str) -> Result<Vec<String>> {
        let name = Name(lookup.to_owned());
        let found = self.subnet_ids(&BTreeSet::from([name])).await?;
        let joined = found.into_values().next().unwrap_or_default();
        let ids = joined.split(',').filter(|it| !it.is_empty());
        Ok(ids.map(str::to_owned).collect())
    }

    /// The id of each VPC that exists.
    pub(crate) async fn vpc_ids(&self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, String>> {
        let mut known = self.vpcs.lock().await;
        let unknown: Vec<&Name> = names.iter().filter(|it| !known.contains_key(it)).collect();
        let by_id = self.vpcs_by_id(&unknown);
        let others = unknown.iter().map(|name| self.vpc_by_rule(name));
        let (by_id, others) = futures::try_join!(by_id, try_join_all(others))?;
        known.extend(by_id);
        known.extend(others.into_iter().flatten());
        let asked = known.iter().filter(|(name, _)| names.contains(*name));
        Ok(asked.map(|(name, id)| (name.clone(), id.clone())).collect())
    }

    async fn vpcs_by_id(&self, names: &[&Name]) -> Result<Vec<(Name, String)>> {
        let ids = names.iter().filter_map(|name| match Lookup::by(name) {
            Lookup::Ids(id) => Some(id.to_owned()),
            _ => None,
        });
        let found = self.read_vpcs("vpc-id", ids.collect()).await?;
        Ok(found.into_iter().map(|id| (Name(id.clone()), id)).collect())
    }

    async fn vpc_by_rule(&self, name: &Name) -> Result<Option<(Name, String)>> {
        let found = match Lookup::by(name) {
            Lookup::Ids(_) => return Ok(None),
            Lookup::Tag(key, value) => {
                let tag = format!("tag:{key}");
                self.read_vpcs(&tag, vec![value.to_owned()]).await?
            }
            Lookup::Default => {
                let subnets = self.default_subnets().await?;
                match subnets.into_iter().find_map(|it| it.vpc_id) {
                    Some(id) => vec![id],
                    // A default VPC may have lost its default subnets.
                    None => self.read_vpcs("is-default", vec!["true".into()]).await?,
                }
            }
        };
        match &*found {
            [] => Ok(None),
            [id] => Ok(Some((name.clone(), id.clone()))),
            several => {
                let ids = several.join(", ");
                let why = format!("{name} fits several VPCs ({ids}): name one of them by its id");
                Err(refused("ec2:DescribeVpcs", why))
            }
        }
    }

    async fn read_vpcs(&self, by: &str, values: Vec<String>) -> Result<Vec<String>> {
        let batches = values.chunks(VALUES).map(|batch| self.vpc_pages(by, batch));
        Ok(try_join_all(batches).await?.concat())
    }

    async fn vpc_pages(&self, by: &str, values: &[String]) -> Result<Vec<String>> {
        let request = self
            .ec2
            .describe_vpcs()
            .filters(filter(by, values.to_vec()));
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let send = || request.clone().set_next_token(token.clone()).send();
            let page = self.aws.call("ec2:DescribeVpcs", send).await?;
            found.extend(
                page.vpcs
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|it| it.vpc_id),
            );
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// The handle of each group of subnets of which all exist.
    async fn subnet_ids(&self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, String>> {
        let found = self.subnets_of(names).await?;
        let handles = found.into_iter().map(|(name, subnets)| {
            let handle = handle(&name, &subnets)?;
            Ok(handle.map(|it| (name, it)))
        });
        let handles: Result<Vec<Option<_>>> = handles.collect();
        Ok(handles?.into_iter().flatten().collect())
    }

    /// The subnets of each group; none of one of which not all exist.
    async fn subnets_of(&self, names: &BTreeSet<Name>) -> Result<BTreeMap<Name, Vec<Subnet>>> {
        let by_id = names.iter().filter_map(|name| match Lookup::by(name) {
            Lookup::Ids(ids) => Some(ids.split(',').map(|it| it.trim().to_owned())),
            _ => None,
        });
        let ids: BTreeSet<String> = by_id.flatten().collect();
        let by_id = self.read_subnets("subnet-id", ids.into_iter().collect());
        let others = names.iter().map(|name| self.subnets_by_rule(name));
        let (by_id, others) = futures::try_join!(by_id, try_join_all(others))?;
        let found = names.iter().zip(others).map(|(name, by_rule)| {
            let Lookup::Ids(ids) = Lookup::by(name) else {
                return (name.clone(), by_rule);
            };
            let asked: BTreeSet<&str> = ids.split(',').map(str::trim).collect();
            let is_asked = |it: &&Subnet| it.subnet_id().is_some_and(|it| asked.contains(it));
            let found: Vec<Subnet> = by_id.iter().filter(is_asked).cloned().collect();
            let all = if found.len() < asked.len() {
                Vec::new()
            } else {
                found
            };
            (name.clone(), all)
        });
        Ok(found.collect())
    }

    async fn subnets_by_rule(&self, name: &Name) -> Result<Vec<Subnet>> {
        match Lookup::by(name) {
            Lookup::Ids(_) => Ok(Vec::new()),
            Lookup::Default => self.default_subnets().await,
            Lookup::Tag(key, value) => {
                let tag = format!("tag:{key}");
                self.read_subnets(&tag, vec![value.to_owned()]).await
            }
        }
    }

    async fn default_subnets(&self) -> Result<Vec<Subnet>> {
        let mut known = self.default_subnets.lock().await;
        if let Some(known) = &*known {
            return Ok(known.clone());
        }
        let subnets = self
            .read_subnets("default-for-az", vec!["true".into()])
            .await?;
        Ok(known.insert(subnets).clone())
    }

    async fn read_subnets(&self, by: &str, values: Vec<String>) -> Result<Vec<Subnet>> {
        let batches = values
            .chunks(VALUES)
            .map(|batch| self.subnet_pages(by, batch));
        Ok(try_join_all(batches).await?.concat())
    }

    async fn subnet_pages(&self, by: &str, values: &[String]) -> Result<Vec<Subnet>> {
        let request = self
            .ec2
            .describe_subnets()
            .filters(filter(by, values.to_vec()));
        let mut found = Vec::new();
        let mut token = None;
        loop {
            let send = || request.clone().set_next_token(token.clone()).send();
            let page = self.aws.call("ec2:DescribeSubnets", send).await?;
            found.extend(page.subnets.unwrap_or_default());
            token = page.next_token.filter(|it| !it.is_empty());
            if token.is_none() {
                return Ok(found);
            }
        }
    }
}

/// The subnets' ids in order, joined by commas; nothing if there are none.
fn handle(name: &Name, subnets: &[Subnet]) -> Result<Option<String>> {
    let vpcs: BTreeSet<&str> = subnets.iter().filter_map(Subnet::vpc_id).collect();
    if vpcs.len() > 1 {
        let ids: Vec<&str> = vpcs.into_iter().collect();
        let why = format!("{name} fits subnets of several VPCs: {}", ids.join(", "));
        return Err(refused("ec2:DescribeSubnets", why));
    }
    let ids: BTreeSet<&str> = subnets.iter().filter_map(Subnet::subnet_id).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    Ok((!ids.is_empty()).then(|| ids.join(",")))
}

impl Adapter for Vpcs {
    type Resource = kind::Vpc;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        Ok(BTreeSet::new())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        _: Freshness,
    ) -> Result<BTreeMap<Name, Observed<kind::Vpc>>> {
        let shown = |id| Observed::new(kind::Vpc {}, id, Owner::Ours);
        let ids = self.0.vpc_ids(names).await?;
        Ok(ids
            .into_iter()
            .map(|(name, id)| (name, shown(id)))
            .collect())
    }

    async fn create(&self, _: &Name, _: &kind::Vpc) -> Result<Handle<kind::Vpc>> {
        Err(refused("ec2:CreateVpc", "setpoint makes no VPC"))
    }

    async fn update(
        &self,
        _: &Name,
        _: &kind::Vpc,
        _: &Observed<kind::Vpc>,
    ) -> Result<Handle<kind::Vpc>> {
        Err(refused("ec2:ModifyVpcAttribute", "setpoint changes no VPC"))
    }

    async fn delete(&self, _: &Name, _: &Observed<kind::Vpc>) -> Result<()> {
        Err(refused("ec2:DeleteVpc", "setpoint deletes no VPC"))
    }
}

impl Adapter for SubnetGroups {
    type Resource = kind::Subnets;

    async fn list(&self) -> Result<BTreeSet<Name>> {
        Ok(BTreeSet::new())
    }

    async fn observe(
        &self,
        names: &BTreeSet<Name>,
        _: Freshness,
    ) -> Result<BTreeMap<Name, Observed<kind::Subnets>>> {
        let shown = |ids| Observed::new(kind::Subnets {}, ids, Owner::Ours);
        let ids = self.0.subnet_ids(names).await?;
        Ok(ids
            .into_iter()
            .map(|(name, ids)| (name, shown(ids)))
            .collect())
    }

    async fn create(&self, _: &Name, _: &kind::Subnets) -> Result<Handle<kind::Subnets>> {
        Err(refused("ec2:CreateSubnet", "setpoint makes no subnets"))
    }

    async fn update(
        &self,
        _: &Name,
        _: &kind::Subnets,
        _: &Observed<kind::Subnets>,
    ) -> Result<Handle<kind::Subnets>> {
        Err(refused(
            "ec2:ModifySubnetAttribute",
            "setpoint changes no subnets",
        ))
    }

    async fn delete(&self, _: &Name, _: &Observed<kind::Subnets>) -> Result<()> {
        Err(refused("ec2:DeleteSubnet", "setpoint deletes no subnets"))
    }
}

#[cfg(test)]
mod tests;
