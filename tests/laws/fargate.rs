//! Services on Fargate: no instance, and an interface for each task.

use crate::{
    bench::{Bench, habits},
    inventory::is_same,
};

/// A service of two tasks on Fargate, launched as told, with or without public addresses.
fn stack(launch: &str, public: &str, round: u32) -> String {
    format!(
        "name: any
region: us-east-1
roles:
  tasks: {{ trustedBy: [ecs-tasks.amazonaws.com], managedPolicies: [AmazonECSTaskExecutionRolePolicy] }}
logGroups:
  /ecs/shop: {{ retentionInDays: 1 }}
securityGroups:
  front: {{ description: HTTP, ingress: [{{ ports: 8080, from: anywhere }}] }}
clusters:
  blue: {{ capacityProviders: [FARGATE, FARGATE_SPOT] }}
taskDefinitions:
  shop:
    networkMode: awsvpc
    requiresCompatibilities: [FARGATE]
    cpu: 256
    memory: 512
    executionRoleArn: tasks
    containerDefinitions:
      - name: web
        image: public.ecr.aws/docker/library/httpd:2.4
        environment: [{{ name: ROUND, value: \"{round}\" }}]
        portMappings: [{{ containerPort: 8080 }}]
        logConfiguration:
          logDriver: awslogs
          options: {{ awslogs-group: /ecs/shop, awslogs-region: us-east-1, awslogs-stream-prefix: ecs }}
services:
  shop:
    cluster: blue
    taskDefinition: shop
    desiredCount: 2
    {launch}
    networkConfiguration:
      awsvpcConfiguration: {{ subnets: default, securityGroups: [front], assignPublicIp: {public} }}
scaling:
  shop:
    minCapacity: 2
    maxCapacity: 4
    policies:
      cpu: {{ targetTracking: {{ metric: ECSServiceAverageCPUUtilization, target: 50 }} }}
"
    )
}

/// How many tasks run on Fargate, and how many of them the internet can reach.
fn running(bench: &Bench) -> (usize, usize) {
    bench.twin.look(|world| {
        let tasks = world.ecs.tasks.values();
        let running: Vec<_> = tasks
            .filter(|it| it.status == "RUNNING" && it.is_on_fargate() && it.instance.is_none())
            .collect();
        let public = running.iter().filter(|it| it.public_ip.is_some());
        (running.len(), public.count())
    })
}

/// Goes from nothing to a service, to another revision of it in another network, and to nothing.
async fn there_and_away(launch: &str) {
    let bench = Bench::new(7, habits());
    let before = bench.inventory();
    let (one, other) = (stack(launch, "ENABLED", 1), stack(launch, "DISABLED", 2));
    bench.apply(&one).await.succeeds();
    assert_eq!(running(&bench), (2, 2));
    bench.is_applied(&one).await;
    bench.apply(&other).await.succeeds();
    assert_eq!(running(&bench), (2, 0));
    bench.is_applied(&other).await;
    bench.destroy(&other).await.succeeds();
    is_same(
        &bench.inventory(),
        &before,
        "after everything was destroyed",
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_by_its_launch_type_comes_changes_and_goes() {
    there_and_away("launchType: FARGATE").await;
}

#[tokio::test(start_paused = true)]
async fn a_service_by_capacity_providers_comes_changes_and_goes() {
    there_and_away(
        "capacityProviderStrategy: [{ capacityProvider: FARGATE, base: 1 }, { capacityProvider: \
         FARGATE_SPOT, weight: 1 }]",
    )
    .await;
}
