//! What a recipe and the file it is applied to have in common.

/// What the columns of a file have that a recipe has not, and the other way round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Columns of the recipe that the file does not have.
    pub missing: Vec<String>,
    /// Columns of the file that the recipe does not know.
    pub extra: Vec<String>,
}

impl Differences {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }

    /// The differences in a sentence; `None` when there are none.
    pub fn sentence(&self) -> Option<String> {
        let of = |names: &[String], what: &str| (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")));
        let missing = of(&self.missing, "the file lacks");
        let extra = of(&self.extra, "the recipe does not know");
        let parts: Vec<String> = missing.into_iter().chain(extra).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// A recipe that was applied to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The recipe's name.
    pub name: String,
    /// When it was saved; empty when it never was.
    pub saved: String,
    /// What the file's columns and the recipe do not have in common.
    pub differences: Differences,
    /// The rules that it weighs differently: `markup=off`.
    pub rules: Vec<String>,
}

impl Applied {
    /// In words: `Recipe of 12 Nov 2026 applied`.
    pub fn words(&self) -> String {
        let day: Option<jiff::civil::Date> = self.saved.get(..10).and_then(|day| day.parse().ok());
        let of = match day {
            Some(day) => day.strftime("of %-d %b %Y ").to_string(),
            None if self.name.is_empty() => String::new(),
            None => format!("for {} ", self.name),
        };
        let differences = self.differences.sentence().map(|sentence| format!("; {sentence}"));
        let rules = (!self.rules.is_empty()).then(|| {
            let rules = self.rules.join(", ");
            format!("; what it says of rules ({rules}) holds for the command line, here the settings do")
        });
        let [differences, rules] = [differences, rules].map(Option::unwrap_or_default);
        format!("Recipe {of}applied{differences}{rules}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_the_recipe_says_is_said() {
        let applied = Applied {
            name: "katalog.csv".to_owned(),
            saved: "2026-11-12T10:00:00Z".to_owned(),
            differences: Differences {
                missing: vec!["intern".to_owned()],
                extra: Vec::new(),
            },
            rules: vec!["markup=off".to_owned()],
        };
        insta::assert_snapshot!(applied.words(), @"Recipe of 12 Nov 2026 applied; the file lacks intern; what it says of rules (markup=off) holds for the command line, here the settings do");
    }
}
