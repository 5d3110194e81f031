//! Numbers as people write them, and numbers and sizes in words for people.

/// A finite number as people write it in files; not `inf` or `nan`, which Rust would take as well.
pub(crate) fn parsed(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number with commas between thousands: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A size for people: `1.2 MB`.
#[expect(clippy::cast_precision_loss, reason = "a size for people needs no more digits")]
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes as f64 {
        count if count >= 1e9 => format!("{:.1} GB", count / 1e9),
        count if count >= 1e6 => format!("{:.1} MB", count / 1e6),
        count if count >= 1e3 => format!("{:.0} kB", count / 1e3),
        _ => format!("{bytes} bytes"),
    }
}
