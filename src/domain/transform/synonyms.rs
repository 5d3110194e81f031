//! What other systems call the names that the schema allows.

use std::collections::BTreeMap;

use crate::domain::{sampled::Sampled, schema::Node};

/// An allowed name, and what else it is called, in lower case with single spaces. The names of events are those of
/// Google Analytics 4 and of Segment's e-commerce specification.
const NAMES: &[(&str, &[&str])] = &[
    (
        "IN_STOCK",
        &[
            "available",
            "yes",
            "true",
            "1",
            "y",
            "lieferbar",
            "auf lager",
            "verfügbar",
            "sofort lieferbar",
            "en stock",
            "disponible",
            "disponibile",
            "op voorraad",
            "em estoque",
            "在庫あり",
            "有貨",
            "有货",
            "현재고",
            "instock",
            "active",
        ],
    ),
    (
        "OUT_OF_STOCK",
        &[
            "sold out",
            "unavailable",
            "not available",
            "no",
            "false",
            "0",
            "n",
            "none",
            "ausverkauft",
            "nicht lieferbar",
            "nicht verfügbar",
            "nicht auf lager",
            "épuisé",
            "rupture de stock",
            "agotado",
            "esaurito",
            "uitverkocht",
            "esgotado",
            "在庫なし",
            "売り切れ",
            "缺貨",
            "缺货",
            "품절",
            "outofstock",
            "discontinued",
        ],
    ),
    (
        "PRE_ORDER",
        &[
            "preorder",
            "coming soon",
            "backorder",
            "back order",
            "on backorder",
            "vorbestellbar",
            "vorbestellung",
            "précommande",
            "予約",
            "予約受付中",
            "預購",
            "预购",
        ],
    ),
    (
        "NEW",
        &[
            "brand new",
            "neu",
            "neuf",
            "nuevo",
            "nuovo",
            "nieuw",
            "novo",
            "新品",
            "全新",
            "새상품",
        ],
    ),
    (
        "USED",
        &[
            "second hand",
            "secondhand",
            "pre owned",
            "preowned",
            "gebraucht",
            "occasion",
            "d'occasion",
            "usado",
            "usato",
            "gebruikt",
            "中古",
            "二手",
        ],
    ),
    (
        "REFURBISHED",
        &[
            "renewed",
            "refurb",
            "generalüberholt",
            "reconditionné",
            "reacondicionado",
            "ricondizionato",
            "整備済み",
            "整新",
        ],
    ),
    (
        "product_detail_page_view",
        &[
            "view item",
            "product viewed",
            "product view",
            "view product",
            "viewed product",
            "pdp view",
            "view content",
            "viewcontent",
            "detail",
        ],
    ),
    (
        "category_page_view",
        &[
            "view item list",
            "product list viewed",
            "category view",
            "view category",
        ],
    ),
    ("search", &["view search results", "products searched", "searched"]),
    ("impression", &["view", "product impression"]),
    (
        "click",
        &["select item", "product clicked", "clicked", "select content"],
    ),
    ("home_page_view", &["home", "homepage", "home view", "homepage view"]),
    ("promo_page_view", &["view promotion", "promotion viewed"]),
    (
        "add_to_cart",
        &[
            "product added",
            "addtocart",
            "cart add",
            "added to cart",
            "add cart",
            "basket add",
            "add to basket",
        ],
    ),
    (
        "remove_from_cart",
        &["product removed", "cart remove", "removed from cart", "remove cart"],
    ),
    (
        "checkout",
        &[
            "purchase",
            "purchased",
            "order completed",
            "order",
            "transaction",
            "buy",
            "bought",
            "order placed",
            "placed order",
        ],
    ),
    ("refund", &["order refunded", "refunded", "return", "returned"]),
    (
        "add_to_collection",
        &[
            "add to wishlist",
            "product added to wishlist",
            "wishlist",
            "wishlist add",
            "favorite",
            "favourite",
            "save",
            "saved",
        ],
    ),
    (
        "remove_from_collection",
        &[
            "product removed from wishlist",
            "remove from wishlist",
            "wishlist remove",
            "unfavorite",
            "unsave",
        ],
    ),
    ("rate", &["product reviewed", "review", "rating", "rated"]),
    ("like", &["liked", "thumbs up", "upvote"]),
    ("dislike", &["disliked", "thumbs down", "downvote"]),
    ("share", &["product shared", "shared"]),
    ("subscribe", &["sign up", "signup", "subscribed", "newsletter"]),
];

/// The least likeness, from 0 to 1, at which a misspelled name is taken for an allowed one.
const LIKENESS: f64 = 0.85;

/// The values of a sample that a field does not allow, with the allowed names they stand for; `None` when there are
/// none.
pub(super) fn table(node: &Node, sample: &Sampled) -> Option<BTreeMap<String, String>> {
    let mut table = BTreeMap::new();
    for (cell, _) in sample.values() {
        let text = cell.shown();
        if node.allowed.iter().any(|allowed| *allowed == *text) {
            continue;
        }
        let is_there = table
            .keys()
            .any(|known: &String| known.to_lowercase() == text.trim().to_lowercase());
        if let Some(name) = meant(node, &text).filter(|_| !is_there) {
            table.insert(text.trim().to_owned(), name.to_owned());
        }
    }
    (!table.is_empty()).then_some(table)
}

/// The allowed name that a text stands for.
pub(super) fn meant<'a>(node: &'a Node, text: &str) -> Option<&'a str> {
    let wanted = plain(text);
    if wanted.is_empty() {
        return None;
    }
    let is_called = |name: &str| {
        let synonyms = NAMES.iter().find(|(known, _)| *known == name);
        synonyms.is_some_and(|(_, names)| names.contains(&wanted.as_str()))
    };
    let names = || node.allowed.iter().map(String::as_str);
    let same = names().find(|name| plain(name).replace(' ', "") == wanted.replace(' ', ""));
    // Schema.org writes the names as addresses: https://schema.org/InStock.
    let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
    let by_address = || text.contains("schema.org/").then(|| meant(node, last)).flatten();
    let near = || {
        let near = names().map(|name| (strsim::normalized_damerau_levenshtein(&plain(name), &wanted), name));
        let best = near.max_by(|one, other| one.0.total_cmp(&other.0))?;
        (best.0 >= LIKENESS).then_some(best.1)
    };
    same.or_else(|| names().find(|name| is_called(name)))
        .or_else(by_address)
        .or_else(near)
}

/// A name in lower case, with single spaces for what separates words.
fn plain(name: &str) -> String {
    let separated: String = name
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if matches!(c, '_' | '-' | '.' | ':') { ' ' } else { c })
        .collect();
    separated.split_whitespace().collect::<Vec<_>>().join(" ")
}
