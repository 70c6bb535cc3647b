use crate::sale::{Sale, minutes};
use setpoint_observe::{Part, picture::Gauge};

const EVERYTHING: [Part; 14] = [
    Part::Definitions,
    Part::Tasks,
    Part::StoppedTasks,
    Part::Hosts,
    Part::Capacity,
    Part::GroupActivities,
    Part::Scaling,
    Part::ScalingActivities,
    Part::Alarms,
    Part::AlarmHistory,
    Part::Metrics,
    Part::Rules,
    Part::Interfaces,
    Part::Balancers,
];

#[tokio::test(start_paused = true)]
async fn a_picture_shows_a_service_that_has_scaled_out_and_everything_around_it() {
    let sale = Sale::begun().await;
    minutes(5).await;
    sale.offer(120.0);
    minutes(15).await;
    sale.calls();
    let picture = sale.look(EVERYTHING).await;
    assert_eq!(picture.not_shown, []);
    let service = picture.service(&Sale::service()).expect("it is there");
    assert_eq!((service.running_count, service.desired_count), (3, 3));
    let primary = service.primary().expect("it has one");
    assert_eq!(primary.rollout_state.as_deref(), Some("COMPLETED"));
    let running: Vec<_> = picture.tasks_of(service).collect();
    assert_eq!(running.len(), 3, "{running:#?}");
    for task in running {
        let instance = picture.instance_of(task).expect("it is on one");
        assert_eq!(instance.instance_type, "t2.small");
        assert!(instance.public_ip.is_some() && instance.launched_at.is_some());
        let port = task.containers[0].network_bindings[0].host_port;
        let group = picture
            .security_groups
            .iter()
            .find(|it| it.name == "flash-sale-instances");
        let rules = &group.expect("it has one").ingress;
        assert!(
            rules.iter().any(|it| it.opens(port.expect("it has one"))),
            "{rules:?}"
        );
    }
    let host = &picture.container_instances[0];
    assert_eq!(host.registered("CPU"), 1024);
    assert!(host.free("MEMORY") < host.registered("MEMORY"));
    let definition = &picture.definitions[&service.task_definition];
    assert_eq!(definition["family"], "flash-sale-task");
    assert_eq!(picture.providers_of(service), ["flash-sale-capacity"]);
    assert_eq!(
        picture.capacity_providers[0].group(),
        Some("flash-sale-instances")
    );
    assert_eq!(picture.groups[0].max_size, 3);
    assert!(
        picture
            .group_activities
            .iter()
            .all(|it| it.instance().is_some())
    );
    let target = picture.target_of(service).expect("it has one");
    assert_eq!((target.min_capacity, target.max_capacity), (1, 3));
    let policy = picture.policies_of(service).next().expect("it has one");
    assert_eq!(
        (policy.cpu_target(), policy.scale_out_cooldown()),
        (Some(50.0), 60)
    );
    let activities: Vec<_> = picture.scaling_activities_of(service).collect();
    assert!(
        activities.iter().any(|it| it.count() == Some(3)),
        "{activities:#?}"
    );
    assert!(
        activities
            .iter()
            .any(|it| !it.not_scaled_reasons.is_empty()),
        "{activities:#?}"
    );
    let high = picture
        .alarms
        .iter()
        .find(|it| it.name.contains("AlarmHigh"));
    assert_eq!(high.map(|it| it.state.as_str()), Some("ALARM"));
    let fired = picture.alarm_changes.iter().find(|it| it.to == "ALARM");
    let fired = fired.expect("it fired");
    assert!(fired.values.iter().any(|it| *it > 50.0), "{fired:?}");
    let of = "flash-sale-cluster/flash-sale-service";
    let cpu = picture
        .series(Gauge::ServiceCpu, of)
        .expect("it was asked for");
    assert!(cpu.points.len() > 10, "{cpu:?}");
    assert!(cpu.points.iter().any(|it| it.value > 50.0), "{cpu:?}");
    assert!(cpu.points.is_sorted_by_key(|it| it.at));
    let calls = sale.calls();
    assert_eq!(
        calls,
        [
            "DescribeAlarmHistory",
            "DescribeAlarmHistory",
            "DescribeAlarms",
            "DescribeAutoScalingGroups",
            "DescribeCapacityProviders",
            "DescribeClusters",
            "DescribeContainerInstances",
            "DescribeInstances",
            "DescribeScalableTargets",
            "DescribeScalingActivities",
            "DescribeScalingActivities",
            "DescribeScalingPolicies",
            "DescribeSecurityGroups",
            "DescribeServices",
            "DescribeTaskDefinition",
            "DescribeTasks",
            "GetMetricData",
            "ListContainerInstances",
            "ListTasks",
            "ListTasks",
        ]
    );
}
