//! What must not be sent at all: "we ask that you please do not send any PII" (the guide to integrating data).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{CellTest, Family, FieldContext, Hint, RuleDef, cell_test::Concern, definition::HintDef};
use crate::domain::{
    cell::Cell,
    dataset::Dataset,
    json,
    synonyms::{Names, Peel},
};

/// The value says who somebody is.
pub(super) const PERSONAL_DATA: RuleDef = RuleDef {
    name: "personal-data",
    title: "Personal data in clear",
    says: "looks like personal data in clear",
    text: "Users should be known by a hash, and no e-mail addresses, telephone numbers, IP addresses or names of people \
           be sent: the engine needs to tell people apart, not to know them. Looked at are user_id, anonymous_id, \
           truncated_ip and your own attributes, each for what is unmistakable in its form; and attributes of people that \
           are called first name, birthday, street and the like, in several languages.",
    advice: "send a hash instead, the same in all files",
    ..RuleDef::of(Family::Privacy)
};

/// What to do about all of it.
const ADVICE: &str = "send a hash instead, the same in all files, or leave it out";

pub(super) const EMAIL: HintDef = HintDef::new("e-mail addresses", ADVICE).says("holds an e-mail address");

pub(super) const PHONE: HintDef = HintDef::new("telephone numbers", ADVICE).says("looks like a telephone number");

pub(super) const IP_ADDRESS: HintDef = HintDef::new("IP addresses", ADVICE).says("is somebody's IP address");

pub(super) const PERSON_NAME: HintDef = HintDef::new("names of people", ADVICE).says("looks like the name of a person");

pub(super) const PERSONAL: HintDef =
    HintDef::new("personal data, by the column's name", ADVICE).says("says who somebody is, by the column's name");

/// Looks at ids of people, addresses and people's own attributes.
#[derive(Debug)]
pub(super) struct PersonalData {
    sought: Sought,
    /// Whether the column's name says that it says who somebody is.
    is_named: bool,
}

impl CellTest for PersonalData {
    fn of(field: &FieldContext<'_>) -> Option<Self> {
        let is_own = field.is_own();
        Some(Self {
            sought: Sought::of(field.path(), is_own)?,
            is_named: is_own && field.dataset != Dataset::Products && is_named(field.name()),
        })
    }

    fn find(&self, cell: Cell<'_>, text: Option<&str>) -> Option<Hint> {
        find(cell, text, self.sought).or_else(|| self.is_named.then_some(Hint::Personal))
    }

    fn concern(&self) -> Concern {
        match self.sought {
            Sought::Person => Concern::OddText,
            Sought::Telephone | Sought::Address | Sought::Truncated | Sought::Attribute => Concern::Text,
        }
    }

    fn is_about_ids(&self) -> bool {
        self.sought == Sought::Person
    }
}

/// What is looked for in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    /// The id of a person.
    Person,
    /// An attribute that is named after telephones.
    Telephone,
    /// An attribute that is named after IP addresses.
    Address,
    /// An address without its last part.
    Truncated,
    /// Any other attribute.
    Attribute,
}

impl Sought {
    /// The test of the field at a path; `is_own` tells a custom attribute.
    fn of(path: &str, is_own: bool) -> Option<Self> {
        let name = path.rsplit('.').next().unwrap_or(path).to_lowercase();
        let has = |words: &[&str]| {
            let mut parts = name.split(|c: char| !c.is_alphanumeric());
            parts.any(|part| words.contains(&part))
        };
        match path {
            "user_id" | "anonymous_id" => Some(Self::Person),
            "context.truncated_ip" => Some(Self::Truncated),
            _ if !is_own => None,
            _ if has(&["ip", "ipaddress", "ip4", "ipv4", "ipv6"]) => Some(Self::Address),
            _ if has(&["phone", "telephone", "tel", "mobile", "cell", "fax", "whatsapp"]) => Some(Self::Telephone),
            _ => Some(Self::Attribute),
        }
    }
}

/// What personal data a cell holds; `text` is what is [`plain`](super::plain) of it.
fn find(cell: Cell<'_>, text: Option<&str>, sought: Sought) -> Option<Hint> {
    if let Some(text) = text.filter(|text| !text.starts_with(['[', '{'])) {
        return in_text(text.trim(), sought);
    }
    match cell {
        // A number is as good a telephone number as a text.
        Cell::Json(json) if sought == Sought::Telephone && !json.starts_with(['[', '{', '"']) => in_text(json, sought),
        Cell::Text(json) | Cell::Json(json) => json::texts(json).find_map(|text| in_text(text, sought)),
        Cell::Missing => None,
    }
}

