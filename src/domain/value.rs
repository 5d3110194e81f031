//! Text into typed JSON.
