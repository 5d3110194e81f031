//! What shops and people call things: the compiled form of `assets/synonyms.json`, which the matcher of columns, the
//! recognition of data sets, the tables of values and `explain` all use.
//!
//! A name is matched whole: what is left of it when particles, languages and the like are taken off ([`Peel`]) must
//! be one of the document's names, or be made of its words as one of the templates says. A word that nothing accounts
//! for (`cost price`, `SEO title`, `out of stock quantity`) keeps it from meaning anything.

mod fold;
mod lexicon;
mod peel;

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use serde_json::{Map, Value};

use super::dataset::Dataset;
use lexicon::{Lexicon, LexiconSense, LexiconWords, Spelled, WordSet, phrases};

pub(in crate::domain) use fold::{letter_set, plain, words};
pub(crate) use peel::Peel;

/// What is taken off a name.
#[derive(Debug)]
struct Peeled {
    /// Objects of a JSON record that hold its fields: `_source.title`.
    wrappers: HashSet<String>,
    particles: HashSet<String>,
    languages: HashSet<String>,
    types: HashSet<String>,
    remarks: HashSet<String>,
}

struct Synonyms {
    words: LexiconWords,
    peeled: Peeled,
    fields: HashMap<Dataset, Lexicon>,
    signs: HashMap<Dataset, Lexicon>,
    secrets: Lexicon,
    /// What a record of the data set is called.
    nouns: HashMap<Dataset, WordSet>,
    /// Names that the schema allows, by what people call them.
    values: HashMap<String, Vec<String>>,
}

static SYNONYMS: LazyLock<Synonyms> = LazyLock::new(compile);

/// Reads the words, which takes a moment, before they are needed.
pub(crate) fn prepare() {
    LazyLock::force(&SYNONYMS);
}

fn compile() -> Synonyms {
    let document: Value = serde_json::from_str(include_str!("../../../assets/synonyms.json"))
        .unwrap_or_else(|error| panic!("assets/synonyms.json is no JSON: {error}"));
    let part = |name: &str| object(&document, name);
    let words = LexiconWords::read(part("words"));
    let texts = |name: &str| {
        let list = part("peeled").get(name).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str)
    };
    let list = |name: &str| texts(name).map(plain).collect::<HashSet<_>>();
    let peeled = Peeled {
        wrappers: texts("wrappers").map(str::to_owned).collect(),
        particles: list("particles"),
        languages: list("languages"),
        types: list("types"),
        remarks: list("remarks"),
    };
    let of_data_sets = |name: &str| {
        let part = part(name);
        let lexicon = |dataset: Dataset| Lexicon::read(object_in(part, dataset.name()), &words, &peeled.particles);
        Dataset::ALL
            .into_iter()
            .map(|dataset| (dataset, lexicon(dataset)))
            .collect()
    };
    let noun = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| words.set(name))
            .fold(0, |all, one| all | one)
    };
    let nouns = [
        (Dataset::Products, noun(&["product", "work"])),
        (Dataset::Users, noun(&["user"])),
        (Dataset::Interactions, noun(&["event", "order"])),
    ];
    let mut values: HashMap<String, Vec<String>> = HashMap::new();
    for (name, languages) in part("values") {
        for (_, word) in phrases(languages) {
            values.entry(plain(word)).or_default().push(name.clone());
        }
    }
    Synonyms {
        fields: of_data_sets("fields"),
        signs: of_data_sets("signs"),
        secrets: Lexicon::read(part("secrets"), &words, &peeled.particles),
        nouns: nouns.into_iter().collect(),
        peeled,
        values,
        words,
    }
}

/// An object of the document, which a bug alone leaves out.
fn object<'a>(document: &'a Value, name: &str) -> &'a Map<String, Value> {
    let part = document.get(name).and_then(Value::as_object);
    part.unwrap_or_else(|| panic!("assets/synonyms.json has no object {name}"))
}

fn object_in<'a>(part: &'a Map<String, Value>, name: &str) -> &'a Map<String, Value> {
    let inner = part.get(name).and_then(Value::as_object);
    inner.unwrap_or_else(|| panic!("assets/synonyms.json has no object {name}"))
}

/// What a column's name may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// A field's path (with a second choice behind `|`), a sign, or a kind of secret.
    pub name: &'static str,
    /// Whether the name may mean something else as well.
    pub(crate) is_weak: bool,
    /// What was taken off the name.
    pub(crate) peel: Peel,
}

