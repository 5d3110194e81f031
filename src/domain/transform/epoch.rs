//! Times counted since 1970.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Ten digits nowadays.
    Seconds,
    /// Thirteen digits nowadays.
    Milliseconds,
    /// Sixteen digits nowadays, as Google Analytics counts.
    Microseconds,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 3] = [Self::Seconds, Self::Milliseconds, Self::Microseconds];

    /// Its name: `seconds`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
        }
    }

    const fn micros(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000,
            Self::Milliseconds => 1_000,
            Self::Microseconds => 1,
        }
    }

    /// The moment that so many of them are, as RFC 3339, with as much of a fraction as it has.
    pub(in crate::domain) fn rfc3339(self, text: &str) -> Option<String> {
        let text = text.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole.strip_prefix('-').unwrap_or(whole)) || !is_number(fraction) {
            return None;
        }
        let sign = if whole.starts_with('-') { -1 } else { 1 };
        // Anything finer than a microsecond is dropped.
        let fraction: i64 = fraction.get(..6).unwrap_or(fraction).parse().ok().map(|value: i64| {
            let scale = 10_i64.pow(6 - u32::try_from(fraction.len().min(6)).unwrap_or(6));
            value * scale
        })?;
        let count: i64 = whole.parse().ok()?;
        let micros = count
            .checked_mul(self.micros())?
            .checked_add(sign * fraction * self.micros() / 1_000_000)?;
        moment(micros)
    }
}

fn moment(micros: i64) -> Option<String> {
    let moment = jiff::Timestamp::from_microsecond(micros).ok()?;
    let text = moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let rest = micros.rem_euclid(1_000_000);
    Some(if rest == 0 {
        format!("{text}Z")
    } else if rest % 1000 == 0 {
        format!("{text}.{:03}Z", rest / 1000)
    } else {
        format!("{text}.{rest:06}Z")
    })
}
