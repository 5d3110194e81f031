//! Users: a pure function of the seed and a number. No names: the shop sends hashes, as it should.

use super::{
    date,
    line::RecordLine,
    mistake::Mistake,
    mix,
    shop::{CHANNELS, GROUPS, PLACES, pick},
};

/// The columns of the CSV file.
pub(super) const COLUMNS: &[&str] = &[
    "user_id",
    "created_at",
    "age",
    "gender",
    "city",
    "state",
    "country",
    "group_id",
    "custom_attributes.acquisition_channel",
    "custom_attributes.newsletter",
    "custom_attributes.orders",
];

/// 2023-01-01, when the first of them signed up, and how long they went on to.
const FIRST: i64 = 1_672_531_200;
const SIGNING_UP: i64 = 1090 * 86_400;

/// More characters than an id may have.
const LONGER_THAN_ANY: usize = 520;

/// The user's id: what a hash of the address looks like.
pub(super) fn id(seed: u64, index: u64) -> String {
    format!("{:016x}{:016x}", mix(seed, 11, index), mix(seed, 12, index))
}

/// The id, or for the mistake of a long id one that is longer than the API takes.
pub(super) fn suited_id(id: String, mistake: Option<Mistake>) -> String {
    if mistake == Some(Mistake::LongId) {
        id.repeat(LONGER_THAN_ANY.div_ceil(id.len().max(1)))
    } else {
        id
    }
}

/// The id of a browser that nobody has signed in with yet.
pub(super) fn anonymous_id(seed: u64, index: u64) -> String {
    format!(
        "{:016X}{:016X}{:08X}",
        mix(seed, 13, index),
        mix(seed, 14, index),
        mix(seed, 15, index) >> 32
    )
}

/// Writes a user; the id is that of the user `twin`, which is another one only when the id is to be repeated.
pub(super) fn write(line: &mut RecordLine, seed: u64, index: u64, twin: u64, mistake: Option<Mistake>) {
    let mut rng = fastrand::Rng::with_seed(mix(seed, 16, index));
    if mistake == Some(Mistake::MissingId) {
        line.missing("user_id");
    } else {
        line.text("user_id", &suited_id(id(seed, twin), mistake));
    }
    date::write(line, "created_at", FIRST + rng.i64(0..SIGNING_UP), mistake);
    age(line, &mut rng, mistake);
    match rng.u8(..10) {
        0 => line.missing("gender"),
        1 => line.text("gender", "X"),
        draw => line.text("gender", if draw < 7 { "F" } else { "M" }),
    }
    let [city, state, country] = pick(&mut rng, &PLACES);
    line.text("city", city);
    line.text("state", state);
    line.text("country", country);
    if rng.u8(..12) == 0 {
        line.text("group_id", pick(&mut rng, &GROUPS));
    } else {
        line.missing("group_id");
    }
    if mistake == Some(Mistake::UnknownField) {
        line.text("loyalty_tier", "gold");
    }
    line.open("custom_attributes");
    line.text("custom_attributes.acquisition_channel", pick(&mut rng, &CHANNELS));
    line.bare(
        "custom_attributes.newsletter",
        if rng.u8(..3) > 0 { "true" } else { "false" },
    );
    let orders = rng.u8(..20).saturating_sub(6).to_string();
    if mistake == Some(Mistake::CustomType) {
        line.text("custom_attributes.orders", &format!("{orders} orders"));
    } else {
        line.bare("custom_attributes.orders", &orders);
    }
    line.close();
}

fn age(line: &mut RecordLine, rng: &mut fastrand::Rng, mistake: Option<Mistake>) {
    let age = (19 + rng.u8(..30) + rng.u8(..30)).to_string();
    let absent = rng.u8(..9) == 0;
    match mistake {
        Some(Mistake::SpelledAge) => line.text("age", pick(rng, &["thirty", "forty-two", "mid thirties"])),
        Some(Mistake::NotAvailable) => line.text("age", "N/A"),
        Some(Mistake::NumberAsText) => line.text("age", &age),
        _ if absent => line.missing("age"),
        _ => line.bare("age", &age),
    }
}
