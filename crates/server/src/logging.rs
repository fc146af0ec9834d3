//! The log: JSON lines on standard error, from fields that are fixed in code. Bodies, keys and names are never
//! among them.

use crate::config::{ConfigError, Log};
use tracing_subscriber::EnvFilter;

/// Starts the log of the process; a second call changes nothing.
///
/// # Errors
/// When the filter is not understood.
pub fn start(log: &Log) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|e| ConfigError::option("log.filter", e))?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only where a log is started already, as in tests.
    let _ = subscriber.try_init();
    Ok(())
}
