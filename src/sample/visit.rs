//! Visits to the shop: people search, look, put things into the basket, and a few of them buy.

use std::collections::VecDeque;

use super::{
    mix, product,
    shop::{CAMPAIGNS, KINDS, nth, pick},
    shop_size,
};

/// 2026-01-05, when the first visit begins, and how long visits were recorded: three months.
const FIRST: i64 = 1_767_571_200;
const RECORDED: u64 = 90 * 86_400;

/// Who visits: numbers of a user and of a browser.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visitor {
    /// The user, when signed in.
    pub(super) user: Option<u64>,
    /// The browser, when cookies were accepted.
    pub(super) browser: Option<u64>,
}

/// One thing a visitor did.
#[derive(Clone, Debug)]
pub(super) struct VisitEvent {
    /// The interaction's `type`.
    pub(super) kind: &'static str,
    pub(super) visitor: Visitor,
    /// Seconds since 1970.
    pub(super) at: i64,
    /// Indices of products.
    pub(super) products: Vec<u64>,
    /// One for each product, when the type has any.
    pub(super) quantities: Vec<i64>,
    /// In cents.
    pub(super) revenue: Option<u64>,
    /// In tenths of a second.
    pub(super) duration: Option<u32>,
    /// From 1 to 5.
    pub(super) rating: Option<u8>,
    pub(super) keywords: Option<String>,
    pub(super) category: Option<[&'static str; 2]>,
    /// The name of a custom action.
    pub(super) action: Option<&'static str>,
    /// The path of the page it happened on.
    pub(super) page: String,
    /// What brought the visitor here.
    pub(super) campaign: Option<[&'static str; 3]>,
}

/// All visits, one after another, as a stream of events.
#[derive(Debug)]
pub(super) struct Visits {
    seed: u64,
    rows: u64,
    products: u64,
    users: u64,
    count: u64,
    events: VecDeque<VisitEvent>,
}

impl Visits {
    /// The visits that fill a file of `rows` interactions.
    pub(super) fn new(seed: u64, rows: u64) -> Self {
        let (products, users) = shop_size(rows);
        Self {
            seed,
            rows,
            products,
            users,
            count: 0,
            events: VecDeque::new(),
        }
    }

    /// The next event, which goes into row `row`.
    pub(super) fn next(&mut self, row: u64) -> VisitEvent {
        loop {
            if let Some(event) = self.events.pop_front() {
                return event;
            }
            self.begin(row);
        }
    }

    fn begin(&mut self, row: u64) {
        let mut rng = fastrand::Rng::with_seed(mix(self.seed, 21, self.count));
        self.count += 1;
        let passed = u128::from(RECORDED) * u128::from(row) / u128::from(self.rows.max(1));
        let at = FIRST + i64::try_from(passed).unwrap_or(0);
        // The smaller of two draws makes some users come often.
        let user = rng.u64(..self.users).min(rng.u64(..self.users));
        let signed_in = rng.u8(..100) < 55;
        let browser = (!signed_in || rng.u8(..4) == 0).then_some(user);
        let visitor = Visitor {
            user: signed_in.then_some(user),
            browser,
        };
        let mut visit = ShopVisit {
            rng,
            at,
            visitor,
            seed: self.seed,
            products: self.products,
            events: &mut self.events,
        };
        visit.run();
    }
}

/// One visit while it is made up.
struct ShopVisit<'a> {
    rng: fastrand::Rng,
    at: i64,
    visitor: Visitor,
    seed: u64,
    products: u64,
    events: &'a mut VecDeque<VisitEvent>,
}

impl ShopVisit<'_> {
    fn run(&mut self) {
        let kind = self.rng.usize(..KINDS.len());
        let shown: Vec<u64> = (0..self.rng.usize(3..=6)).map(|_| self.product(kind)).collect();
        self.arrive(kind);
        if self.chance(70) {
            self.products("impression", &shown);
        }
        if self.chance(15) {
            self.products("viewable_impression", &shown[..2]);
        }
        let mut basket = Vec::new();
        for &product in &shown[..self.rng.usize(1..=3)] {
            self.look(product);
            if self.chance(35) {
                self.put(product, &mut basket);
            }
        }
        self.feel(shown[0]);
        if self.chance(45) && !basket.is_empty() {
            self.check_out(&basket);
        }
    }