/// The names of a table's columns, taken apart once.
#[derive(Debug)]
pub(crate) struct Names {
    columns: Vec<Vec<(Spelled, Peel)>>,
}

impl Names {
    /// Takes the names of a table apart.
    pub(crate) fn of(columns: &[String]) -> Self {
        let synonyms = &*SYNONYMS;
        let common = peel::common_prefixes(columns);
        let is_word = |word: &str| synonyms.words.is_word(word) || synonyms.peeled.particles.contains(word);
        let spelled = |name: &String| {
            let readings = peel::readings(name, &common, &synonyms.peeled, is_word);
            let spelled = readings.into_iter();
            spelled
                .map(|reading| (Spelled::new(reading.text, &synonyms.words), reading.peel))
                .collect()
        };
        Self {
            columns: columns.iter().map(spelled).collect(),
        }
    }

    /// How many columns they are.
    pub(crate) const fn len(&self) -> usize {
        self.columns.len()
    }

    /// The fields of a data set that a column's name may mean, surest first.
    pub(crate) fn fields(&self, dataset: Dataset, column: usize) -> Vec<Meaning> {
        let nouns = SYNONYMS.nouns.get(&dataset).copied().unwrap_or_default();
        let lexicon = SYNONYMS.fields.get(&dataset);
        lexicon.map_or_else(Vec::new, |lexicon| self.look_up(lexicon, nouns, column))
    }

    /// What a column's name says about what a table holds, beside fields.
    pub(crate) fn signs(&self, dataset: Dataset, column: usize) -> Vec<Meaning> {
        let nouns = SYNONYMS.nouns.get(&dataset).copied().unwrap_or_default();
        let lexicon = SYNONYMS.signs.get(&dataset);
        lexicon.map_or_else(Vec::new, |lexicon| self.look_up(lexicon, nouns, column))
    }

    /// The kind of secret that a column's name says it holds.
    pub(crate) fn secret(&self, column: usize) -> Option<&'static str> {
        let nouns = SYNONYMS.nouns.get(&Dataset::Users).copied().unwrap_or_default();
        let found = self.look_up(&SYNONYMS.secrets, nouns, column);
        found
            .into_iter()
            .find(|meaning| meaning.peel < Peel::Remark)
            .map(|meaning| meaning.name)
    }

    /// The meanings of the plainest reading that has any.
    fn look_up(&self, lexicon: &'static Lexicon, nouns: WordSet, column: usize) -> Vec<Meaning> {
        let mut found: Vec<Meaning> = Vec::new();
        for (spelled, peel) in self.columns.get(column).into_iter().flatten() {
            if found
                .iter()
                .any(|known| known.peel <= *peel && known.peel == Peel::Shell)
            {
                break;
            }
            let mut meant = Vec::new();
            lexicon.look_up(spelled, 0, &mut meant);
            if meant.is_empty() {
                // `customer city`: the city, of a record of the data set. Its id is no such part.
                let ids = SYNONYMS.words.set("id").unwrap_or_default();
                for end in spelled.starts(nouns).filter(|end| !spelled.ends_with(ids, *end)) {
                    lexicon.look_up(spelled, end, &mut meant);
                }
            }
            for sense in meant {
                let name = lexicon.meaning(sense);
                match found.iter_mut().find(|known| known.name == name) {
                    Some(known) if (known.is_weak, known.peel) > (sense.is_weak, *peel) => {
                        (known.is_weak, known.peel) = (sense.is_weak, *peel);
                    }
                    Some(_) => {}
                    None => found.push(Meaning {
                        name,
                        is_weak: sense.is_weak,
                        peel: *peel,
                    }),
                }
            }
        }
        found.sort_by_key(|meaning| (meaning.is_weak, meaning.peel));
        found
    }
}

impl Lexicon {
    fn meaning(&'static self, sense: LexiconSense) -> &'static str {
        let meaning = self.meanings.get(usize::from(sense.meaning));
        meaning.map_or("", |(name, _)| name.as_str())
    }
}

/// What people call a field, as the document gives it, for people to read.
pub(crate) fn of_field(dataset: Dataset, path: &str) -> Vec<&'static str> {
    let meanings = SYNONYMS
        .fields
        .get(&dataset)
        .into_iter()
        .flat_map(|fields| &fields.meanings);
    let named = meanings.filter(|(name, _)| name.split('|').any(|name| name == path));
    let mut all: Vec<&str> = Vec::new();
    for name in named.flat_map(|(_, said)| said) {
        if !all.contains(&name.as_str()) {
            all.push(name);
        }
    }
    all
}

