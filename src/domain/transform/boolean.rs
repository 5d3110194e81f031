//! True and false in words.

const TRUE: &[&str] = &[
    "true",
    "yes",
    "y",
    "t",
    "1",
    "on",
    "x",
    "✓",
    "✔",
    "ja",
    "j",
    "wahr",
    "oui",
    "vrai",
    "sí",
    "si",
    "sì",
    "verdadero",
    "vero",
    "sim",
    "verdadeiro",
    "tak",
    "да",
    "はい",
    "有",
    "是",
    "真",
    "예",
    "네",
];
const FALSE: &[&str] = &[
    "false",
    "no",
    "n",
    "f",
    "0",
    "off",
    "✗",
    "✘",
    "nein",
    "falsch",
    "non",
    "faux",
    "falso",
    "não",
    "nao",
    "nee",
    "nie",
    "нет",
    "いいえ",
    "無",
    "无",
    "否",
    "假",
    "아니요",
    "아니오",
];

/// The truth that a word says, in any case.
pub(in crate::domain) fn truth(text: &str) -> Option<bool> {
    let text = text.trim();
    let is_among = |words: &[&str]| {
        words.iter().any(|word| {
            word.eq_ignore_ascii_case(text) || (!text.is_ascii() && !word.is_ascii() && *word == text.to_lowercase())
        })
    };
    if is_among(TRUE) {
        Some(true)
    } else if is_among(FALSE) {
        Some(false)
    } else {
        None
    }
}
