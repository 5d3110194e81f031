//! Counts of what is in stock.

/// What a count says about availability; a name that the field takes stays.
pub(super) fn availability(text: &str) -> Option<&'static str> {
    const NAMES: [&str; 3] = ["IN_STOCK", "OUT_OF_STOCK", "PRE_ORDER"];
    let text = text.trim();
    if let Some(name) = NAMES.into_iter().find(|name| *name == text) {
        return Some(name);
    }
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.'));
    let count: f64 = text.parse().ok().filter(|_| is_number)?;
    Some(if count > 0.0 { "IN_STOCK" } else { "OUT_OF_STOCK" })
}
