//! Where the servers of tests listen.

use std::net::{SocketAddr, TcpListener};

/// A free port of loopback, for a runtime to listen on.
pub(crate) fn bound() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener
        .set_nonblocking(true)
        .expect("a socket can be non-blocking");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    (listener, address)
}
