use crate::picture::{Gauge, Picture, Policy, Series};

/// Every series that the picture has something for, without its points.
pub(super) fn series(picture: &Picture) -> Vec<Series> {
    let series = |gauge, of: String, period| Series {
        gauge,
        of,
        period,
        points: Vec::new(),
    };
    let of_services = picture.services.iter().flat_map(|service| {
        let subject = service.subject();
        let of = format!("{}/{}", subject.cluster, subject.service);
        // A service has a metric every 20 seconds where a policy tracks one. Whether it has for
        // another reason, only `ecs:DescribeServiceRevisions` would say.
        let mut metrics = picture.policies_of(service).filter_map(Policy::metric);
        let period = match metrics.any(|it| it.ends_with("HighResolution")) {
            true => 20,
            false => 60,
        };
        [
            series(Gauge::ServiceCpu, of.clone(), period),
            series(Gauge::ServiceMemory, of, period),
        ]
    });
    let of_instances = picture
        .instances
        .iter()
        .filter(|it| is_burstable(&it.instance_type))
        .map(|it| series(Gauge::Credits, it.id.clone(), 300));
    let of_clusters = picture.clusters.iter().flat_map(|cluster| {
        let known = picture.capacity_providers.iter();
        let own = known.filter(|it| cluster.capacity_providers.contains(&it.name));
        let managed = own.filter(|it| {
            let provider = it.auto_scaling_group_provider.as_ref();
            provider.is_some_and(|it| it.managed_scaling.status == "ENABLED")
        });
        managed.map(|it| {
            let of = format!("{}/{}", cluster.cluster_name, it.name);
            series(Gauge::Reservation, of, 60)
        })
    });
    of_services.chain(of_instances).chain(of_clusters).collect()
}

/// Whether a type of instance lives on CPU credits: T2, T3, T3a and T4g do.
fn is_burstable(kind: &str) -> bool {
    let family = kind.split('.').next().unwrap_or_default();
    ["t2", "t3", "t3a", "t4g"].contains(&family)
}
