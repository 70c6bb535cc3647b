//! Load on a service, honestly measured: when each request is due, what became of it, and when to stop.
//!
//! A [`Schedule`] says when each request leaves, whatever the answers do, and is plain arithmetic. [`run()`]
//! plays it on endpoints that come and go, and answers with an [`Outcome`]: latency since each request was
//! *due*, and everything that was not sent. What is absent: AWS, stacks, terminals, redirects, and retries: a
//! request is sent again only where the server had closed the kept connection before it read it.
//!
//! A request is *due* when the schedule says so, *sent* once its bytes are on their way, *done* once its
//! whole answer is read. What is due while nothing can take it is *dropped*: counted, never sent.

mod alarm;
mod dial;
mod endpoint;
mod files;
mod http1;
mod http2;
mod lane;
mod load;
mod log;
mod outcome;
mod relay;
mod replay;
mod run;
mod schedule;
mod share;
mod stage;
mod tally;
mod threshold;
mod time;
mod trust;
mod window;
mod worker;
mod written;

pub use dial::{Dial, Dialled, Network, Stream};
pub use endpoint::{Endpoint, EndpointError};
pub use files::make_room;
pub use load::{Load, LoadError, Model, Path, Protocol, Requests};
pub use log::write_log;
pub use outcome::{Ended, Outcome, ReadError};
pub use relay::{RelayError, relayed, unrelayed};
pub use replay::{ReplayError, replay};
pub use run::{Crew, run};
pub use rustls::ClientConfig;
pub use schedule::Schedule;
pub use share::Share;
pub use stage::{Stage, StageError};
pub use tally::{Fault, Latency, OfEndpoint, Tally};
pub use threshold::{Metric, Threshold, ThresholdError};
pub use time::{TimeError, read_time, written_time};
pub use trust::{TrustError, trusting};
pub use window::Watch;
pub use written::{Written, WrittenError};
