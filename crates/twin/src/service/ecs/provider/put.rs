//! Which capacity providers a cluster has.

use super::{
    Wanted, attach, find, is_fargate,
    strategy::{self, MOST, has_twice},
};
use crate::{
    Answer, Input, Refusal, World,
    service::ecs::cluster::{self, busy, client, invalid},
};
use serde_json::{Value, json};

pub(super) fn run(world: &mut World, input: &Input) -> Answer {
    let cluster = cluster::active(world, input.maybe("cluster"))?;
    if cluster.status != "ACTIVE" {
        return Err(client("Cluster was not ACTIVE"));
    }
    if cluster.is_busy() {
        return Err(busy());
    }
    let name = cluster.name.clone();
    let providers = input.texts("capacityProviders");
    let strategy = input.list("defaultCapacityProviderStrategy");
    let wanted = wanted(world, &name, &providers, strategy)?;
    let mut removed = world.ecs.clusters[&name].providers.iter();
    if removed.any(|it| !wanted.providers.contains(it) && is_used(world, &name, it)) {
        return Err(Refusal::new(
            "ResourceInUseException",
            "The specified capacity provider is in use and cannot be removed.",
        ));
    }
    attach(world, &name, wanted);
    let shown = &["SETTINGS", "CONFIGURATIONS", "TAGS", "ATTACHMENTS"];
    let cluster = &world.ecs.clusters[&name];
    Ok(json!({ "cluster": cluster::view(world, cluster, shown) }))
}

/// What a cluster is to have, checked: the providers are there, and the strategy is of them.
pub(in crate::service::ecs) fn wanted(
    world: &World,
    cluster: &str,
    providers: &[&str],
    strategy: &[Value],
) -> Result<Wanted, Refusal> {
    if providers.len() > MOST {
        return Err(invalid(
            "A cluster can have a maximum of 20 capacity providers.",
        ));
    }
    if has_twice(providers) {
        return Err(invalid(
            "The list of capacity providers cannot contain the same capacity provider twice.",
        ));
    }
    for name in providers.iter().filter(|it| !is_fargate(it)) {
        check(world, cluster, name)?;
    }
    let providers: Vec<String> = providers
        .iter()
        .map(|it| super::name_of(it).to_owned())
        .collect();
    let strategy = strategy::check(&providers, strategy)?;
    Ok(Wanted {
        providers,
        strategy,
    })
}

fn check(world: &World, cluster: &str, name: &str) -> Result<(), Refusal> {
    let Some(provider) = find(world, name) else {
        let text = format!(
            "The specified capacity provider '{name}' was not found. Specify a valid name and try \
             again."
        );
        return Err(invalid(text));
    };
    if provider.status != "ACTIVE" {
        let text = format!(
            "The specified capacity provider '{name}' is not in an ACTIVE state. Specify a \
             capacity provider in an ACTIVE state and try again."
        );
        return Err(invalid(text));
    }
    let mut others = world.ecs.clusters.values();
    let has = |it: &cluster::Cluster| it.name != cluster && it.providers.contains(&provider.name);
    match provider.is_managed() && others.any(has) {
        true => Err(invalid(format!(
            "The specified capacity provider '{name}' uses managed scaling and is associated with \
             another cluster."
        ))),
        false => Ok(()),
    }
}

/// Whether a service's strategy names the provider, or a task runs by it.
fn is_used(world: &World, cluster: &str, provider: &str) -> bool {
    let ecs = &world.ecs;
    let mut services = ecs.services.values().filter(|it| it.cluster == cluster);
    let by_services = services.any(|service| {
        let deployments = service.deployments.iter().map(|it| &it.more);
        let mut documents = [&service.document].into_iter().chain(deployments);
        service.status != "INACTIVE"
            && documents.any(|it| strategy::names(&it["capacityProviderStrategy"], provider))
    });
    let mut tasks = ecs.tasks.values().filter(|it| it.cluster == cluster);
    let by_tasks = tasks
        .any(|task| task.status != "STOPPED" && task.more["capacityProviderName"] == *provider);
    by_services || by_tasks
}