/// Whether an attribute of people is called what says who somebody is.
fn is_named(name: &str) -> bool {
    // An e-mail address or a telephone number may be there as its hash, which is right.
    const PERSONAL: [&str; 3] = ["first name", "birthday", "street"];
    let signs = Names::of(&[name.to_owned()]).signs(Dataset::Users, 0);
    signs
        .iter()
        .any(|sign| sign.peel == Peel::Shell && PERSONAL.contains(&sign.name))
}

fn in_text(text: &str, sought: Sought) -> Option<Hint> {
    if sought == Sought::Truncated {
        return is_whole_address(text).then_some(Hint::IpAddress);
    }
    if has_email(text) {
        return Some(Hint::Email);
    }
    let is_phone = match sought {
        Sought::Telephone => is_telephone(text, 7),
        _ => text.starts_with('+') && is_telephone(text, 9) || is_american(text),
    };
    if is_phone {
        return Some(Hint::Phone);
    }
    if matches!(sought, Sought::Person | Sought::Address) && is_address(text) {
        return Some(Hint::IpAddress);
    }
    (sought == Sought::Person && is_name(text)).then_some(Hint::PersonName)
}

/// Whether there is an e-mail address in the text. `@2x.png`, `user@host` and addresses inside of URLs are none.
fn has_email(text: &str) -> bool {
    memchr::memchr_iter(b'@', text.as_bytes()).any(|at| {
        let is_local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
        let is_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
        let (before, after) = (&text[..at], &text[at + 1..]);
        let start = before.trim_end_matches(is_local);
        let end = after.find(|c| !is_domain(c)).unwrap_or(after.len());
        let domain = after[..end].trim_end_matches('.');
        let Some((host, top)) = domain.rsplit_once('.') else {
            return false;
        };
        let is_file = ["png", "jpg", "jpeg", "gif", "webp", "svg", "css", "js", "avif"]
            .iter()
            .any(|ending| ending.eq_ignore_ascii_case(top));
        start.len() < at
            && !start.ends_with(['/', ':'])
            && !host.is_empty()
            && top.len() >= 2
            && top.chars().all(char::is_alphabetic)
            && !is_file
    })
}

/// Digits with what is written between them, at least `least` and at most 15 (E.164).
fn is_telephone(text: &str, least: usize) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (least..=15).contains(&digits)
        && text.len() <= 2 * digits
        && text.bytes().enumerate().all(|(at, byte)| {
            byte.is_ascii_digit()
                || matches!(byte, b' ' | b'-' | b'(' | b')' | b'.' | b'/')
                || (at == 0 && byte == b'+')
        })
        && !is_date(text)
}

/// `(555) 123-4567` or `555-123-4567`, and nothing else that has hyphens.
fn is_american(text: &str) -> bool {
    let shape = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| {
                if wanted == b'0' {
                    byte.is_ascii_digit()
                } else {
                    byte == wanted
                }
            })
    };
    // Most texts are as quickly told apart.
    if !matches!(text.len(), 12 | 14) {
        return false;
    }
    // No area code begins with 0 or 1.
    let area = text.trim_start_matches('(').bytes().next();
    area.is_some_and(|first| (b'2'..=b'9').contains(&first))
        && (shape(text, "(000) 000-0000") || shape(text, "000-000-0000"))
}

fn is_date(text: &str) -> bool {
    text.as_bytes().get(..10).is_some_and(crate::domain::format::is_date)
}

/// An address of the internet that can be somebody's.
fn is_address(text: &str) -> bool {
    let may_be = text.len() >= 7 && text.bytes().filter(|byte| matches!(byte, b'.' | b':')).count() >= 3;
    if !may_be {
        return false;
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return !address.is_loopback() && !address.is_unspecified();
    }
    text.parse::<Ipv6Addr>()
        .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}

/// An address whose last part was not taken away.
fn is_whole_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok_and(|address| address.octets()[3] != 0)
        || text.parse::<Ipv6Addr>().is_ok_and(|address| {
            let [.., last] = address.segments();
            last != 0
        })
}

