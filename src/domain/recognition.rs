//! Which data set a table holds, by the names of its columns and by their values; or that this is not to be known.
//!
//! Every column speaks for the data sets in which its name means something: much when it does so in one only (`brand`,
//! `Vorname`, `order number`), little when it does in several (`name`, `id`). What columns are together says more: a
//! row with a person and a product is an interaction, and ids that repeat are not those of records.

use std::collections::HashMap;

use super::{
    dataset::Dataset,
    mapping::evidence::{ColumnEvidence, ColumnVerdict},
    sampled::Sampled,
    schema::Schema,
    synonyms::{self, Meaning, Names, Peel, plain},
};

/// The least points, in hundredths, of a data set that is taken without asking.
const ENOUGH: i32 = 350;
/// The least lead before the next one.
const LEAD: i32 = 200;
/// Columns of payment and delivery from which on a table is one of orders.
const PAYMENTS: usize = 3;
/// Names of columns in a reason.
const NAMES: usize = 4;

/// A data set that a table may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// The data set.
    pub dataset: Dataset,
    /// The sum of its evidence, in hundredths.
    pub points: i32,
    /// The evidence in sentences, the strongest first.
    pub(crate) reasons: Vec<String>,
}

/// What a table was found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognition {
    /// All data sets, the likeliest first.
    pub guesses: Vec<Guess>,
    /// Whether the first is certain enough to be taken without asking.
    pub(crate) is_decided: bool,
}

impl Recognition {
    /// The likeliest data set.
    pub fn best(&self) -> Dataset {
        self.guesses.first().map_or(Dataset::Products, |guess| guess.dataset)
    }

    /// The data set, when the table leaves no doubt.
    pub fn decided(&self) -> Option<Dataset> {
        self.is_decided.then(|| self.best())
    }
}

/// Finds out which data set a table holds. Samples are the columns' values, in column order; without them names alone
/// count.
pub fn recognise(columns: &[String], samples: &[Sampled]) -> Recognition {
    let table = TableSample::of(columns, samples);
    let facts = table.facts();
    let mut sides = Dataset::ALL.map(|dataset| table.side(dataset));
    let [products, interactions, users] = &mut sides;
    facts.weigh(products, interactions, users);
    let mut guesses: Vec<Guess> = sides.into_iter().map(|side| side.guess(columns)).collect();
    guesses.sort_by_key(|guess| -guess.points);
    let lead = |first: &Guess| first.points - guesses.get(1).map_or(0, |second| second.points.max(0));
    let is_decided = guesses
        .first()
        .is_some_and(|first| first.points >= ENOUGH && lead(first) >= LEAD.max(first.points * 3 / 10));
    Recognition { guesses, is_decided }
}

/// What one column means in one data set.
#[derive(Default)]
struct Sense {
    fields: Vec<Meaning>,
    signs: Vec<Meaning>,
    /// How clearly it means that, in hundredths.
    strength: i32,
}

impl Sense {
    /// What the column means, for counting what means the same only once.
    fn name(&self) -> &'static str {
        let first = self.fields.iter().chain(&self.signs).next();
        first.map_or("", |meaning| meaning.name)
    }
}

/// The evidence for one data set.
struct Side {
    dataset: Dataset,
    points: i32,
    /// The columns that speak for it, with how much.
    columns: Vec<(i32, usize)>,
    notes: Vec<String>,
}

impl Side {
    fn add(&mut self, points: i32, note: String) {
        self.points += points;
        self.notes.push(note);
    }

    fn guess(mut self, columns: &[String]) -> Guess {
        self.columns.sort_by_key(|(points, column)| (-points, *column));
        let named: Vec<&str> = self
            .columns
            .iter()
            .filter(|(points, _)| *points >= 50)
            .filter_map(|(_, column)| columns.get(*column).map(String::as_str))
            .take(NAMES)
            .collect();
        let mut reasons = Vec::new();
        if !named.is_empty() {
            let many = if named.len() == 1 { "a column" } else { "columns" };
            reasons.push(format!("{} have {many} such as {}", self.dataset, named.join(", ")));
        }
        reasons.append(&mut self.notes);
        Guess {
            dataset: self.dataset,
            points: self.points,
            reasons,
        }
    }
}

struct TableSample<'a> {
    columns: &'a [String],
    evidence: Vec<ColumnEvidence<'a>>,
    samples: &'a [Sampled],
    senses: HashMap<Dataset, Vec<Sense>>,
}

