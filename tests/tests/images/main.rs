//! Images, by other people's programs: Debian's buildah builds them, its docker-registry keeps them,
//! and skopeo reads back what was pushed.

mod apply;
mod builders;
mod context;
mod layout;
mod pins;
mod place;
mod refusals;
mod steps;
mod trouble;