/// The field that people call so, as far as that is clear.
pub(crate) fn field_called(dataset: Dataset, name: &str) -> Option<&'static str> {
    let meanings = Names::of(&[name.to_owned()]).fields(dataset, 0);
    let first = meanings.first().filter(|meaning| meaning.peel == Peel::Shell)?;
    first.name.split('|').next()
}

/// The names that the schema allows which a word stands for, among those of one field.
pub(in crate::domain) fn of_value<'a>(allowed: &'a [String], word: &str) -> Option<&'a str> {
    let names = SYNONYMS.values.get(&plain(word))?;
    let found = allowed.iter().find(|allowed| names.contains(allowed));
    found.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schema::Schema;

    /// The document names no field that there is not, and no value.
    #[test]
    fn the_document_names_real_fields_and_values() {
        for dataset in Dataset::ALL {
            let lexicon = &SYNONYMS.fields[&dataset];
            let schema = Schema::of(dataset);
            for (meaning, _) in &lexicon.meanings {
                for path in meaning.split('|') {
                    assert!(schema.node(path).is_some(), "{dataset}: {path}");
                }
            }
        }
        let allowed: Vec<&String> = [
            ("availability", Dataset::Products),
            ("condition", Dataset::Products),
            ("type", Dataset::Interactions),
        ]
        .into_iter()
        .filter_map(|(path, dataset)| Schema::of(dataset).node(path))
        .flat_map(|node| &node.allowed)
        .collect();
        assert!(SYNONYMS.values.values().flatten().all(|name| allowed.contains(&name)));
    }

    /// What a name means in a table whose other columns have nothing to do with it.
    #[track_caller]
    fn check(dataset: Dataset, name: &str, expect: &str) {
        let columns = [name, "one", "two"].map(str::to_owned);
        let meanings = Names::of(&columns).fields(dataset, 0);
        let said: Vec<String> = meanings
            .iter()
            .map(|meaning| {
                let weak = if meaning.is_weak { "~" } else { "" };
                let peel = match meaning.peel {
                    Peel::Shell => "",
                    Peel::Prefix => " (prefix)",
                    Peel::Remark => " (remark)",
                };
                format!("{weak}{}{peel}", meaning.name)
            })
            .collect();
        assert_eq!(said.join(", "), expect, "{name}");
    }

    #[test]
    fn names_are_peeled() {
        for (name, expect) in [
            ("Artikelnummer", "product_id"),
            ("Nom du produit", "title"),
            ("title_en-US", "title"),
            ("Tags (a, b, c…)", "tags"),
            ("price:float", "sale_price|original_price"),
            ("Cost (SKU)", "product_id (prefix)"),
            ("Photo 1", "cover_image"),
            ("Photo 2", ""),
            ("商品説明(一覧)", "short_description"),
            ("Preis (Brutto)", "sale_price|original_price"),
            ("Price (per kilo)", "sale_price|original_price (remark)"),
            ("itemBrand", "brand"),
            ("_source.title", "title"),
            ("Item.sku", "product_id"),
            ("x_brand", "brand (prefix)"),
        ] {
            check(Dataset::Products, name, expect);
        }
    }

    /// A word that nothing accounts for keeps a name from meaning what the rest of it does.
    #[test]
    fn a_part_of_a_name_means_nothing() {
        for name in [
            "cost price",
            "SEO title",
            "out_of_stock_qty",
            "price_net",
            "brand_logo_alt",
            "min price",
            "Longitud",
        ] {
            check(Dataset::Products, name, "");
        }
        check(Dataset::Users, "Country/Region", "");
        check(Dataset::Users, "First Name", "");
        check(Dataset::Products, "postcode", "");
    }

    #[test]
    fn records_are_called_by_their_noun() {
        check(Dataset::Users, "customer_city", "city");
        check(Dataset::Users, "Kundennummer", "user_id");
        check(Dataset::Interactions, "order_id", "");
        check(Dataset::Interactions, "Bestelldatum", "timestamp");
        check(Dataset::Products, "movie_id", "product_id");
    }
}
