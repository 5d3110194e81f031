//! Lists as programs write them: Postgres `{"a","b"}`, Python `['a', "b's"]`, R `c("a", "b")`, items in quotes with
//! commas between.

use serde_json::Value;

/// Parses a list in another notation than JSON's, with texts or lists as items; `None` when the text is none.
pub(super) fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    // In R a list is a call of `c`.
    let text = text
        .strip_prefix('c')
        .filter(|rest| rest.starts_with("(\""))
        .unwrap_or(text);
    let first = text.chars().next()?;
    let mut reader = LiteralReader { rest: text };
    let list = match first {
        '[' if serde_json::from_str::<Value>(text).is_ok() => return None,
        '[' | '{' | '(' => reader.list()?,
        '\'' | '"' => reader.items(None)?,
        _ => return None,
    };
    // Parentheses and quotes alone do not mark a list.
    let is_list = match first {
        '(' => text.contains(['\'', '"']),
        _ => true,
    };
    (is_list && reader.rest.is_empty()).then_some(list)
}

/// The rest of the text.
struct LiteralReader<'a> {
    rest: &'a str,
}

impl<'a> LiteralReader<'a> {
    fn list(&mut self) -> Option<Value> {
        let close = match self.next()? {
            '[' => ']',
            '{' => '}',
            '(' => ')',
            _ => return None,
        };
        self.items(Some(close))
    }

    /// The items up to the closing bracket, or up to the end of the text; then all of them are in quotes.
    fn items(&mut self, close: Option<char>) -> Option<Value> {
        let mut items = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.chars().next() {
                None if close.is_none() => break,
                None => return None,
                first if first == close => break,
                Some('\'' | '"') => items.push(Value::from(self.quoted(close)?)),
                Some('[' | '{' | '(') if close.is_some() => items.push(self.list()?),
                Some(_) => {
                    let item = self.bare(close?)?;
                    // A word for "no value" is no item.
                    if !matches!(item, "NULL" | "None" | "nan") {
                        items.push(Value::from(item));
                    }
                }
            }
            self.rest = self.rest.trim_start();
            match self.rest.chars().next() {
                Some(',') => self.rest = &self.rest[1..],
                next if next == close => break,
                _ => return None,
            }
        }
        if let Some(close) = close {
            self.rest = self.rest.strip_prefix(close)?;
        }
        Some(Value::from(items))
    }

    /// An item in quotes. A quote that no comma or end follows is part of it, as is one behind a backslash or another
    /// quote.
    fn quoted(&mut self, close: Option<char>) -> Option<String> {
        let quote = self.next()?;
        let mut item = String::new();
        loop {
            match self.next()? {
                '\\' => item.push(match self.next()? {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                }),
                c if c == quote => {
                    if let Some(rest) = self.rest.strip_prefix(quote)
                        && !self.rest.is_empty()
                        && !Self::is_end(rest, close)
                    {
                        self.rest = rest;
                        item.push(quote);
                    } else if Self::is_end(self.rest, close) {
                        return Some(item);
                    } else {
                        item.push(quote);
                    }
                }
                c => item.push(c),
            }
        }
    }

    /// Whether an item may end before `rest`.
    fn is_end(rest: &str, close: Option<char>) -> bool {
        let next = rest.trim_start().chars().next();
        next == close || next == Some(',')
    }

    /// An item without quotes.
    fn bare(&mut self, close: char) -> Option<&'a str> {
        let end = self.rest.find([',', close])?;
        let (item, rest) = self.rest.split_at(end);
        self.rest = rest;
        let item = item.trim();
        let is_plain = !item.is_empty() && !item.contains(['"', '\'', '[', '{', '(']) && !item.contains(": ");
        is_plain.then_some(item)
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(parse(text).map(|list| list.to_string()).as_deref(), expect, "{text}");
    }

    #[test]
    fn lists_of_programs_are_read() {
        check(r#"{"a","b, c"}"#, Some(r#"["a","b, c"]"#));
        check(r#"{a,"b \"c\"",NULL}"#, Some(r#"["a","b \"c\""]"#));
        check(r#"['a', "b's"]"#, Some(r#"["a","b's"]"#));
        check(r"['it\'s', None]", Some(r#"["it's"]"#));
        check("['Rock 'n' Roll']", Some(r#"["Rock 'n' Roll"]"#));
        check("('a',)", Some(r#"["a"]"#));
        check(r#"c("a", "b, c")"#, Some(r#"["a","b, c"]"#));
        check("'a','b'", Some(r#"["a","b"]"#));
        check("'O''Neill', 'b'", Some(r#"["O'Neill","b"]"#));
        check(r#""a","b""#, Some(r#"["a","b"]"#));
        check("[red, blue]", Some(r#"["red","blue"]"#));
        check("[['A', 'B'], ['C']]", Some(r#"[["A","B"],["C"]]"#));
        check("{}", Some("[]"));
        check("{12,13}", Some(r#"["12","13"]"#));
    }

    #[test]
    fn other_texts_are_no_lists() {
        for text in [
            "",
            "a, b",
            "(Red)",
            r#"["a"]"#,
            r#"{"a":1}"#,
            "{'a': 1}",
            "{a: 1}",
            r#"{"a","b"#,
            r#""a" & "b" c"#,
            "'a",
            "['a'] b",
            "[a[b]",
            "{,}",
        ] {
            check(text, None);
        }
    }
}
