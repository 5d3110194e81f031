//! Products: each a pure function of the seed and its index.

use super::{
    amount, date,
    line::RecordLine,
    mistake::Mistake,
    mix,
    shop::{CARE, COLORS, KINDS, MAKERS, MAKING, ProductKind, SEASONS, SERIES, SIZES, TAGS, nth, pick},
    user,
};

/// The columns of the CSV file: the names of a shop's back office, not the API's.
pub(super) const COLUMNS: &[&str] = &[
    "sku",
    "title",
    "description",
    "category",
    "price",
    "image_link",
    "link",
    "brand",
    "availability",
    "condition",
    "color",
    "tags",
    "created_at",
    "season",
];

/// 2022-01-01, when the shop opened, and how long it had been selling when the catalog was exported.
const OPENED: i64 = 1_640_995_200;
const SELLING: i64 = 1400 * 86_400;

/// The kind of a product; kinds take turns.
pub(super) fn kind(index: u64) -> &'static ProductKind {
    nth(&KINDS, index)
}

/// The product's id: kind, number, colour.
pub(super) fn sku(seed: u64, index: u64) -> String {
    format!("{}-{:05}-{}", kind(index).code, index + 1, color(seed, index).1)
}

/// What the product costs, in cents. Prices end in 0 or 9.
pub(super) fn price(seed: u64, index: u64) -> u64 {
    let [low, high] = kind(index).price;
    let steps = (high - low) / 50;
    low + mix(seed, 2, index) % steps.max(1) * 50 + 40
}

/// The path of the product's page.
pub(super) fn page(seed: u64, index: u64) -> String {
    let name = kind(index).name.replace(' ', "-");
    format!("/p/{name}-{}-{}", color(seed, index).0.replace(' ', "-"), index + 1)
}

fn color(seed: u64, index: u64) -> (&'static str, &'static str) {
    *nth(&COLORS, mix(seed, 1, index))
}

/// Writes a product; its id is that of the product `twin`, which is another one only when the id is to be repeated.
pub(super) fn write(line: &mut RecordLine, seed: u64, index: u64, twin: u64, mistake: Option<Mistake>) {
    let mut rng = fastrand::Rng::with_seed(mix(seed, 3, index));
    let kind = kind(index);
    let maker = pick(&mut rng, &MAKERS);
    let id = if line.is_json() { "product_id" } else { "sku" };
    if mistake == Some(Mistake::MissingId) {
        line.missing(id);
    } else {
        line.text(id, &user::suited_id(sku(seed, twin), mistake));
    }
    line.text("title", &title(&mut rng, seed, index));
    line.text("description", &description(&mut rng, kind, maker));
    if line.is_json() {
        line.category_path("categories", kind.path);
    } else {
        line.category_path("category", kind.path);
    }
    let price = price(seed, index);
    amount::write(
        line,
        if line.is_json() { "sale_price" } else { "price" },
        price,
        mistake,
    );
    links(line, seed, index, mistake);
    line.text("brand", maker);
    availability(line, &mut rng, mistake);
    let condition = match mistake {
        Some(Mistake::LowercaseCondition) => pick(&mut rng, &["new", "New"]),
        _ if rng.u8(..) < 6 => "REFURBISHED",
        _ => "NEW",
    };
    line.text("condition", condition);
    line.text("color", color(seed, index).0);
    tags(line, &mut rng);
    date::write(line, "created_at", OPENED + rng.i64(0..SELLING), mistake);
    let season = pick(&mut rng, &SEASONS);
    if line.is_json() {
        more(line, &mut rng, kind, price, season, mistake);
    } else {
        line.text("season", season);
    }
}

