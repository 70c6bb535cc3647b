//! Clusters and capacity providers.

use super::{Reader, batched, items};
use crate::picture::{CapacityProvider, Cluster};
use setpoint_core::Result;

/// How many clusters, or providers, one call describes.
const BATCH: usize = 100;

impl Reader {
    /// Clusters by name; those that exist.
    pub(crate) async fn clusters(&self, names: &[&str]) -> Result<Vec<Cluster>> {
        const OPERATION: &str = "ecs:DescribeClusters";
        batched(names, BATCH, |names| async move {
            let heard = self.heard();
            self.aws
                .call(OPERATION, || {
                    let names = names.iter().map(|&it| it.to_owned()).collect();
                    let call = self.ecs.describe_clusters().set_clusters(Some(names));
                    call.customize().interceptor(heard.clone()).send()
                })
                .await?;
            items(OPERATION, &heard.answer(), "clusters")
        })
        .await
    }

    /// Capacity providers by name; those that exist.
    pub(crate) async fn capacity_providers(
        &self,
        names: &[String],
    ) -> Result<Vec<CapacityProvider>> {
        const OPERATION: &str = "ecs:DescribeCapacityProviders";
        batched(names, BATCH, |names| async move {
            let heard = self.heard();
            self.aws
                .call(OPERATION, || {
                    let call = self.ecs.describe_capacity_providers();
                    let call = call.set_capacity_providers(Some(names.to_vec()));
                    call.customize().interceptor(heard.clone()).send()
                })
                .await?;
            items(OPERATION, &heard.answer(), "capacityProviders")
        })
        .await
    }
}