impl<'a> TableSample<'a> {
    fn of(columns: &'a [String], samples: &'a [Sampled]) -> Self {
        let names = Names::of(columns);
        let evidence: Vec<ColumnEvidence<'_>> = (0..columns.len())
            .map(|column| samples.get(column).map(ColumnEvidence::of).unwrap_or_default())
            .collect();
        let sense = |dataset: Dataset, column: usize| {
            let mut sense = Sense {
                fields: names.fields(dataset, column),
                signs: names.signs(dataset, column),
                strength: 0,
            };
            let evidence = evidence.get(column).copied().unwrap_or_default();
            sense.fields.retain(|meaning| is_possible(dataset, meaning, &evidence));
            let meanings = sense.fields.iter().chain(&sense.signs);
            let own = columns.get(column).map_or(0, |name| own_name(dataset, name));
            sense.strength = meanings.map(strength).max().unwrap_or(0).max(own);
            sense
        };
        let senses = Dataset::ALL
            .into_iter()
            .map(|dataset| {
                (
                    dataset,
                    (0..columns.len()).map(|column| sense(dataset, column)).collect(),
                )
            })
            .collect();
        Self {
            columns,
            evidence,
            samples,
            senses,
        }
    }

    fn sense(&self, dataset: Dataset, column: usize) -> Option<&Sense> {
        self.senses.get(&dataset)?.get(column)
    }

    fn strength(&self, dataset: Dataset, column: usize) -> i32 {
        self.sense(dataset, column).map_or(0, |sense| sense.strength)
    }

    /// The evidence of each column by itself for a data set.
    fn side(&self, dataset: Dataset) -> Side {
        let mut side = Side {
            dataset,
            points: 0,
            columns: Vec::new(),
            notes: Vec::new(),
        };
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for column in 0..self.columns.len() {
            let mine = self.strength(dataset, column);
            if mine == 0 {
                continue;
            }
            let others = || Dataset::ALL.into_iter().filter(|other| *other != dataset);
            let as_clear = others()
                .filter(|other| self.strength(*other, column) * 10 >= mine * 9)
                .count();
            let is_alone = others().all(|other| self.strength(other, column) == 0);
            let gain = match as_clear {
                0 if is_alone => mine * 3,
                0 => mine * 9 / 4,
                1 => mine,
                _ => mine * 3 / 10,
            };
            let name = self.sense(dataset, column).map_or("", Sense::name);
            let times = seen.entry(name).or_default();
            *times += 1;
            let gain = match *times {
                1 => gain,
                2 => gain / 2,
                _ => gain / 7,
            };
            side.points += gain;
            side.columns.push((gain, column));
        }
        side
    }

    /// The columns whose names clearly mean a field or a sign of a data set.
    fn clear(&self, dataset: Dataset, wanted: &'static [&str]) -> impl Iterator<Item = usize> {
        let is_it =
            move |meaning: &Meaning| !meaning.is_weak && meaning.peel != Peel::Remark && wanted.contains(&meaning.name);
        (0..self.columns.len()).filter(move |column| {
            let named = self
                .columns
                .get(*column)
                .is_some_and(|name| wanted.contains(&name.as_str()));
            let means = self
                .sense(dataset, *column)
                .is_some_and(|sense| sense.fields.iter().chain(&sense.signs).any(is_it));
            named || means
        })
    }

    fn has(&self, dataset: Dataset, wanted: &'static [&str]) -> bool {
        self.clear(dataset, wanted).next().is_some()
    }

