//! Every check, by its code.

use crate::system::System;
use setpoint_spec::{Code, Problem};

/// A check, and the page that explains it.
pub(crate) struct Check {
    pub(crate) code: Code,
    pub(crate) page: &'static str,
    pub(crate) run: fn(&System<'_>, &mut Vec<Problem>),
}

macro_rules! checks {
    ($($module:ident $code:literal)*) => {
        $(mod $module;)*

        /// Every check, in the order of their codes.
        pub(crate) const ALL: &[Check] = &[$(Check {
            code: Code($code),
            page: include_str!(concat!("../pages/", $code, ".md")),
            run: |system, problems| $module::check(system, Code($code), problems),
        }),*];
    };
}

/// The check that no item alone decides: an unread one may have been the one that asks.
pub(crate) const UNUSED: Code = Code("SP103");

checks! {
    dynamic_ports "SP101"
    log_groups "SP102"
    unused "SP103"
    tags "SP105"
    trust "SP106"
    arithmetic "SP107"
    cooldowns "SP108"
    launch_type "SP109"
    hosts "SP110"
    rolling "SP111"
    breaker "SP112"
    one_step "SP113"
    desired_count "SP114"
    open_ranges "SP115"
    memory "SP117"
    secrets "SP118"
    bounds "SP119"
    credits "SP120"
    execution_role "SP121"
    architecture "SP122"
}