    /// The events that lead to a product: the home page, a promotion, a search or a category.
    fn arrive(&mut self, kind: usize) {
        let campaign = self.chance(25).then(|| pick(&mut self.rng, &CAMPAIGNS));
        match self.rng.u8(..10) {
            0 | 1 => self.event("home_page_view", "/".to_owned()).duration = Some(92),
            2 => self.event("promo_page_view", "/promo/spring-rooms".to_owned()).duration = Some(148),
            3 => {
                // An article of the shop's magazine comes first.
                let (how, page) = pick(
                    &mut self.rng,
                    &[
                        ("read", "/journal/airing-a-futon"),
                        ("watch", "/films/rush-harvest"),
                        ("listen", "/radio/rain"),
                    ],
                );
                let duration = self.rng.u32(200..4000);
                self.event(how, page.to_owned()).duration = Some(duration);
                if self.chance(50) {
                    self.event("complete", page.to_owned());
                }
            }
            _ => {}
        }
        let goods = nth(&KINDS, kind as u64);
        if self.chance(60) {
            let keywords = match self.rng.u8(..4) {
                0 => format!("{} {}", goods.material, goods.name),
                1 => goods.kanji.to_owned(),
                _ => goods.name.to_owned(),
            };
            let event = self.event("search", format!("/search?q={}", encode(&keywords)));
            event.keywords = Some(keywords);
            event.campaign = campaign;
        } else {
            let duration = self.rng.u32(40..600);
            let event = self.event("category_page_view", format!("/c/{}", encode(goods.path[1])));
            event.category = Some(goods.path);
            event.duration = Some(duration);
            event.campaign = campaign;
        }
    }

    fn look(&mut self, product: u64) {
        if self.chance(40) {
            self.on_page("click", product);
        }
        let duration = self.rng.u32(30..2400);
        self.on_page("product_detail_page_view", product).duration = Some(duration);
        if self.chance(20) {
            self.on_page("product_image_view", product);
        }
    }

    fn put(&mut self, product: u64, basket: &mut Vec<(u64, i64)>) {
        let quantity = self.rng.i64(1..=2);
        self.on_page("add_to_cart", product).quantities = vec![quantity];
        if self.chance(10) {
            self.on_page("remove_from_cart", product);
        } else {
            basket.push((product, quantity));
        }
    }

    /// Events on a product's page other than buying.
    fn feel(&mut self, product: u64) {
        match self.rng.u8(..60) {
            0..=3 => self.page_only("add_to_collection", product),
            4 => self.page_only("remove_from_collection", product),
            5 | 6 => self.page_only("like", product),
            7 => self.page_only("dislike", product),
            8 => self.page_only("share", product),
            9 => self.page_only("bookmark", product),
            10 => self.page_only("subscribe", product),
            11 => self.page_only("unsubscribe", product),
            12 => self.page_only("submit", product),
            // Feedback is about an answer rather than a product.
            13 => self.on_page("feedback", product).products.clear(),
            14..=16 => self.on_page("custom", product).action = Some("size_guide_opened"),
            17 => self.on_page("custom", product).action = Some("ar_preview"),
            _ => {}
        }
    }

    fn check_out(&mut self, basket: &[(u64, i64)]) {
        let total: u64 = basket
            .iter()
            .map(|&(product, quantity)| product::price(self.seed, product) * quantity.unsigned_abs())
            .sum();
        let event = self.event("checkout", "/checkout/thank-you".to_owned());
        event.products = basket.iter().map(|&(product, _)| product).collect();
        event.quantities = basket.iter().map(|&(_, quantity)| quantity).collect();
        // Shipping included.
        event.revenue = Some(total + 590);
        for &(product, _) in basket {
            match self.rng.u8(..20) {
                0..=2 => {
                    self.at += self.rng.i64(86_400..900_000);
                    let rating = 5 - self.rng.u8(..5).saturating_sub(2);
                    self.on_page("rate", product).rating = Some(rating);
                }
                3 => {
                    self.at += self.rng.i64(86_400..900_000);
                    self.on_page("refund", product);
                }
                _ => {}
            }
        }
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent
    }

    /// A product of a kind; small shops have only some kinds.
    fn product(&mut self, kind: usize) -> u64 {
        let (kind, kinds) = (kind as u64, KINDS.len() as u64);
        if kind >= self.products {
            return self.rng.u64(..self.products);
        }
        let of_kind = (self.products - kind).div_ceil(kinds);
        // Low numbers sell best.
        let draw = self.rng.u64(..of_kind).min(self.rng.u64(..of_kind));
        kind + kinds * draw
    }

    fn products(&mut self, kind: &'static str, products: &[u64]) {
        self.event(kind, "/search".to_owned()).products = products.to_vec();
    }

    fn page_only(&mut self, kind: &'static str, product: u64) {
        self.on_page(kind, product);
    }

    fn on_page(&mut self, kind: &'static str, product: u64) -> &mut VisitEvent {
        let event = self.event(kind, product::page(self.seed, product));
        event.products = vec![product];
        event
    }

    fn event(&mut self, kind: &'static str, page: String) -> &mut VisitEvent {
        self.at += self.rng.i64(2..90);
        self.events.push_back(VisitEvent {
            kind,
            visitor: self.visitor,
            at: self.at,
            products: Vec::new(),
            quantities: Vec::new(),
            revenue: None,
            duration: None,
            rating: None,
            keywords: None,
            category: None,
            action: None,
            page,
            campaign: None,
        });
        let last = self.events.len() - 1;
        &mut self.events[last]
    }
}

/// Encodes text for a URL.
fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
