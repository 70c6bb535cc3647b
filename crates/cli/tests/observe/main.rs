//! What is seen of a stack that runs, on the twin and its clock.

mod logs;
mod look;
mod sale;
mod story;
mod views;
mod why;
