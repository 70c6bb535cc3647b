//! The program's laws, proved on the twin: in memory, on a virtual clock, every run of a seed the
//! same.

mod any_to_any;
mod autoscaler;
mod bench;
mod chance;
mod crash;
mod deploy;
mod fargate;
mod faults;
mod generate;
mod inventory;
mod two;
