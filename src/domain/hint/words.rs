//! What people are told about a hint.

use super::Hint;

impl Hint {
    /// What the values are, after a count: `1,198 numbers with a decimal comma`.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::DecimalComma => "numbers with a decimal comma",
            Self::Thousands => "numbers with thousands separators",
            Self::Currency => "numbers with a currency sign",
            Self::Percent => "percentages",
            Self::BareNumber => "numbers in the place of text",
            Self::QuotedNumber => "numbers in quotes",
            Self::NoValue => "words that mean \"no value\"",
            Self::BareDate => "dates without a time",
            Self::SpaceForT => "dates with a space instead of T",
            Self::NoSeconds => "dates without seconds",
            Self::OtherDateOrder => "dates in another order",
            Self::EpochSeconds => "times as seconds since 1970",
            Self::EpochMillis => "times as milliseconds since 1970",
            Self::OtherTimeForm => "times written another way",
            Self::ImpossibleDate => "dates that do not exist",
            Self::NoScheme => "URLs without https://",
            Self::Unescaped => "URLs with characters that must be escaped",
            Self::SimilarName => "names written differently",
            Self::SingleItem => "single values where a list is expected",
            Self::OuterSpaces => "values with spaces around them",
            Self::FlatPath => "paths of categories in one text",
            Self::NoDate => "dates that stand for no date",
            Self::LongAgo => "dates too long ago",
            Self::Future => "dates in the future",
            Self::OtherScheme => "URLs that are not of the web",
            Self::Markup => "titles with HTML",
            Self::Rounded => "long numbers, rounded",
            Self::MadeDate => "values that a spreadsheet took for dates",
            Self::SheetError => "error values of a spreadsheet",
            Self::Formula => "formulas without a result",
            Self::Garbled => "texts with Ã¤ and â€™ in the place of letters",
            Self::QuoteInWord => "words with a quote inside",
            Self::Email => "e-mail addresses",
            Self::Phone => "telephone numbers",
            Self::IpAddress => "IP addresses",
            Self::PersonName => "names of people",
            Self::OfOtherType => "fields of another type",
            Self::IdForm => "ids of a form to avoid",
            Self::OutOfRange => "numbers out of range",
            Self::NoLanguageCode => "languages without a code",
            Self::EmptyText => "empty texts",
            Self::NoZone => "times without a zone",
            Self::Null => "nulls",
            Self::Translation => "translations",
            Self::ListLiteral => "lists in another notation",
            Self::SeveralIds => "several ids in one",
            Self::HeaderAsId => "names of columns",
            Self::ZeroPrice => "sale prices of 0",
            Self::Personal => "personal data, by the column's name",
        }
    }

    /// What is wrong with a value, after the value, where the hint says it better than the rule.
    pub const fn says(self) -> Option<&'static str> {
        Some(match self {
            Self::NoDate => "stands for no date",
            Self::LongAgo => "is too long ago",
            Self::Future => "lies in the future",
            Self::Formula => "is a formula without a result",
            Self::Email => "holds an e-mail address",
            Self::Phone => "looks like a telephone number",
            Self::IpAddress => "is somebody's IP address",
            Self::PersonName => "looks like the name of a person",
            Self::Personal => "says who somebody is, by the column's name",
            _ => return None,
        })
    }

    /// What to do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::DecimalComma => "write a point instead of the comma: 12.50",
            Self::Thousands => "write the number without thousands separators: 1299.00",
            Self::Currency => "leave out the currency sign",
            Self::Percent => "leave out the percent sign, or convert to a fraction",
            Self::BareNumber => "put the number in quotes, with all its digits",
            Self::QuotedNumber => "write the number without quotes",
            Self::NoValue => "leave the cell empty when there is no value",
            Self::BareDate => "add a time: 2023-11-07T00:00:00Z",
            Self::SpaceForT => "write T between date and time",
            Self::NoSeconds => "add the seconds: 2023-11-07T05:31:00Z",
            Self::OtherDateOrder => "write year, month, day: 2023-11-07T00:00:00Z",
            Self::EpochSeconds | Self::EpochMillis | Self::OtherTimeForm => "write date and time: 2023-11-07T05:31:56Z",
            Self::ImpossibleDate => "correct the date; that day or time does not exist",
            Self::NoScheme => "start with https://",
            Self::Unescaped => "write such characters as % escapes: %20 for a space",
            Self::SimilarName => "write the name exactly as listed",
            Self::SingleItem => "put the value into a list",
            Self::OuterSpaces => "remove the spaces",
            Self::FlatPath => {
                "write each path as the list of its levels: [[\"Clothing\", \"Shirts\"]], or Clothing > Shirts in a flat file"
            }
            Self::NoDate => "leave the cell empty when there is no date",
            Self::LongAgo => "correct the date; one in January 1970 comes from seconds taken for milliseconds",
            Self::Future => "correct the date",
            Self::OtherScheme => "write the address as it stands in a browser, from https:// on",
            Self::Markup => "write plain text",
            Self::Rounded => "take the number from where it came from; its last digits are lost here",
            Self::MadeDate => "take the value from where it came from, such as 3-4 for 4-Mar",
            Self::SheetError => "correct the formula, or leave the cell empty",
            Self::Formula => "open the file in the program it was made with, save it there, and take that file",
            Self::Garbled => "put the characters right",
            Self::QuoteInWord => "write the letter that was meant; „ is the ä of DOS, ‚ its é",
            Self::OfOtherType => "correct the type, or empty the cell",
            Self::IdForm => {
                "write an id without a comma and without _ at its start, which is not . or .., the same everywhere"
            }
            Self::OutOfRange => "correct the number, or convert the scale",
            Self::NoLanguageCode => "write the two letters, such as en for English",
            Self::EmptyText => "nothing needs to be done",
            Self::NoZone => "add the zone: Z for UTC, or +02:00",
            Self::Null => "leave the key out",
            Self::Translation => "leave the translations out",
            Self::ListLiteral => "write the list as JSON: [\"a\", \"b\"], or its items with | between them",
            Self::SeveralIds => "keep one of them, or write a row for each",
            Self::HeaderAsId => "remove the line",
            Self::ZeroPrice => "leave the cell empty when there is no sale",
            Self::Email | Self::Phone | Self::IpAddress | Self::PersonName | Self::Personal => {
                "send a hash instead, the same in all files, or leave it out"
            }
        }
    }

    /// The name on a repair button, when there is a repair that cannot go wrong.
    pub const fn repair_name(self) -> Option<&'static str> {
        Some(match self {
            Self::DecimalComma => "Use decimal points",
            Self::Thousands => "Remove thousands separators",
            Self::Currency => "Remove currency signs",
            Self::BareNumber => "Make them text",
            Self::QuotedNumber => "Remove the quotes",
            Self::NoValue
            | Self::NoDate
            | Self::SheetError
            | Self::EmptyText
            | Self::Null
            | Self::OfOtherType
            | Self::ZeroPrice => "Empty these cells",
            Self::BareDate => "Add midnight UTC",
            Self::SpaceForT => "Write T",
            Self::NoSeconds => "Add :00 seconds",
            Self::EpochSeconds | Self::EpochMillis => "Convert to date and time",
            Self::OtherTimeForm => "Write them as the API does",
            Self::NoScheme => "Add https://",
            Self::Unescaped => "Escape them",
            Self::SimilarName => "Use the listed names",
            Self::SingleItem | Self::ListLiteral => "Make lists",
            Self::OuterSpaces => "Remove the spaces",
            Self::FlatPath => "Make paths",
            Self::Markup => "Remove the HTML",
            Self::Garbled => "Put the characters right",
            Self::Percent
            | Self::OtherDateOrder
            | Self::ImpossibleDate
            | Self::LongAgo
            | Self::Future
            | Self::OtherScheme
            | Self::Rounded
            | Self::MadeDate
            | Self::Formula
            | Self::QuoteInWord
            | Self::Email
            | Self::Phone
            | Self::IpAddress
            | Self::PersonName
            | Self::IdForm
            | Self::OutOfRange
            | Self::NoLanguageCode
            | Self::NoZone
            | Self::SeveralIds
            | Self::HeaderAsId
            | Self::Personal
            | Self::Translation => return None,
        })
    }
}
