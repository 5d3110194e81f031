//! The local ingestion server.