    fn facts(&self) -> TableFacts {
        use Dataset::{Interactions, Products, Users};
        let order = self.clear(Interactions, &["order number"]).next();
        let product = self.clear(Interactions, &["product_ids"]).next();
        let person = self.clear(Interactions, &["user_id", "anonymous_id"]).next();
        let is_moment = |column: &usize| {
            let evidence = self.evidence.get(*column);
            let node = Schema::of(Interactions).node("timestamp");
            let judged = evidence
                .zip(node)
                .map(|(evidence, node)| evidence.judge("timestamp", node));
            // When a record was made is said of users and products too.
            let is_own = Dataset::ALL
                .into_iter()
                .all(|other| other == Interactions || self.strength(other, *column) < 90);
            judged != Some(ColumnVerdict::Against) && is_own
        };
        let has_time = self
            .clear(Interactions, &["timestamp"])
            .any(|column| is_moment(&column));
        let sessions = self.clear(Interactions, &["session"]).count();
        let name = |column: usize| self.columns.get(column).cloned().unwrap_or_default();
        let ids = |dataset, wanted| -> (Option<String>, Option<String>) {
            let mut told = (None, None);
            for column in self.clear(dataset, wanted) {
                match self.evidence.get(column).and_then(ColumnEvidence::differ) {
                    Some(true) => told.0 = told.0.or_else(|| Some(name(column))),
                    Some(false) => told.1 = told.1.or_else(|| Some(name(column))),
                    None => {}
                }
            }
            told
        };
        let (users_differ, users_repeat) = ids(Users, &["user_id"]);
        let person_signs = &[
            "user_id",
            "first name",
            "e-mail",
            "telephone",
            "birthday",
            "newsletter",
            "account",
            "spent",
            "age",
            "gender",
        ];
        TableFacts {
            events: self.events(),
            order: order.map(name),
            has_order_date: self.has(Interactions, &["order date"]),
            payments: self.clear(Interactions, &["order money"]).map(name).collect(),
            pair: product
                .zip(person)
                .map(|(product, person)| (name(product), name(person))),
            has_product: product.is_some(),
            has_person: person.is_some(),
            has_time,
            sessions,
            has_product_id: self.has(Products, &["product_id"]),
            products_differ: ids(Products, &["product_id"]).0,
            has_user_id: self.has(Users, &["user_id"]),
            users_differ,
            users_repeat,
            is_about_people: self.has(Users, person_signs),
        }
    }

    /// A column of types of events: by its values, or with a name that says so beside others of interactions.
    fn events(&self) -> Option<String> {
        let node = Schema::of(Dataset::Interactions).node("type")?;
        let is_type = |column: &usize| {
            let sense = self.sense(Dataset::Interactions, *column);
            sense.is_some_and(|sense| sense.fields.iter().any(|meaning| meaning.name == "type"))
        };
        let is_event = |text: &str| {
            node.allowed.iter().any(|allowed| plain(allowed) == plain(text))
                || synonyms::of_value(&node.allowed, text).is_some()
        };
        let others = ["product_ids", "anonymous_id", "timestamp", "user_id"];
        let by_name = |column: usize| {
            let is_named = self
                .clear(Dataset::Interactions, &["type"])
                .any(|clear| clear == column);
            let is_own = |field: &&&str| self.columns.iter().any(|name| name.as_str() == **field);
            is_named && others.iter().filter(is_own).count() >= 2
        };
        let mut columns = (0..self.columns.len()).filter(is_type);
        let found = columns.find(|column| {
            let by_value = self.samples.get(*column).is_some_and(|sample| {
                let filled = sample.filled();
                filled > 0 && sample.count(|cell| is_event(&cell.shown())) * 10 >= filled * 6
            });
            by_value || by_name(*column)
        });
        found.and_then(|column| self.columns.get(column).cloned())
    }
}

/// The evidence of several columns together, with the names that reasons mention.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct TableFacts {
    events: Option<String>,
    order: Option<String>,
    has_order_date: bool,
    payments: Vec<String>,
    /// Product and person in one row.
    pair: Option<(String, String)>,
    has_product: bool,
    has_person: bool,
    has_time: bool,
    sessions: usize,
    has_product_id: bool,
    products_differ: Option<String>,
    has_user_id: bool,
    users_differ: Option<String>,
    users_repeat: Option<String>,
    is_about_people: bool,
}

impl TableFacts {
    fn weigh(&self, products: &mut Side, interactions: &mut Side, users: &mut Side) {
        if let Some(column) = &self.events {
            interactions.add(600, format!("{column} holds types of interactions"));
        }
        if let Some(column) = &self.order {
            interactions.add(400, format!("{column} numbers orders, which are interactions"));
        }
        if self.has_order_date {
            interactions.points += 200;
        }
        let is_paid = self.payments.len() >= PAYMENTS;
        if is_paid {
            interactions.add(
                200,
                format!("{} are of orders and payments", self.payments[..PAYMENTS].join(", ")),
            );
        }
        if let Some((product, person)) = &self.pair {
            interactions.add(
                500,
                format!("{person} and {product} are a person and a product in one row"),
            );
        }
        let is_moment = self.has_time && (self.has_product || self.has_person || self.sessions > 0);
        let is_act =
            self.events.is_some() || self.order.is_some() || self.has_order_date || self.pair.is_some() || is_paid;
        if is_act || is_moment {
            interactions.points += products.points.min(users.points).max(0) + if self.has_time { 200 } else { 0 };
        } else if self.sessions < 2 {
            interactions.points /= 2;
        }
        if let Some(column) = &self.users_repeat {
            users.points -= 300;
            interactions.add(200, format!("the values of {column} repeat"));
        }
        if self.has_user_id && !self.has_product && !is_act {
            users.points += 250;
            if let Some(column) = &self.users_differ {
                users.notes.push(format!("{column} differs in every row"));
            }
        }
        if self.has_product_id && !self.has_person && !is_act {
            products.points += 300;
            users.points -= 200;
            if let Some(column) = &self.products_differ {
                products.notes.push(format!("{column} differs in every row"));
            }
        }
        if !self.is_about_people {
            users.points /= 2;
        }
    }
}

