//! Faults that the local server can be asked for: which, how often, and from which seed.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A fault that a request can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The answer takes its time.
    Latency,
    /// 429 with `Retry-After`; nothing is stored.
    TooMany,
    /// 500, 502, 503 or 504; nothing is stored.
    Unavailable,
    /// 403, as for what looks like a robot; nothing is stored.
    BotBlocked,
    /// The connection breaks; nothing is stored.
    DropBefore,
    /// The records are stored, and the connection breaks before the answer.
    DropAfter,
    /// The records are stored, and the answer breaks off in the middle.
    Truncate,
    /// The records are stored, and the answer is a page of a proxy instead of JSON.
    NotJson,
    /// A batch with bad records is refused in words that name no record.
    VagueRejection,
    /// An upload or deletion that was accepted fails later; its task says so.
    TaskFails,
    /// An upload is answered as if it were stored, and nothing of it is.
    NotStored,
}

impl FaultKind {
    /// All of them, in the order in which a request meets them.
    pub const ALL: [Self; 11] = [
        Self::Latency,
        Self::TooMany,
        Self::Unavailable,
        Self::BotBlocked,
        Self::DropBefore,
        Self::DropAfter,
        Self::Truncate,
        Self::NotJson,
        Self::VagueRejection,
        Self::TaskFails,
        Self::NotStored,
    ];

    /// Its name on the command line and on the wire: `too-many`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::TooMany => "too-many",
            Self::Unavailable => "unavailable",
            Self::BotBlocked => "bot-blocked",
            Self::DropBefore => "drop-before",
            Self::DropAfter => "drop-after",
            Self::Truncate => "truncate",
            Self::NotJson => "not-json",
            Self::VagueRejection => "vague-rejection",
            Self::TaskFails => "task-fails",
            Self::NotStored => "not-stored",
        }
    }

    /// What happens, for people: `Connection breaks after storing`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Latency => "Answers take their time",
            Self::TooMany => "Too many requests (429)",
            Self::Unavailable => "Server fails (500 to 504)",
            Self::BotBlocked => "Refused as a robot (403)",
            Self::DropBefore => "Connection breaks before storing",
            Self::DropAfter => "Connection breaks after storing",
            Self::Truncate => "Answer breaks off",
            Self::NotJson => "Answer is not JSON",
            Self::VagueRejection => "Refusal names no record (422)",
            Self::TaskFails => "Accepted, but fails later",
            Self::NotStored => "Answered with success, but not stored",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why faults cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// There is no fault of this name.
    #[error("there is no fault {0:?}; the faults are {list}", list = names())]
    Unknown(String),
    /// The probability is no number from 0 to 1.
    #[error("the probability of {name} is {given}; it must be a number from 0 to 1")]
    Probability {
        /// The fault's name.
        name: String,
        /// What was given.
        given: String,
    },
    /// The text is not `NAME=PROBABILITY`.
    #[error("{0:?} is not NAME=PROBABILITY, such as too-many=0.1")]
    Form(String),
}

/// The faults of an environment. The default is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// What happens to the nth request follows from this number and n alone.
    pub seed: u64,
    /// The longest delay of [`FaultKind::Latency`], in milliseconds; the shortest is half of it.
    pub latency_ms: u64,
    /// What [`FaultKind::TooMany`] asks to wait, in seconds.
    pub retry_after_s: u64,
    /// How long every upload and deletion takes after it was accepted, in milliseconds.
    pub task_delay_ms: u64,
    /// How often each fault happens, from 0 to 1; one that is not named never does.
    pub probability: BTreeMap<FaultKind, f64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            seed: 1,
            latency_ms: 500,
            retry_after_s: 1,
            task_delay_ms: 0,
            probability: BTreeMap::new(),
        }
    }
}

impl Faults {
    /// How often a fault happens, from 0 to 1.
    pub fn of(&self, kind: FaultKind) -> f64 {
        self.probability.get(&kind).copied().unwrap_or(0.0)
    }

    /// The same faults, with another probability for one of them.
    #[must_use]
    pub fn with(mut self, kind: FaultKind, probability: f64) -> Self {
        self.probability.insert(kind, probability);
        self
    }

    /// Whether no fault can happen, and tasks take no time.
    pub fn are_off(&self) -> bool {
        self.task_delay_ms == 0 && FaultKind::ALL.iter().all(|&kind| self.of(kind) <= 0.0)
    }

    /// Adds faults given as `NAME=PROBABILITY[,…]`.
    pub fn add(&mut self, list: &str) -> Result<(), FaultsError> {
        for one in list.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let (name, given) = one.split_once('=').ok_or_else(|| FaultsError::Form(one.to_owned()))?;
            let kind: FaultKind = name.trim().parse()?;
            let wrong = || FaultsError::Probability {
                name: kind.name().to_owned(),
                given: given.to_owned(),
            };
            let probability = given.trim().parse().map_err(|_| wrong())?;
            self.probability.insert(kind, probability);
        }
        self.check()
    }

    /// Checks that every probability lies between 0 and 1.
    pub fn check(&self) -> Result<(), FaultsError> {
        let wrong = self.probability.iter().find(|(_, given)| !(0.0..=1.0).contains(*given));
        match wrong {
            None => Ok(()),
            Some((kind, given)) => Err(FaultsError::Probability {
                name: kind.name().to_owned(),
                given: given.to_string(),
            }),
        }
    }
}

impl FromStr for FaultKind {
    type Err = FaultsError;

    fn from_str(name: &str) -> Result<Self, FaultsError> {
        let named = Self::ALL.into_iter().find(|kind| kind.name() == name);
        named.ok_or_else(|| FaultsError::Unknown(name.to_owned()))
    }
}

fn names() -> String {
    FaultKind::ALL.map(FaultKind::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_mistakes_in_it_are_said() {
        fn check(list: &str, expect: &str) {
            let mut faults = Faults::default();
            let said = match faults.add(list) {
                Ok(()) => serde_json::to_string(&faults.probability).unwrap(),
                Err(error) => error.to_string(),
            };
            assert_eq!(said, expect);
        }
        check("too-many=0.25, drop-after=1", r#"{"too-many":0.25,"drop-after":1.0}"#);
        check("", "{}");
        check("latency", r#""latency" is not NAME=PROBABILITY, such as too-many=0.1"#);
        check(
            "latency=-0.5",
            "the probability of latency is -0.5; it must be a number from 0 to 1",
        );
        check(
            "latency=NaN",
            "the probability of latency is NaN; it must be a number from 0 to 1",
        );
        check(
            "latency=often",
            "the probability of latency is often; it must be a number from 0 to 1",
        );
        check(
            "flood=1",
            r#"there is no fault "flood"; the faults are latency, too-many, unavailable, bot-blocked, drop-before, drop-after, truncate, not-json, vague-rejection, task-fails, not-stored"#,
        );
    }

    #[test]
    fn names_are_the_same_on_the_wire() {
        for kind in FaultKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
