//! Points in time, right or with a mistake.

use jiff::Timestamp;

use super::{line::RecordLine, mistake::Mistake};

/// Writes a `date-time`, or what the mistake makes of it. `seconds` since 1970.
pub(super) fn write(line: &mut RecordLine, key: &str, seconds: i64, mistake: Option<Mistake>) {
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    let text = match mistake {
        Some(Mistake::EpochDate) => return line.bare(key, &seconds.to_string()),
        Some(Mistake::BareDate) => time.strftime("%Y-%m-%d").to_string(),
        Some(Mistake::DayFirstDate) => time.strftime("%d/%m/%Y").to_string(),
        Some(Mistake::SpaceInDate) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Some(Mistake::ImpossibleDate) => time.strftime("%Y-02-30T%H:%M:%SZ").to_string(),
        Some(Mistake::ZonelessTime) => time.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        _ => time.to_string(),
    };
    line.text(key, &text);
}
