//! What an ARN says of a resource.

/// An ARN's parts.
pub(super) struct Arn<'a> {
    /// Such as `ecs`.
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    /// What comes before the first slash or colon: `service`, `log-group`.
    pub(super) kind: &'a str,
    /// What comes after it.
    pub(super) name: &'a str,
}

impl<'a> Arn<'a> {
    pub(super) fn read(text: &'a str) -> Option<Arn<'a>> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            return None;
        };
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return None;
        }
        let (kind, name) = resource.split_once(['/', ':']).unwrap_or(("", resource));
        Some(Arn {
            service,
            region,
            account,
            kind,
            name,
        })
    }

    /// Whether the resource is of a type as filters name it: `ecs`, `ecs:service`.
    pub(super) fn is_of(&self, filter: &str) -> bool {
        match filter.split_once(':') {
            None => filter == self.service,
            Some((service, kind)) => service == self.service && kind == self.kind,
        }
    }
}
