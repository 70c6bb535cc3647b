//! Ctrl-C: once to begin nothing more, twice to leave.

use setpoint_core::Stop;

/// A stop that the first interrupt gives. The second ends the process.
pub(crate) fn on_interrupt() -> Stop {
    let (sender, stop) = Stop::new();
    tokio::spawn(async move {
        if interrupted().await {
            crate::render::stopping();
            // Nobody may listen any more.
            let _ = sender.send(true);
            if interrupted().await {
                std::process::exit(130);
            }
        }
        // Dropping the sender would end the wait for it.
        std::future::pending::<()>().await;
    });
    stop
}

/// Waits for SIGINT or SIGTERM. Answers no where signals cannot be had.
pub(crate) async fn interrupted() -> bool {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            return false;
        };
        tokio::select! {
            it = tokio::signal::ctrl_c() => it.is_ok(),
            it = terminate.recv() => it.is_some(),
        }
    }
    #[cfg(not(unix))]
    {
        tokio::signal::ctrl_c().await.is_ok()
    }
}
