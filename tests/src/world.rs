//! What an account holds, as boto3 shows it: every thing of every kind that a stack can make.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::boto::Boto;

/// The things of an account by kind and name, such as `role ecsInstanceRole`.
///
/// AWS's own are left out: service-linked roles, default security groups, Fargate. Gone are an
/// inactive service or cluster, a deregistered revision, and a terminated instance.
#[derive(Clone, Debug, PartialEq)]
pub struct World(BTreeMap<String, Value>);

impl World {
    /// Reads everything.
    pub fn of(boto: &Boto) -> World {
        let mut world = World(BTreeMap::new());
        world.repositories(boto);
        world.identities(boto);
        world.log_groups(boto);
        world.network(boto);
        world.groups(boto);
        world.clusters(boto);
        world.task_definitions(boto);
        world.scaling(boto);
        world
    }

    /// What there is, as `kind name`.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// The names of the things of one kind.
    pub fn of_kind(&self, kind: &str) -> Vec<&str> {
        let named = self.0.keys().filter_map(|it| it.split_once(' '));
        named.filter(|it| it.0 == kind).map(|it| it.1).collect()
    }

    /// Everything that boto3 shows of one thing.
    #[track_caller]
    pub fn get(&self, thing: &str) -> &Value {
        self.0
            .get(thing)
            .unwrap_or_else(|| panic!("there is no {thing}; there are {:#?}", self.names()))
    }

    /// Whether it is there.
    pub fn has(&self, thing: &str) -> bool {
        self.0.contains_key(thing)
    }

    /// The things that are in one of the two only, or differ.
    pub fn difference(&self, other: &World) -> Vec<String> {
        let all = self.0.keys().chain(other.0.keys());
        let mut differing: Vec<String> = all
            .filter(|it| self.0.get(*it) != other.0.get(*it))
            .cloned()
            .collect();
        differing.sort();
        differing.dedup();
        differing
    }

    /// The stack that a thing is marked as belonging to.
    #[track_caller]
    pub fn mark(&self, thing: &str) -> Option<String> {
        tag(self.get(thing), "setpoint:stack")
    }

    fn add(&mut self, kind: &str, name: &Value, shown: Value) {
        let name = name.as_str().expect("what is listed has a name");
        self.0.insert(format!("{kind} {name}"), shown);
    }

    fn repositories(&mut self, boto: &Boto) {
        let listed = boto.expect("ecr", "describe_repositories", json!({}));
        for mut it in items(&listed["repositories"]) {
            let name = json!({"repositoryName": it["repositoryName"]});
            let policy = boto.call("ecr", "get_lifecycle_policy", name);
            it["lifecyclePolicy"] =
                policy.map_or(Value::Null, |it| it["lifecyclePolicyText"].clone());
            let arn = json!({"resourceArn": it["repositoryArn"]});
            it["tags"] = boto.expect("ecr", "list_tags_for_resource", arn)["tags"].take();
            self.add("repository", &it["repositoryName"].clone(), it);
        }
    }

    fn identities(&mut self, boto: &Boto) {
        let listed = boto.expect("iam", "list_roles", json!({}));
        for it in items(&listed["Roles"]) {
            let path = it["Path"].as_str().unwrap_or_default();
            if path.starts_with("/aws-service-role/") {
                continue;
            }
            let name = json!({"RoleName": it["RoleName"]});
            let ask = |method| boto.expect("iam", method, name.clone());
            let mut role = ask("get_role")["Role"].take();
            role["attached"] = ask("list_attached_role_policies")["AttachedPolicies"].take();
            role["inline"] = ask("list_role_policies")["PolicyNames"].take();
            self.add("role", &it["RoleName"], role);
        }
        let listed = boto.expect("iam", "list_instance_profiles", json!({}));
        for it in items(&listed["InstanceProfiles"]) {
            let name = json!({"InstanceProfileName": it["InstanceProfileName"]});
            let mut shown = boto.expect("iam", "get_instance_profile", name);
            let profile = shown["InstanceProfile"].take();
            self.add("instanceProfile", &it["InstanceProfileName"], profile);
        }
    }

    fn log_groups(&mut self, boto: &Boto) {
        let listed = boto.expect("logs", "describe_log_groups", json!({}));
        for mut it in items(&listed["logGroups"]) {
            let arn = it["arn"]
                .as_str()
                .unwrap_or_default()
                .trim_end_matches(":*");
            let arn = json!({"resourceArn": arn});
            it["tags"] = boto.expect("logs", "list_tags_for_resource", arn)["tags"].take();
            self.add("logGroup", &it["logGroupName"].clone(), it);
        }
    }