/// How clearly a name means something, in hundredths.
fn strength(meaning: &Meaning) -> i32 {
    let whole = if meaning.is_weak { 40 } else { 100 };
    match meaning.peel {
        Peel::Shell => whole,
        Peel::Prefix => whole * 7 / 10,
        Peel::Remark => whole * 3 / 10,
    }
}

/// How clearly a name is that of a field of the API itself. Those of one word are used by everybody.
fn own_name(dataset: Dataset, name: &str) -> i32 {
    let schema = Schema::of(dataset);
    let is_own = name.contains(['_', '.']) && (schema.node(name).is_some() || schema.is_custom(name));
    if is_own { 130 } else { 0 }
}

/// Whether the values do not speak against what a name means.
fn is_possible(dataset: Dataset, meaning: &Meaning, evidence: &ColumnEvidence<'_>) -> bool {
    let paths = meaning.name.split('|');
    let nodes = paths.filter_map(|path| Some((path, Schema::of(dataset).node(path)?)));
    nodes
        .take(1)
        .all(|(path, node)| evidence.judge(path, node) != ColumnVerdict::Against)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the names alone.
    #[track_caller]
    fn check(names: &str, expect: Option<Dataset>) {
        let columns: Vec<String> = names.split(',').map(str::to_owned).collect();
        let recognition = recognise(&columns, &[]);
        assert_eq!(recognition.decided(), expect, "{names}: {recognition:?}");
    }

    #[test]
    fn names_that_one_data_set_has_are_recognised() {
        for (names, expect) in [
            ("product_id,title,price", Dataset::Products),
            ("sku,title,description,brand", Dataset::Products),
            ("book_id,isbn,authors,title,image_url", Dataset::Products),
            ("id,name,price", Dataset::Products),
            ("Kod produktu,Nazwa,Cena brutto,Producent", Dataset::Products),
            (
                "Handle,Title,Body (HTML),Vendor,Type,Tags,Variant SKU,Variant Price",
                Dataset::Products,
            ),
            ("type,user_id,product_ids,timestamp", Dataset::Interactions),
            ("event,anonymous_id,product_id,timestamp", Dataset::Interactions),
            ("id,user_id,product_id,timestamp", Dataset::Interactions),
            (
                "Bestellnummer,Bestelldatum,Kunde,Artikelnummer,Menge,Einzelpreis",
                Dataset::Interactions,
            ),
            (
                "注文番号,注文日時,顧客名,メールアドレス,商品コード,商品名,数量,単価",
                Dataset::Interactions,
            ),
            ("user_id,age,gender,city", Dataset::Users),
            ("user_id,created_at,custom_attributes.segment", Dataset::Users),
            ("subscriber_id,email,status,created_at", Dataset::Users),
            ("Vorname,Nachname,E-Mail,PLZ,Ort", Dataset::Users),
        ] {
            check(names, Some(expect));
        }
    }

    #[test]
    fn names_that_any_table_may_have_are_a_question() {
        for names in [
            "id,name",
            "id,value,date",
            "a,b,c,d",
            "column 1,column 2,column 3",
            "key,text",
            "date,amount",
            "name,description",
            "city,country",
        ] {
            check(names, None);
        }
    }

    #[test]
    fn reasons_name_the_columns() {
        let columns = ["Bestellnummer", "Kunde", "Vorname"].map(str::to_owned);
        let recognition = recognise(&columns, &[]);
        let said: Vec<String> = recognition
            .guesses
            .iter()
            .map(|guess| format!("{}: {}", guess.dataset, guess.reasons.join("; ")))
            .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        interactions: interactions have columns such as Bestellnummer, Kunde; Bestellnummer numbers orders, which are interactions
        users: users have a column such as Vorname
        products:
        ");
    }
}
