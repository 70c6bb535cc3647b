//! A stack of many services, each with its own task definition, log group, target and policy.

use std::fmt::Write;

/// The YAML of a stack with `count` services on one cluster.
pub fn services(count: usize) -> String {
    let mut yaml = String::from(
        "name: many\nregion: us-east-1\ntags: { project: many }\n\
         roles:\n  many-execution: { trustedBy: [ecs-tasks.amazonaws.com], managedPolicies: \
         [AmazonECSTaskExecutionRolePolicy] }\n\
         clusters:\n  many: {}\n",
    );
    let mut section = |name: &str, item: &dyn Fn(usize) -> String| {
        writeln!(yaml, "{name}:").expect("a string takes what is written");
        for number in 0..count {
            writeln!(yaml, "  {}", item(number)).expect("a string takes what is written");
        }
    };
    section("logGroups", &|it| {
        format!("/ecs/many-{it:03}: {{ retentionInDays: 14 }}")
    });
    section("taskDefinitions", &|it| {
        format!(
            "many-{it:03}: {{ networkMode: bridge, requiresCompatibilities: [EC2], cpu: 256, \
             memory: 512, executionRoleArn: many-execution, containerDefinitions: [{{ name: web, \
             image: 'nginx:1.29', portMappings: [{{ containerPort: 80 }}], logConfiguration: {{ \
             logDriver: awslogs, options: {{ awslogs-group: /ecs/many-{it:03}, awslogs-region: \
             us-east-1, awslogs-stream-prefix: ecs }} }} }}] }}"
        )
    });
    section("services", &|it| {
        format!(
            "many-{it:03}: {{ cluster: many, taskDefinition: many-{it:03}, launchType: EC2, \
             desiredCount: 1 }}"
        )
    });
    section("scaling", &|it| {
        format!(
            "many-{it:03}: {{ minCapacity: 1, maxCapacity: 3, policies: {{ cpu: {{ \
             targetTracking: {{ metric: ECSServiceAverageCPUUtilization, target: 50 }} }} }} }}"
        )
    });
    yaml
}