    fn network(&mut self, boto: &Boto) {
        let listed = boto.expect("ec2", "describe_security_groups", json!({}));
        for it in items(&listed["SecurityGroups"]) {
            if it["GroupName"] != "default" {
                self.add("securityGroup", &it["GroupName"].clone(), it);
            }
        }
        let listed = boto.expect("ec2", "describe_launch_templates", json!({}));
        for mut it in items(&listed["LaunchTemplates"]) {
            let id = json!({"LaunchTemplateId": it["LaunchTemplateId"]});
            let mut versions = boto.expect("ec2", "describe_launch_template_versions", id);
            it["versions"] = versions["LaunchTemplateVersions"].take();
            self.add("launchTemplate", &it["LaunchTemplateName"].clone(), it);
        }
        let listed = boto.expect("ec2", "describe_instances", json!({}));
        for reservation in items(&listed["Reservations"]) {
            for it in items(&reservation["Instances"]) {
                if it["State"]["Name"] != "terminated" {
                    self.add("instance", &it["InstanceId"].clone(), it);
                }
            }
        }
    }

    fn groups(&mut self, boto: &Boto) {
        let listed = boto.expect("autoscaling", "describe_auto_scaling_groups", json!({}));
        for it in items(&listed["AutoScalingGroups"]) {
            self.add("autoScalingGroup", &it["AutoScalingGroupName"].clone(), it);
        }
    }

    fn clusters(&mut self, boto: &Boto) {
        let listed = boto.expect("ecs", "list_clusters", json!({}));
        let asked = json!({"clusters": listed["clusterArns"], "include": ["TAGS", "SETTINGS"]});
        let shown = boto.expect("ecs", "describe_clusters", asked);
        for it in items(&shown["clusters"]) {
            if it["status"] == "ACTIVE" {
                self.services(boto, &it["clusterName"]);
                self.add("cluster", &it["clusterName"].clone(), it);
            }
        }
        let asked = json!({"include": ["TAGS"]});
        let shown = boto.expect("ecs", "describe_capacity_providers", asked);
        for it in items(&shown["capacityProviders"]) {
            if it["status"] == "ACTIVE" && it.get("autoScalingGroupProvider").is_some() {
                self.add("capacityProvider", &it["name"].clone(), it);
            }
        }
    }

    fn services(&mut self, boto: &Boto, cluster: &Value) {
        let listed = boto.expect("ecs", "list_services", json!({"cluster": cluster}));
        for arn in items(&listed["serviceArns"]) {
            let asked = json!({"cluster": cluster, "services": [arn], "include": ["TAGS"]});
            let shown = boto.expect("ecs", "describe_services", asked);
            for it in items(&shown["services"]) {
                if it["status"] == "ACTIVE" {
                    self.add("service", &it["serviceName"].clone(), it);
                }
            }
        }
    }

    fn task_definitions(&mut self, boto: &Boto) {
        let listed = boto.expect("ecs", "list_task_definitions", json!({"status": "ACTIVE"}));
        for arn in items(&listed["taskDefinitionArns"]) {
            let asked = json!({"taskDefinition": arn, "include": ["TAGS"]});
            let mut shown = boto.expect("ecs", "describe_task_definition", asked);
            let mut it = shown["taskDefinition"].take();
            it["tags"] = shown["tags"].take();
            let name = format!(
                "{}:{}",
                it["family"].as_str().unwrap_or("?"),
                it["revision"]
            );
            self.add("revision", &json!(name), it);
        }
    }

    fn scaling(&mut self, boto: &Boto) {
        let ecs = json!({"ServiceNamespace": "ecs"});
        let ask = |method| boto.expect("application-autoscaling", method, ecs.clone());
        for mut it in items(&ask("describe_scalable_targets")["ScalableTargets"]) {
            let arn = json!({"ResourceARN": it["ScalableTargetARN"]});
            let mut tags = boto.expect("application-autoscaling", "list_tags_for_resource", arn);
            it["tags"] = tags["Tags"].take();
            self.add("target", &it["ResourceId"].clone(), it);
        }
        for it in items(&ask("describe_scaling_policies")["ScalingPolicies"]) {
            self.add("policy", &it["PolicyName"].clone(), it);
        }
        for it in items(&ask("describe_scheduled_actions")["ScheduledActions"]) {
            self.add("scheduledAction", &it["ScheduledActionName"].clone(), it);
        }
    }
}

/// The value of a tag in any of the spellings in which AWS shows tags.
pub fn tag(shown: &Value, key: &str) -> Option<String> {
    let tags = ["Tags", "tags"].iter().find_map(|it| shown.get(it))?;
    let value = match tags {
        Value::Object(tags) => tags.get(key)?,
        tags => {
            let named = |it: &&Value| it["Key"] == key || it["key"] == key;
            let tag = tags.as_array()?.iter().find(named)?;
            tag.get("Value").or_else(|| tag.get("value"))?
        }
    };
    value.as_str().map(str::to_owned)
}

fn items(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}
