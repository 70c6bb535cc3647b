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

checks! {
    dynamic_ports "SP101"
    log_groups "SP102"
    trust "SP106"
    arithmetic "SP107"
    rolling "SP111"
    desired_count "SP114"
}
