//! How much rules weigh for the person who uses them.

use super::{Rule, Severity};

/// How much a rule weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It is not looked at.
    Off,
    /// Rows that break it are shown, and sent.
    Warning,
    /// Rows that break it are shown, and not sent.
    Error,
}

impl Level {
    /// All levels, lightest first.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warning, Self::Error];

    /// Its name on the command line and in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Why a rule cannot be weighed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// The text is no choice.
    #[error("\"{0}\" is not RULE=off, RULE=warning or RULE=error")]
    NoChoice(String),
    /// There is no such rule.
    #[error("there is no rule \"{0}\"; tatami explain lists them")]
    NoRule(String),
    /// The API refuses what breaks the rule.
    #[error("the rule {0} cannot be changed: the API refuses such records")]
    Fixed(&'static str),
}

/// How much every rule weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels([Level; Rule::ALL.len()]);

impl Default for Levels {
    fn default() -> Self {
        Self(Rule::ALL.map(usual))
    }
}

const fn usual(rule: Rule) -> Level {
    match rule.severity() {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Off,
    }
}

impl Levels {
    /// How much a rule weighs.
    pub fn level(&self, rule: Rule) -> Level {
        self.0.get(rule as usize).copied().unwrap_or(usual(rule))
    }

    /// How bad it is to break a rule.
    pub fn severity(&self, rule: Rule) -> Severity {
        match self.level(rule) {
            Level::Error => Severity::Error,
            Level::Off | Level::Warning => Severity::Warning,
        }
    }

    /// Whether rows are held to a rule at all.
    pub(crate) fn is_on(&self, rule: Rule) -> bool {
        self.level(rule) != Level::Off
    }

    /// Weighs a rule differently.
    ///
    /// # Errors
    /// When the API refuses what breaks the rule.
    pub fn set(&mut self, rule: Rule, level: Level) -> Result<(), LevelError> {
        if !rule.has_switch() {
            return Err(LevelError::Fixed(rule.name()));
        }
        if let Some(slot) = self.0.get_mut(rule as usize) {
            *slot = level;
        }
        Ok(())
    }

    /// Applies a choice as it is written on the command line: `markup=off`.
    ///
    /// # Errors
    /// When it names no rule or no level, or a rule that cannot be changed.
    pub fn set_written(&mut self, choice: &str) -> Result<(), LevelError> {
        let no_choice = || LevelError::NoChoice(choice.to_owned());
        let (name, level) = choice.split_once('=').ok_or_else(no_choice)?;
        let rule = Rule::named(name.trim()).ok_or_else(|| LevelError::NoRule(name.trim().to_owned()))?;
        let level = Level::ALL.into_iter().find(|known| known.name() == level.trim());
        self.set(rule, level.ok_or_else(no_choice)?)
    }

    /// The same as choices are written: `markup=off`.
    pub fn written(&self) -> impl Iterator<Item = String> + '_ {
        let changed = self.changed();
        changed.map(|(rule, level)| format!("{}={}", rule.name(), level.name()))
    }

    /// The rules that weigh differently than usual.
    pub fn changed(&self) -> impl Iterator<Item = (Rule, Level)> + '_ {
        let all = Rule::ALL.into_iter().map(|rule| (rule, self.level(rule)));
        all.filter(|(rule, level)| *level != usual(*rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_chosen_and_refused_with_a_reason() {
        let mut levels = Levels::default();
        levels.set_written("markup=off").unwrap();
        levels.set_written("nobody = error").unwrap();
        levels.set_written("alike-ids=warning").unwrap();
        let changed: Vec<_> = levels.changed().collect();
        assert_eq!(changed, [(Rule::Nobody, Level::Error), (Rule::Markup, Level::Off)]);
        assert_eq!(levels.severity(Rule::Nobody), Severity::Error);
        let error = |choice: &str| levels.clone().set_written(choice).unwrap_err().to_string();
        insta::assert_snapshot!(error("markup"), @r#""markup" is not RULE=off, RULE=warning or RULE=error"#);
        insta::assert_snapshot!(error("markup=maybe"), @r#""markup=maybe" is not RULE=off, RULE=warning or RULE=error"#);
        insta::assert_snapshot!(error("html=off"), @r#"there is no rule "html"; tatami explain lists them"#);
        insta::assert_snapshot!(error("type=off"), @"the rule type cannot be changed: the API refuses such records");
    }
}