/// Two to four words with capital first letters, as names of people are written.
fn is_name(text: &str) -> bool {
    const NOBODY: [&str; 14] = [
        "guest",
        "user",
        "anonymous",
        "visitor",
        "unknown",
        "test",
        "customer",
        "account",
        "admin",
        "not",
        "none",
        "null",
        "system",
        "default",
    ];
    if !text.contains(' ') {
        return false;
    }
    let words: Vec<&str> = text.split(' ').collect();
    let is_capital = |word: &str| {
        let mut letters = word.chars().filter(|c| !matches!(c, '\'' | '’' | '-' | '.'));
        letters.next().is_some_and(char::is_uppercase) && word.chars().skip(1).any(char::is_lowercase)
    };
    let is_word = |word: &&str| {
        word.chars().count() >= 2
            && word
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'))
            && !NOBODY.contains(&word.to_lowercase().as_str())
    };
    (2..=4).contains(&words.len())
        && words.iter().all(is_word)
        && words.first().is_some_and(|word| is_capital(word))
        && words.last().is_some_and(|word| is_capital(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::plain;

    fn find_in(cell: Cell<'_>, sought: Sought) -> Option<Hint> {
        find(cell, plain(cell), sought)
    }

    fn check(path: &str, text: &str, expect: Option<Hint>) {
        let is_own = path.starts_with("custom_attributes");
        let sought = Sought::of(path, is_own).unwrap();
        assert_eq!(find_in(Cell::Text(text), sought), expect, "{path} {text}");
        let json = serde_json::Value::from(text).to_string();
        assert_eq!(find_in(Cell::Json(&json), sought), expect, "{path} {json}");
    }

    #[test]
    fn personal_data_is_found_in_ids() {
        for (text, expect) in [
            ("joe@example.com", Some(Hint::Email)),
            ("mailto joe.bloggs+x@mail.example.co.uk!", Some(Hint::Email)),
            ("+49 170 1234567", Some(Hint::Phone)),
            ("+886912345678", Some(Hint::Phone)),
            ("(555) 123-4567", Some(Hint::Phone)),
            ("555-123-4567", Some(Hint::Phone)),
            ("84.20.17.9", Some(Hint::IpAddress)),
            ("2001:db8:0:1:1:1:1:1", Some(Hint::IpAddress)),
            ("Joe Bloggs", Some(Hint::PersonName)),
            ("Ludwig van Beethoven", Some(Hint::PersonName)),
            ("Siobhán O'Neill", Some(Hint::PersonName)),
            // Ids as they should be.
            ("user_1234", None),
            ("3475239871", None),
            ("b94f6f125c79e3a5ffaa826f584c10d5", None),
            ("123e4567-e89b-12d3-a456-426614174000", None),
            ("978-0-439-02348-1", None),
            ("2023-11-07", None),
            ("155-123-4567", None),
            ("1.2.3", None),
            ("127.0.0.1", None),
            ("12:34:56", None),
            ("+5", None),
            ("joe", None),
            ("user@host", None),
            ("Guest User", None),
            ("visitor 17", None),
            ("GA1.2.1234567890.1234567890", None),
        ] {
            check("user_id", text, expect);
        }
    }

    #[test]
    fn personal_data_is_known_by_the_column_s_name() {
        for (name, expect) in [
            ("First Name", true),
            ("email hash", false),
            ("Geburtsdatum", true),
            ("ville", false),
            ("rue", true),
            ("email marketing consent", false),
            ("favourite colour", false),
            ("name", false),
        ] {
            assert_eq!(is_named(name), expect, "{name}");
        }
    }

    #[test]
    fn personal_data_is_found_in_own_attributes() {
        for (name, text, expect) in [
            ("contact", "write to joe@example.com", Some(Hint::Email)),
            ("emails", r#"["a","joe@example.com"]"#, Some(Hint::Email)),
            ("phone", "0170 1234567", Some(Hint::Phone)),
            ("contact.mobile", "01701234567", Some(Hint::Phone)),
            ("last_ip", "84.20.17.9", Some(Hint::IpAddress)),
            ("phone", "n/a", None),
            ("phone", "2023-11-07", None),
            ("phone_model", "Pixel 7", None),
            ("firmware", "10.0.17.9", None),
            ("isbn", "9780439023481", None),
            ("picture", "https://cdn.example/lamp@2x.png", None),
            ("map", "https://maps.example/@48.1,11.5", None),
            ("link", "ftp://joe@files.example.com/a", None),
            ("artist", "Joe Bloggs", None),
            ("handle", "@joe", None),
            ("zip", "80331", None),
            ("shipping", "1.2.3.4", None),
        ] {
            check(&format!("custom_attributes.{name}"), text, expect);
        }
        assert_eq!(find_in(Cell::Json("1701234567"), Sought::Telephone), Some(Hint::Phone));
        assert_eq!(
            find_in(Cell::Json(r#"{"mail":"joe@example.com"}"#), Sought::Attribute),
            Some(Hint::Email)
        );
        check("context.truncated_ip", "84.20.17.9", Some(Hint::IpAddress));
        check("context.truncated_ip", "84.20.17.0", None);
        assert_eq!(Sought::of("title", false), None);
    }
}