fn title(rng: &mut fastrand::Rng, seed: u64, index: u64) -> String {
    let kind = kind(index);
    let series = pick(rng, &SERIES);
    let color = color(seed, index).0;
    match rng.u8(..8) {
        0 => format!("{series} {} {}, {color}", kind.name, kind.kanji),
        1..=3 => format!("{series} {}, {color}", kind.name),
        4 => format!("{series} {} ({})", kind.name, pick(rng, &SIZES)),
        _ => format!("{series} {} in {color}", kind.name),
    }
}

fn description(rng: &mut fastrand::Rng, kind: &ProductKind, maker: &str) -> String {
    let mut text = String::with_capacity(320);
    text.push_str(kind.about);
    // Back offices keep the line breaks of their text boxes.
    text.push(if rng.u8(..50) == 0 { '\n' } else { ' ' });
    let (before, after) = pick(rng, &MAKING).split_once("{}").unwrap_or_default();
    text.push_str(before);
    text.push_str(maker);
    text.push_str(after);
    text.push(' ');
    text.push_str(pick(rng, &CARE));
    text
}

fn links(line: &mut RecordLine, seed: u64, index: u64, mistake: Option<Mistake>) {
    let number = index + 1;
    let image = match mistake {
        Some(Mistake::UrlWithSpace) => format!("https://cdn.kumoya.example/products/{number}/main picture.jpg"),
        _ => format!("https://cdn.kumoya.example/products/{number}/main-1200x1200.jpg"),
    };
    let page = page(seed, index);
    let page = match mistake {
        Some(Mistake::UrlWithoutScheme) => format!("www.kumoya.example{page}"),
        _ => format!("https://www.kumoya.example{page}"),
    };
    if line.is_json() {
        line.text("cover_image", &image);
        line.text("url", &page);
    } else {
        line.text("image_link", &image);
        line.text("link", &page);
    }
}

fn availability(line: &mut RecordLine, rng: &mut fastrand::Rng, mistake: Option<Mistake>) {
    let value = match (mistake, rng.u8(..20)) {
        (Some(Mistake::SpokenAvailability), draw) => *nth(&["in stock", "In Stock", "out of stock"], u64::from(draw)),
        (_, 0 | 1) => "OUT_OF_STOCK",
        (_, 2) => "PRE_ORDER",
        _ => "IN_STOCK",
    };
    line.text("availability", value);
}

fn tags(line: &mut RecordLine, rng: &mut fastrand::Rng) {
    let first = rng.usize(..TAGS.len());
    let count = rng.usize(1..=3);
    line.texts("tags", (0..count).map(|step| TAGS[(first + step * 5) % TAGS.len()]));
}

/// What a JSON export has beyond the back office's columns.
fn more(
    line: &mut RecordLine,
    rng: &mut fastrand::Rng,
    kind: &ProductKind,
    price: u64,
    season: &str,
    mistake: Option<Mistake>,
) {
    line.text("material", kind.material);
    line.text("size", pick(rng, &SIZES));
    if rng.u8(..4) == 0 {
        amount::write(line, "original_price", price * 5 / 4, None);
    }
    if mistake == Some(Mistake::SwappedLocation) {
        line.bare("location", r#"{"lat":135.7681,"lon":35.0116}"#);
    } else if rng.u8(..10) == 0 {
        line.bare("location", r#"{"lat":35.0116,"lon":135.7681}"#);
    }
    if mistake == Some(Mistake::UnknownField) {
        line.bare("in_store_only", "true");
    }
    line.open("custom_attributes");
    line.text("season", season);
    let weight = format!("{}.{}", rng.u8(..12), rng.u8(1..10));
    if mistake == Some(Mistake::CustomType) {
        line.text("weight_kg", &format!("{weight} kg"));
    } else {
        line.bare("weight_kg", &weight);
    }
    line.bare("handmade", if rng.bool() { "true" } else { "false" });
    if mistake == Some(Mistake::MixedList) {
        line.bare("drawers", r#"["two",2]"#);
    }
    line.close();
    line.open("i18n_ja");
    line.text("title", kind.kanji);
    line.close();
}
