//! The names of months, as the languages of Europe write and shorten them.

/// The beginnings by which the months are told apart, in order, as plain lower-case letters; the longest that fits wins.
const BEGINNINGS: [&[&str]; 12] = [
    &["jan", "jän", "ene", "gen"],
    &["feb", "fév", "fev"],
    &["mar", "mär", "mrz", "maa"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mei", "mag"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

/// The letters that may follow a beginning: the rest of the month's names.
const NAMES: [&[&str]; 12] = [
    &[
        "january", "januar", "jänner", "janvier", "enero", "gennaio", "januari", "janeiro",
    ],
    &[
        "february",
        "februar",
        "feber",
        "février",
        "fevrier",
        "febrero",
        "febbraio",
        "februari",
        "fevereiro",
        "fevr",
        "févr",
    ],
    &["march", "märz", "mars", "marzo", "maart", "março", "marco"],
    &["april", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio", "mei", "maio"],
    &["june", "juni", "juin", "junio", "giugno", "junho"],
    &["july", "juli", "juillet", "julio", "luglio", "julho"],
    &["august", "août", "aout", "agosto", "augustus"],
    &["september", "septembre", "septiembre", "settembre", "setembro", "sept"],
    &["october", "oktober", "octobre", "octubre", "ottobre", "outubro"],
    &["november", "novembre", "noviembre", "novembro"],
    &[
        "december",
        "dezember",
        "décembre",
        "decembre",
        "diciembre",
        "dicembre",
        "dezembro",
    ],
];

/// The number of a month, 1 to 12, from its name or the name's usual short form, in any case.
pub(super) fn number(name: &str) -> Option<u32> {
    let name = name.to_lowercase();
    let position = |table: &[&[&str]; 12]| table.iter().position(|names| names.contains(&name.as_str()));
    let at = position(&NAMES).or_else(|| position(&BEGINNINGS))?;
    u32::try_from(at + 1).ok()
}
