//! What the shop sells, and to whom: the words everything else is combined from.

/// A kind of goods.
#[derive(Debug)]
pub(super) struct ProductKind {
    /// What its ids begin with.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// Its Japanese name, shown in some titles.
    pub(super) kanji: &'static str,
    /// The category path: department, shelf.
    pub(super) path: [&'static str; 2],
    /// What it is made of.
    pub(super) material: &'static str,
    /// The lowest and the highest price, in cents.
    pub(super) price: [u64; 2],
    /// One sentence about it.
    pub(super) about: &'static str,
}

const fn kind(
    code: &'static str,
    name: &'static str,
    kanji: &'static str,
    path: [&'static str; 2],
    material: &'static str,
    price: [u64; 2],
    about: &'static str,
) -> ProductKind {
    ProductKind {
        code,
        name,
        kanji,
        path,
        material,
        price,
        about,
    }
}

#[rustfmt::skip]
pub(super) const KINDS: [ProductKind; 36] = [
    kind("TM", "tatami mat", "畳", ["Floors", "Tatami"], "rush grass", [8900, 32900], "Woven from igusa over a firm straw core, it smells of a summer meadow for the first few months."),
    kind("TR", "tatami runner", "畳", ["Floors", "Tatami"], "rush grass", [3900, 9900], "A narrow mat for the hall or the foot of the bed, bound on both long sides with cotton."),
    kind("GZ", "goza rug", "茣蓙", ["Floors", "Rugs"], "rush grass", [2900, 8900], "Thin enough to roll up and carry, and cool under bare feet on a hot day."),
    kind("ZB", "zabuton cushion", "座布団", ["Floors", "Cushions"], "cotton", [2450, 6900], "Filled by hand in five layers, with a tuft in the middle that keeps the filling in its place."),
    kind("ZI", "zaisu chair", "座椅子", ["Furniture", "Seating"], "beech", [8900, 24900], "A chair without legs, for long evenings at a low table."),
    kind("FU", "shikibuton", "敷布団", ["Bedroom", "Futons"], "cotton", [14900, 38900], "The mattress that is folded away in the morning; air it in the sun once a week."),
    kind("KB", "kakebuton", "掛布団", ["Bedroom", "Futons"], "silk floss", [12900, 45900], "A light quilt that follows the sleeper, warm in winter and never stuffy."),
    kind("PL", "sobakawa pillow", "枕", ["Bedroom", "Pillows"], "buckwheat hulls", [2900, 5900], "Buckwheat hulls settle around the neck and let the air through; refill it through the side zip."),
    kind("YK", "yukata", "浴衣", ["Bedroom", "Nightwear"], "cotton", [3900, 11900], "Made for the way from the bath to the bed, dyed through so that both sides are right."),
    kind("TB", "tea bowl", "茶碗", ["Kitchen", "Tea ware"], "stoneware", [2800, 18900], "Thrown on a kick wheel; no two bowls leave the kiln with the same run of glaze."),
    kind("KY", "kyusu teapot", "急須", ["Kitchen", "Tea ware"], "Tokoname clay", [3900, 16900], "The side handle pours with a turn of the wrist, and the clay strainer holds back the finest leaf."),
    kind("TC", "tea caddy", "茶筒", ["Kitchen", "Tea ware"], "cherry bark", [2900, 9900], "The lid sinks under its own weight and closes without a sound."),
    kind("CS", "bamboo whisk", "茶筅", ["Kitchen", "Tea ware"], "bamboo", [1490, 4900], "Split from one piece of three-year-old bamboo into a hundred tines."),
    kind("IR", "iron kettle", "鉄瓶", ["Kitchen", "Tea ware"], "cast iron", [9900, 39900], "Cast in sand, it rounds off hard water and keeps its heat through a second pot."),
    kind("RB", "ramen bowl", "丼", ["Kitchen", "Tableware"], "porcelain", [1690, 4900], "Deep, with a high foot that stays cool in the hand."),
    kind("CH", "chopsticks", "箸", ["Kitchen", "Tableware"], "lacquered wood", [790, 4900], "Tapered to a fine tip, with a grip of eight sides."),
    kind("BE", "bento box", "弁当", ["Kitchen", "Tableware"], "cedar", [2900, 8900], "Bent from one thin board and stitched with cherry bark; rice stays moist without steaming."),
    kind("LT", "lacquer tray", "盆", ["Kitchen", "Lacquer"], "urushi lacquer", [3900, 22900], "Seven coats, each rubbed down with charcoal before the next."),
    kind("LB", "lacquer soup bowl", "椀", ["Kitchen", "Lacquer"], "urushi lacquer", [2900, 14900], "So light that the hand expects less than it holds, and never hot on the outside."),
    kind("SK", "santoku knife", "包丁", ["Kitchen", "Knives"], "blue steel", [7900, 32900], "Forged and sharpened on water stones; wipe it dry and it will outlive its owner."),
    kind("DN", "donabe", "土鍋", ["Kitchen", "Cookware"], "Iga clay", [6900, 21900], "Porous clay that heats slowly, and cooks on for half an hour after the flame is out."),
    kind("AN", "andon floor lamp", "行灯", ["Lighting", "Floor lamps"], "washi paper", [11900, 34900], "Paper on a frame of cypress; the light falls softly and reaches every corner."),
    kind("CL", "paper lantern", "提灯", ["Lighting", "Pendants"], "washi paper", [2900, 12900], "One long strip of bamboo wound into a spiral, so that it folds flat for its journey."),
    kind("TL", "table lamp", "灯", ["Lighting", "Table lamps"], "cypress", [5900, 18900], "A dimmer in the cord and a shade that shows the fibres of the paper."),
    kind("NO", "noren curtain", "暖簾", ["Textiles", "Curtains"], "linen", [3900, 12900], "Hung in a doorway, it parts two rooms without a door."),
    kind("TE", "tenugui cloth", "手拭い", ["Textiles", "Cloths"], "cotton", [990, 2490], "A towel, a scarf, a wrapping, a picture on the wall; the cut edge frays a little and then stops."),
    kind("FR", "furoshiki", "風呂敷", ["Textiles", "Cloths"], "cotton", [1490, 5900], "A square that becomes a bag, with a leaflet that shows the twelve knots."),
    kind("SH", "shoji screen", "障子", ["Furniture", "Screens"], "cedar", [19900, 69900], "Three panels on brass hinges; the paper can be changed at home with rice glue."),
    kind("KT", "kotatsu table", "炬燵", ["Furniture", "Tables"], "walnut", [24900, 79900], "A low table with a quiet heater under it and room for four pairs of feet."),
    kind("TA", "tansu chest", "箪笥", ["Furniture", "Storage"], "paulownia", [39900, 149_900], "Dovetailed without a nail, with iron fittings from Sendai."),
    kind("GT", "getabako shoe rack", "下駄箱", ["Furniture", "Storage"], "paulownia", [12900, 34900], "Shoes stay at the door, and so does the rain."),
    kind("IN", "incense", "香", ["Bath & scent", "Incense"], "sandalwood", [890, 4900], "Fifty sticks without a bamboo core, so that nothing burns but the wood."),
    kind("HB", "hinoki bath stool", "風呂椅子", ["Bath & scent", "Bath"], "hinoki", [4900, 12900], "Hinoki gives off its scent each time it gets wet."),
    kind("OK", "wash bowl", "桶", ["Bath & scent", "Bath"], "hinoki", [3900, 9900], "Staves held by two copper hoops, which tighten as the wood swells."),
    kind("IK", "ikebana vase", "花器", ["Decoration", "Vases"], "stoneware", [2900, 16900], "Made for three stems and a little air between them."),
    kind("KD", "kokedama kit", "苔玉", ["Decoration", "Plants"], "moss", [1990, 3900], "Moss, clay, string and patience; the instructions are in English, German and French."),
];

/// Colours, with the end of the ids.
pub(super) const COLORS: [(&str, &str); 16] = [
    ("indigo", "IND"),
    ("natural", "NAT"),
    ("charcoal", "CHA"),
    ("ivory", "IVO"),
    ("matcha green", "MAT"),
    ("vermilion", "VER"),
    ("persimmon", "PER"),
    ("plum", "PLU"),
    ("ash grey", "ASH"),
    ("moss", "MOS"),
    ("cherry", "CHE"),
    ("ink black", "INK"),
    ("rice white", "RIC"),
    ("celadon", "CEL"),
    ("ochre", "OCH"),
    ("deep brown", "DBR"),
];

/// Names of series: places, seasons, weather.
pub(super) const SERIES: [&str; 24] = [
    "Kyōto", "Hakone", "Nara", "Kiso", "Sumida", "Asagiri", "Yūgure", "Komorebi", "Shigure", "Hanabi", "Tsukimi",
    "Kōyō", "Yukimi", "Minamo", "Sazanami", "Iwami", "Echizen", "Noto", "Arita", "Hagi", "Bizen", "Ōmi", "Tango",
    "Awaji",
];

/// The brands.
pub(super) const MAKERS: [&str; 14] = [
    "Kumoya",
    "Nishimura & Sons",
    "Takeda Igusa",
    "Studio Hinata",
    "Ogawa Kiln",
    "Matsuba",
    "Sendai Ironworks",
    "Aoi Textiles",
    "Kawara Lights",
    "Yamanaka Lacquer",
    "Tōrō",
    "Nagi",
    "Mokume",
    "Fuji Paper Mill",
];

/// Second sentences of descriptions.
pub(super) const MAKING: [&str; 10] = [
    "Made in small numbers by {}, a family workshop in its third generation.",
    "It comes from {}, who sign every piece on the underside.",
    "{} make it to order; allow two weeks in the rainy season.",
    "Designed with {} for small flats, and tested in ours.",
    "The finish is the one {} have used since 1921, with no solvent in it.",
    "Packed by {} in paper and straw, without plastic.",
    "{} pick the material themselves, which is why colour and grain differ a little from piece to piece.",
    "A classic of {} that has hardly changed since it was first sold.",
    "{} call it their \"everyday\" piece, meant for use and not for the cabinet.",
    "From the workshop of {}, awarded the Good Design prize.",
];

/// Last sentences of descriptions.
pub(super) const CARE: [&str; 10] = [
    "Wipe with a dry cloth, and keep out of direct sun.",
    "Hand wash only; dry in the shade.",
    "Do not soak. A drop of camellia oil now and then keeps it supple.",
    "Vacuum along the weave, never across it.",
    "Can be repaired: send us a picture, and we will tell you how.",
    "Not for the dishwasher, the microwave or the oven.",
    "Air it well before first use.",
    "Ships flat; assembled in five minutes, no tools needed.",
    "Measures vary by up to 5 mm, as everything here is made by hand.",
    "Returns are free within 30 days.",
];

pub(super) const SIZES: [&str; 8] = [
    "S",
    "M",
    "L",
    "30 × 30 cm",
    "60 × 90 cm",
    "90 × 180 cm",
    "12\" wide",
    "One size",
];

pub(super) const TAGS: [&str; 14] = [
    "handmade",
    "gift",
    "new arrival",
    "bestseller",
    "small flat",
    "natural fibre",
    "limited",
    "wedding",
    "plastic free",
    "zen",
    "summer",
    "winter",
    "tea ceremony",
    "outlet",
];

/// Seasons, a column of the shop's own.
pub(super) const SEASONS: [&str; 5] = ["all year", "spring", "summer", "autumn", "winter"];

/// City, state, country.
pub(super) const PLACES: [[&str; 3]; 20] = [
    ["Mountain View", "California", "US"],
    ["Portland", "Oregon", "US"],
    ["Brooklyn", "New York", "US"],
    ["Austin", "Texas", "US"],
    ["Toronto", "Ontario", "CA"],
    ["Montréal", "Québec", "CA"],
    ["Berlin", "Berlin", "DE"],
    ["München", "Bayern", "DE"],
    ["Köln", "Nordrhein-Westfalen", "DE"],
    ["Zürich", "Zürich", "CH"],
    ["Wien", "Wien", "AT"],
    ["Lyon", "Auvergne-Rhône-Alpes", "FR"],
    ["Paris", "Île-de-France", "FR"],
    ["Utrecht", "Utrecht", "NL"],
    ["København", "Hovedstaden", "DK"],
    ["Kyōto", "Kyōto-fu", "JP"],
    ["Kanazawa", "Ishikawa", "JP"],
    ["Melbourne", "Victoria", "AU"],
    ["Leeds", "England", "GB"],
    ["Edinburgh", "Scotland", "GB"],
];

/// Companies that buy for their rooms.
pub(super) const GROUPS: [&str; 8] = [
    "Ryokan Hanabi",
    "Onsen Hotel Berlin",
    "Blue Door Interiors",
    "Teahouse Utrecht",
    "Studio Norr",
    "Yoga Loft Portland",
    "Sento Spa Group",
    "Maison Komorebi",
];

/// Where customers came from first.
pub(super) const CHANNELS: [&str; 7] = [
    "organic search",
    "newsletter",
    "Instagram",
    "Pinterest",
    "friend",
    "fair",
    "magazine",
];

/// Campaigns: source, medium, name.
pub(super) const CAMPAIGNS: [[&str; 3]; 5] = [
    ["google", "cpc", "tatami_brand"],
    ["newsletter", "email", "spring_rooms"],
    ["instagram", "social", "tea_at_home"],
    ["pinterest", "social", "small_flats"],
    ["bing", "cpc", "futon_generic"],
];

/// The entry of a table at `number`, modulo its length.
pub(super) fn nth<T>(table: &[T], number: u64) -> &T {
    let at = usize::try_from(number % table.len() as u64).unwrap_or(0);
    &table[at]
}

pub(super) fn pick<T: Copy>(rng: &mut fastrand::Rng, table: &[T]) -> T {
    table[rng.usize(..table.len())]
}
