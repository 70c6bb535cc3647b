use crate::Load;

/// Lets this process have as many connections open as a load may need, as far as the system allows it. What
/// it does not allow shows as connections that cannot be made.
pub fn make_room(load: &Load) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        // Besides its connections it has files and queues of its own.
        let wanted = u64::from(load.in_flight) + 256;
        let mut limit = getrlimit(Resource::Nofile);
        if limit.current.is_some_and(|it| it < wanted) {
            limit.current = Some(limit.maximum.map_or(wanted, |most| most.min(wanted)));
            // It stays as it is then.
            let _ = setrlimit(Resource::Nofile, limit);
        }
    }
    #[cfg(not(unix))]
    let _ = load;
}
