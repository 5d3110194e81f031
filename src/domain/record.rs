//! A row as the JSON record that is sent.
