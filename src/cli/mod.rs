//! The commands, one file each. They end with 0 when all is well, 1 when there are problems, 2 when they failed.

pub mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Check, repair and upload products, interactions and users to a recommendation engine's ingestion API.
#[derive(Debug, Parser)]
#[command(name = "tatami", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the ingestion API on this machine
    Serve(serve::ServeArgs),
}

/// Reads the arguments and does what they say.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Serve(args) => serve::run(args),
    }
}
