//! The `conclave-server` process.

use clap::Parser;
use conclave_server::config::ConfigError;
use conclave_server::setting::{Files, StartError, open};
use conclave_server::{Config, Server, logging};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[cfg(debug_assertions)]
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (development build)");
#[cfg(not(debug_assertions))]
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Threads for calls that block: the centre's.
const BLOCKING_THREADS: usize = 128;

/// The centre of Conclave: keeps the records of evaluations.
#[derive(Parser)]
#[command(name = "conclave-server", version = VERSION)]
struct Arguments {
    /// Configuration file (docs/formats/centre-config.md).
    #[arg(long)]
    config: PathBuf,
    /// Reads the configuration, certificates and keys, says whether they are sound, and ends.
    #[arg(long)]
    check_config: bool,
}

/// Why the process ends badly: 2 for the configuration, 1 for everything else.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}")]
    System(#[from] std::io::Error),
    #[error("{0}")]
    Armed(#[from] storage::faultpoint::BadFault),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("conclave-server: {fault}");
            match fault {
                Fault::Config(_) | Fault::Start(StartError::Config(_)) | Fault::Armed(_) => ExitCode::from(2),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Fault> {
    let config = Config::read(&arguments.config)?;
    if arguments.check_config {
        let files = Files::read(&config)?;
        println!("mode     {}", mode(config.development));
        println!("log key  {}", files.keys().log_verifier());
        println!("act key  {}", files.keys().act_public());
        return Ok(());
    }
    logging::start(&config.log)?;
    if config.development {
        storage::faultpoint::arm_for_development()?;
    } else {
        tracing::warn!("the centre's own keys are in key files: protect them as the data itself");
    }
    let setting = open(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::start(setting).await?;
        tracing::info!(
            address = %server.address(),
            operator = %server.operator_address(),
            mode = mode(config.development),
            version = VERSION,
            "listening"
        );
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("closing");
        let whole = server.shutdown().await;
        tracing::info!(whole, "closed");
        Ok(())
    })
}

fn mode(development: bool) -> &'static str {
    if development { "development" } else { "production" }
}
