//! What is made so that tasks can send: a stack of its own, kept apart from the one that is loaded.

use crate::arguments::{FleetOptions, Whence};
use serde_json::{Value, json};
use setpoint_load::Load;
use setpoint_observe::Subject;
use setpoint_spec::Stack;

/// The container that sends.
pub(super) const CONTAINER: &str = "runner";

/// What its log's streams begin with.
pub(super) const PREFIX: &str = "load";

/// What a runner must be allowed to find the tasks and load balancers of a service.
const READS: [&str; 12] = [
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:DescribeContainerInstances",
    "ecs:ListTasks",
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
];

/// The names of what is made for the load of a stack.
pub(super) struct Fleet {
    /// The stack that owns it.
    pub(super) stack: String,
    /// The family of the tasks.
    pub(super) family: String,
    /// Where they log.
    pub(super) group: String,
}

impl Fleet {
    /// The fleet that loads a stack.
    pub(super) fn of(stack: &Stack) -> Fleet {
        // A stack's name has 64 characters at most, and a role's, too.
        let short: String = stack.name.chars().take(48).collect();
        Fleet {
            stack: format!("{short}-load"),
            family: format!("{short}-load"),
            group: format!("/setpoint/load/{}", stack.name),
        }
    }

    /// The stack of it, as YAML, which JSON is.
    ///
    /// Each task sends the share that its environment says, to the tasks of the services, which it finds by
    /// itself as they come and go. Nothing if the load cannot be said on a command line.
    pub(super) fn written(
        &self,
        stack: &Stack,
        region: &str,
        services: &[Subject],
        load: &Load,
        options: &FleetOptions,
    ) -> Option<String> {
        let (runner, execution) = (
            format!("{}-runner", self.stack),
            format!("{}-execution", self.stack),
        );
        let mut command = vec!["load".to_owned(), "--relay".into(), "--i-own-this".into()];
        for it in services {
            command.extend(["--service".into(), format!("{}/{}", it.cluster, it.service)]);
        }
        command.extend(load.options()?);
        let is_fargate = options.on == Some(Whence::Fargate);
        let (cpu, memory) = (options.runner_cpu, options.runner_memory);
        let mut task = json!({
            "networkMode": if is_fargate { "awsvpc" } else { "bridge" },
            "requiresCompatibilities": [if is_fargate { "FARGATE" } else { "EC2" }],
            "taskRoleArn": runner,
            "executionRoleArn": execution,
            "containerDefinitions": [{
                "name": CONTAINER,
                "image": options.runner_image,
                "cpu": cpu,
                "memory": memory,
                "command": command,
                "environment": [{ "name": "AWS_REGION", "value": region }],
                "ulimits": [{ "name": "nofile", "softLimit": 65_536, "hardLimit": 65_536 }],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": self.group,
                        "awslogs-region": region,
                        "awslogs-stream-prefix": PREFIX,
                    },
                },
            }],
        });
        if is_fargate {
            task["cpu"] = cpu.to_string().into();
            task["memory"] = memory.to_string().into();
        }
        let mut written: Value = json!({
            "name": self.stack,
            "region": region,
            "roles": {
                runner: {
                    "description": "What tasks that send load may do: find where to.",
                    "trustedBy": ["ecs-tasks.amazonaws.com"],
                    "inlinePolicies": { "find-targets": {
                        "Version": "2012-10-17",
                        "Statement": [{ "Effect": "Allow", "Action": READS, "Resource": "*" }],
                    } },
                },
                execution: {
                    "description": "What ECS does for tasks that send load.",
                    "trustedBy": ["ecs-tasks.amazonaws.com"],
                    "managedPolicies": ["AmazonECSTaskExecutionRolePolicy"],
                },
            },
            "logGroups": { (self.group.clone()): { "retentionInDays": 1 } },
            "taskDefinitions": { (self.family.clone()): task },
        });
        if let Some(account) = &stack.account {
            written["account"] = account.as_str().into();
        }
        Some(format!("{written:#}\n"))
    }
}
