//! The mistakes people make in files like these.

use super::SampleFormat;
use crate::domain::{dataset::Dataset, issue::Severity};

/// A mistake that a record can carry. Every one has been seen in real feeds; spreadsheets make half of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mistake {
    /// `19,90`: a number as half of Europe writes it.
    DecimalComma,
    /// `€19.90`: a currency sign in a number.
    CurrencySign,
    /// `1,290.00`: a thousands separator in a number.
    ThousandsSeparator,
    /// `N/A` where a number belongs.
    NotAvailable,
    /// `"19.90"`: a number as a JSON string.
    NumberAsText,
    /// `2024-03-14`: a date without a time, where one belongs.
    BareDate,
    /// `14/03/2024`: the day first.
    DayFirstDate,
    /// `1710411751`: seconds since 1970.
    EpochDate,
    /// `2024-03-14 10:22:31`: a space instead of the `T`.
    SpaceInDate,
    /// `2024-02-30T10:22:31Z`: a day that does not exist.
    ImpossibleDate,
    /// `2024-03-14T10:22:31`: a time without a zone.
    ZonelessTime,
    /// `in stock` instead of `IN_STOCK`.
    SpokenAvailability,
    /// `new` instead of `NEW`.
    LowercaseCondition,
    /// The record has no id.
    MissingId,
    /// The id of an earlier record, which the later one then replaces.
    RepeatedId,
    /// `www.kumoya.example/p/…`: a URL without its scheme.
    UrlWithoutScheme,
    /// A URL with a space in it.
    UrlWithSpace,
    /// Latitude and longitude the wrong way round, which puts one of them out of range.
    SwappedLocation,
    /// A custom attribute of another type than in the other records: `"1.2 kg"` where the others have `1.2`.
    CustomType,
    /// A custom attribute whose list holds texts and numbers.
    MixedList,
    /// An id longer than the API takes.
    LongId,
    /// A field at the top of the record that the API does not know.
    UnknownField,
    /// A field of another type of interaction: `revenue` on a click.
    OtherTypesField,
    /// A `miso_id` that is no UUID.
    MisoIdText,
    /// `purchase`, `view`: an interaction type the API does not know.
    UnknownType,
    /// `product_ids` as one text instead of a list.
    IdsAsText,
    /// A rating on a scale to 10.
    RatingOutOfRange,
    /// A negative quantity, which is how a till writes a return.
    NegativeQuantity,
    /// Neither `user_id` nor `anonymous_id`.
    NoVisitor,
    /// `thirty`: an age in words.
    SpelledAge,
}

impl Mistake {
    /// All mistakes.
    pub const ALL: [Self; 30] = [
        Self::DecimalComma,
        Self::CurrencySign,
        Self::ThousandsSeparator,
        Self::NotAvailable,
        Self::NumberAsText,
        Self::BareDate,
        Self::DayFirstDate,
        Self::EpochDate,
        Self::SpaceInDate,
        Self::ImpossibleDate,
        Self::ZonelessTime,
        Self::SpokenAvailability,
        Self::LowercaseCondition,
        Self::MissingId,
        Self::RepeatedId,
        Self::UrlWithoutScheme,
        Self::UrlWithSpace,
        Self::SwappedLocation,
        Self::CustomType,
        Self::MixedList,
        Self::LongId,
        Self::UnknownField,
        Self::OtherTypesField,
        Self::MisoIdText,
        Self::UnknownType,
        Self::IdsAsText,
        Self::RatingOutOfRange,
        Self::NegativeQuantity,
        Self::NoVisitor,
        Self::SpelledAge,
    ];

    /// The mistakes that records of a data set can carry in a format, in the order they are used.
    pub fn of(dataset: Dataset, format: SampleFormat) -> Vec<Self> {
        let mut all = Self::ALL.to_vec();
        all.retain(|mistake| mistake.is_possible(dataset, format));
        all
    }

    /// Error when the API refuses it, warning when the API takes it for something else than was meant.
    pub const fn severity(self) -> Severity {
        match self {
            Self::RepeatedId
            | Self::NoVisitor
            | Self::ZonelessTime
            | Self::SwappedLocation
            | Self::RatingOutOfRange
            | Self::NegativeQuantity => Severity::Warning,
            _ => Severity::Error,
        }
    }

    const fn is_possible(self, dataset: Dataset, format: SampleFormat) -> bool {
        let json = matches!(format, SampleFormat::JsonLines);
        match self {
            Self::DayFirstDate
            | Self::EpochDate
            | Self::SpaceInDate
            | Self::ImpossibleDate
            | Self::ZonelessTime
            | Self::NotAvailable => true,
            // Products and users take dates without a time.
            Self::BareDate | Self::OtherTypesField => matches!(dataset, Dataset::Interactions),
            // Text of a CSV file has no type yet, and a column that matches no field is a custom attribute.
            Self::NumberAsText | Self::UnknownField => json,
            Self::CustomType => json && !matches!(dataset, Dataset::Interactions),
            Self::IdsAsText | Self::MisoIdText => json && matches!(dataset, Dataset::Interactions),
            Self::SwappedLocation | Self::MixedList => json && matches!(dataset, Dataset::Products),
            Self::DecimalComma | Self::CurrencySign | Self::ThousandsSeparator => !matches!(dataset, Dataset::Users),
            Self::MissingId | Self::RepeatedId | Self::LongId => !matches!(dataset, Dataset::Interactions),
            Self::SpokenAvailability | Self::LowercaseCondition | Self::UrlWithoutScheme | Self::UrlWithSpace => {
                matches!(dataset, Dataset::Products)
            }
            Self::UnknownType | Self::RatingOutOfRange | Self::NegativeQuantity | Self::NoVisitor => {
                matches!(dataset, Dataset::Interactions)
            }
            Self::SpelledAge => matches!(dataset, Dataset::Users),
        }
    }
}
