//! Sums of money, right or with a mistake.

use super::{line::RecordLine, mistake::Mistake};

/// Writes a number with two digits after the point, or what the mistake makes of it.
pub(super) fn write(line: &mut RecordLine, key: &str, cents: u64, mistake: Option<Mistake>) {
    let (whole, rest) = (cents / 100, cents % 100);
    match mistake {
        Some(Mistake::DecimalComma) => line.text(key, &format!("{whole},{rest:02}")),
        Some(Mistake::CurrencySign) => line.text(key, &format!("€{whole}.{rest:02}")),
        // The number needs thousands for a separator.
        Some(Mistake::ThousandsSeparator) => {
            line.text(key, &format!("{},{:03}.{rest:02}", 1 + whole / 1000, whole % 1000));
        }
        Some(Mistake::NotAvailable) => line.text(key, "N/A"),
        Some(Mistake::NumberAsText) => line.text(key, &format!("{whole}.{rest:02}")),
        _ => line.bare(key, &format!("{whole}.{rest:02}")),
    }
}
