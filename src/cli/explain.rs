//! `tatami explain`: data sets, fields, rules, presets and the contract, for people.

mod contract;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use super::{
    CommandResult,
    failure::Failure,
    text::{self, BOLD, CYAN, DIM, severity_style},
};
use crate::{
    domain::{
        dataset::Dataset,
        issue::Severity,
        rules::Rule,
        schema::{InteractionType, Node, Range, Schema},
        synonyms, transform,
    },
    frame::Preset,
};

const EXAMPLES: &str = "\
Examples:
  tatami explain                          data sets and rules
  tatami explain products                 its fields
  tatami explain products.categories      one field
  tatami explain interactions.type        the types of interactions, and what each allows
  tatami explain interactions.checkout    one of them
  tatami explain date-time                one rule
  tatami explain transforms               what can be done to the values of a column
  tatami explain contract                 the API's document that records are held to
  tatami explain contract --against NEW.json
                                          how a newer document differs from it";

/// Lines of text are broken before this.
const WIDTH: usize = 96;

/// The arguments of `tatami explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArgs {
    /// A data set, one of its fields, a type of interaction, a rule, or a preset
    #[arg(value_name = "DATASET[.FIELD] | RULE | PRESET")]
    topic: Option<String>,
    /// With contract: another version of the API's published document, to be compared with the one that records
    /// are held to
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

/// Explains what was asked for.
pub(super) fn run(args: &ExplainArgs) -> CommandResult {
    let mut out = text::stdout();
    let Some(topic) = args.topic.as_deref().map(str::trim) else {
        overview(&mut out)?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    };
    if topic.eq_ignore_ascii_case("contract") {
        match &args.against {
            Some(file) => contract::compare(file, &mut out)?,
            None => contract::explain(&mut out)?,
        }
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let (first, rest) = topic
        .split_once('.')
        .map_or((topic, None), |(first, rest)| (first, Some(rest)));
    if topic.eq_ignore_ascii_case("transforms") {
        transforms(&mut out)?;
    } else if let Ok(dataset) = first.parse::<Dataset>() {
        match rest {
            None => fields(dataset, &mut out)?,
            Some(path) => field(dataset, path, &mut out)?,
        }
    } else if let Some(rule) = Rule::named(&topic.to_lowercase()) {
        explain_rule(rule, &mut out)?;
    } else if let Some(preset) = Preset::named(&topic.to_lowercase()) {
        explain_preset(preset, &mut out)?;
    } else {
        return Err(unknown(topic));
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn unknown(topic: &str) -> Failure {
    let mut names: Vec<String> = Dataset::ALL.iter().map(|dataset| dataset.name().to_owned()).collect();
    names.extend(Rule::ALL.iter().map(|rule| rule.name().to_owned()));
    names.extend(Preset::all().map(|preset| preset.name().to_owned()));
    names.extend(["transforms", "contract"].map(str::to_owned));
    let by_fields = Dataset::ALL.into_iter().flat_map(|dataset| {
        let fields = Schema::of(dataset).fields().into_iter();
        fields.map(move |(path, _)| format!("{dataset}.{path}"))
    });
    let fields: Vec<String> = by_fields.collect();
    // A field without its data set is the commonest thing to type.
    let bare = fields
        .iter()
        .find(|field| field.split_once('.').is_some_and(|(_, path)| path == topic));
    names.extend(fields.iter().cloned());
    let near = bare
        .map(String::as_str)
        .or_else(|| text::nearest(topic, names.iter().map(String::as_str)));
    Failure::said(format!(
        "there is no data set, rule or preset \"{topic}\"; {}",
        suggestion(near)
    ))
}

fn suggestion(near: Option<&str>) -> String {
    near.map_or_else(
        || "tatami explain lists all".to_owned(),
        |near| format!("did you mean tatami explain {near}?"),
    )
}

fn overview(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}Data sets{BOLD:#}")?;
    for dataset in Dataset::ALL {
        let record = &Schema::of(dataset).record;
        writeln!(
            out,
            "  {CYAN}{:<14}{CYAN:#}{}",
            dataset.name(),
            first_sentence(&record.description)
        )?;
    }
    writeln!(out, "\n{BOLD}Rules{BOLD:#}")?;
    for rule in Rule::ALL {
        let about = rule.about();
        let style = severity_style(about.severity);
        let severity = match about.severity {
            Severity::Info => "off",
            severity => severity.name(),
        };
        writeln!(
            out,
            "  {CYAN}{:<17}{CYAN:#}{style}{severity:<9}{style:#}{}",
            about.name, about.title
        )?;
    }
    writeln!(out, "\n{BOLD}Presets{BOLD:#}, exports that are recognised")?;
    for preset in Preset::all() {
        writeln!(out, "  {CYAN}{:<17}{CYAN:#}{}", preset.name(), preset.title())?;
    }
    writeln!(
        out,
        "\nMore: {CYAN}tatami explain products{CYAN:#}, {CYAN}tatami explain products.categories{CYAN:#}, \
         {CYAN}tatami explain date-time{CYAN:#}, {CYAN}tatami explain transforms{CYAN:#}, \
         {CYAN}tatami explain contract{CYAN:#}"
    )
}

fn fields(dataset: Dataset, out: &mut dyn Write) -> io::Result<()> {
    let schema = Schema::of(dataset);
    writeln!(out, "{BOLD}{}{BOLD:#}", dataset.title())?;
    paragraph(&schema.record.description, "", out)?;
    match dataset.id_field() {
        Some(id) => writeln!(out, "A record replaces an earlier one with the same {id}, whole.\n")?,
        None => writeln!(out)?,
    }
    table(&schema.record, "", out)?;
    if schema.record.translations.is_some() {
        writeln!(
            out,
            "  {:<26}  {DIM}translations, such as i18n_es.title{DIM:#}",
            "i18n_…"
        )?;
    }
    writeln!(
        out,
        "\nMore about one: {CYAN}tatami explain {dataset}.{}{CYAN:#}",
        match dataset {
            Dataset::Products => "categories",
            Dataset::Interactions => "type",
            Dataset::Users => "custom_attributes",
        }
    )
}

/// The fields of an object: name, type, whether it is required, an example.
fn table(node: &Node, prefix: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Vec::new();
    collect(node, prefix, &mut rows);
    let width = |column: fn(&FieldRow) -> &str| {
        rows.iter()
            .map(|row| column(row).chars().count())
            .max()
            .unwrap_or(0)
            .min(48)
    };
    let (names, types) = (width(|row| &row.name), width(|row| &row.kind));
    for row in &rows {
        let FieldRow { name, kind, example } = row;
        write!(out, "  {CYAN}{name:<names$}{CYAN:#}  ")?;
        if example.is_empty() {
            writeln!(out, "{kind}")?;
        } else {
            writeln!(out, "{kind:<types$}  {DIM}{example}{DIM:#}")?;
        }
    }
    Ok(())
}

struct FieldRow {
    name: String,
    kind: String,
    example: String,
}

fn collect(node: &Node, prefix: &str, rows: &mut Vec<FieldRow>) {
    for (name, child) in &node.properties {
        let path = format!("{prefix}{name}");
        let required = if node.required.contains(name) { ", required" } else { "" };
        let example = child.example.as_ref().map(ToString::to_string).unwrap_or_default();
        rows.push(FieldRow {
            name: path.clone(),
            kind: format!("{}{required}", child.type_name()),
            example: text::shorten(&example, 44).into_owned(),
        });
        collect(child, &format!("{path}."), rows);
    }
}

fn field(dataset: Dataset, path: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let schema = Schema::of(dataset);
    let node = schema.node(path);
    let kind = schema.interaction_types.iter().find(|kind| kind.name == path);
    if node.is_none() && kind.is_none() {
        let Some((parent, name)) = path.rsplit_once('.').filter(|_| schema.is_custom(path)) else {
            return Err(unknown_field(dataset, path));
        };
        writeln!(
            out,
            "{BOLD}{}{BOLD:#} is a name of your own in {parent}.\n",
            text::safe(name)
        )?;
        return field(dataset, parent, out);
    }
    if let Some(node) = node {
        about_field(schema, path, node, out)?;
    }
    if let Some(kind) = kind {
        if node.is_some() {
            writeln!(out)?;
        }
        about_type(kind, out)?;
    }
    Ok(())
}

fn unknown_field(dataset: Dataset, path: &str) -> Failure {
    let schema = Schema::of(dataset);
    let fields = schema.fields();
    let names = || {
        let fields = fields.iter().map(|(name, _)| name.as_str());
        fields.chain(schema.interaction_types.iter().map(|kind| kind.name.as_str()))
    };
    let plain = path.to_lowercase();
    // People ask by the name they use themselves: price, sku, purchase.
    let by_alias = synonyms::field_called(dataset, path);
    let inside = || names().find(|name| name.rsplit_once('.').is_some_and(|(_, last)| last == plain));
    let near = by_alias.or_else(|| text::nearest(&plain, names())).or_else(inside);
    let near = near.map(|near| format!("{dataset}.{near}"));
    let advice = near.map_or_else(
        || {
            format!(
                "tatami explain {dataset} lists all, and your own go to {}",
                dataset.custom_prefix()
            )
        },
        |near| suggestion(Some(&near)),
    );
    Failure::said(format!("{dataset} have no field \"{path}\"; {advice}"))
}

fn about_field(schema: &Schema, path: &str, node: &Node, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}.{path}{BOLD:#}", schema.dataset)?;
    paragraph(&node.description, "", out)?;
    if !node.help.is_empty() {
        writeln!(out)?;
        paragraph(&node.help, "", out)?;
    }
    writeln!(out)?;
    let mut fact = |name: &str, what: &str| -> io::Result<()> {
        write!(out, "  {DIM}{name:<10}{DIM:#}")?;
        paragraph(what, "            ", out)
    };
    fact("type", &node.type_name())?;
    let parent = path
        .rsplit_once('.')
        .map_or(Some(&schema.record), |(parent, _)| schema.node(parent));
    let name = path.rsplit('.').next().unwrap_or(path);
    if parent.is_some_and(|parent| parent.required.iter().any(|required| required == name)) {
        fact("required", "in every record")?;
    }
    for (property, value, _) in schema
        .record
        .required_when
        .iter()
        .filter(|(_, _, required)| required == path)
    {
        fact("required", &format!("when {property} is {value}"))?;
    }
    let limits = [
        node.min_length
            .map(|least| format!("at least {}", text::counted(least, "character", "characters"))),
        node.max_length
            .map(|most| format!("at most {}", text::counted(most, "character", "characters"))),
        node.items
            .as_ref()
            .and_then(|items| items.max_length)
            .map(|most| format!("each at most {}", text::counted(most, "character", "characters"))),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if !limits.is_empty() {
        fact("limits", &limits.join(", "))?;
    }
    if let Some(range) = node.range {
        fact("meant", &numbers_meant(range))?;
    }
    let of_types: Vec<&str> = types_with(schema, path).collect();
    if !of_types.is_empty() {
        fact("only of", &of_types.join(", "))?;
    }
    let is_type = !schema.interaction_types.is_empty() && path == "type";
    if !node.allowed.is_empty() && !is_type {
        fact("one of", &node.allowed.join(", "))?;
    }
    if let Some(example) = &node.example {
        fact("example", &example.to_string())?;
    }
    if node.types.contains(&"array") {
        fact("in CSV", list_in_csv(node))?;
    }
    let names = synonyms::of_field(schema.dataset, path);
    if !names.is_empty() {
        fact("columns", &format!("{} are matched to it too", names.join(", ")))?;
    }
    if node.is_open() {
        fact(
            "keys",
            "free; in a flat file each is a column of its own, written with a dot",
        )?;
    }
    if let Some(comment) = &node.comment {
        fact("note", comment)?;
    }
    if !node.properties.is_empty() {
        writeln!(out)?;
        table(node, &format!("{path}."), out)?;
    }
    if is_type {
        writeln!(out)?;
        types(&schema.interaction_types, out)?;
    }
    Ok(())
}

fn list_in_csv(node: &Node) -> &'static str {
    let of_lists = node
        .items
        .as_ref()
        .is_some_and(|items| !items.types.is_empty() && items.allows("array"));
    if of_lists {
        "a JSON array, or paths such as Clothing > Women | Novelty"
    } else {
        "a JSON array, or values with a separator between them, such as red|blue"
    }
}

/// All types of interactions by group, with what each allows.
fn types(types: &[InteractionType], out: &mut dyn Write) -> io::Result<()> {
    let width = types.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    let mut group = "";
    for kind in types {
        if kind.group != group {
            group = &kind.group;
            writeln!(out, "{BOLD}{group}{BOLD:#}")?;
        }
        let allows = allowed(kind).join(", ");
        let (name, description) = (&kind.name, &kind.description);
        writeln!(
            out,
            "  {CYAN}{name:<width$}{CYAN:#}  {description} {DIM}({allows}){DIM:#}"
        )?;
    }
    Ok(())
}

fn allowed(kind: &InteractionType) -> Vec<&str> {
    kind.fields.iter().map(String::as_str).collect()
}

/// The types of interactions that a field is limited to; none when all types have it.
fn types_with<'a>(schema: &'a Schema, path: &'a str) -> impl Iterator<Item = &'a str> {
    let field = path.split('.').next().unwrap_or(path);
    let is_common = InteractionType::COMMON.contains(&field);
    let kinds = schema.interaction_types.iter().filter(move |_| !is_common);
    kinds
        .filter(move |kind| kind.allows(field))
        .map(|kind| kind.name.as_str())
}

/// The numbers of a range in words.
fn numbers_meant(range: Range) -> String {
    match (range.minimum, range.maximum, range.above) {
        (Some(least), Some(most), _) => format!("from {least} to {most}"),
        (Some(least), None, _) => format!("at least {least}"),
        (None, Some(most), _) => format!("at most {most}"),
        (None, None, Some(least)) => format!("more than {least}"),
        (None, None, None) => "any".to_owned(),
    }
}

fn about_type(kind: &InteractionType, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}, a type of interaction ({})",
        kind.name, kind.group
    )?;
    writeln!(out, "{}\n", kind.description)?;
    let own = allowed(kind);
    let own = if own.is_empty() {
        "nothing".to_owned()
    } else {
        own.join(", ")
    };
    writeln!(
        out,
        "  {DIM}{:<10}{DIM:#}{own}, beside what all interactions have",
        "allows"
    )?;
    let importance = match kind.tier {
        1 => "core: send it if it happens at all",
        2 => "useful",
        _ => "only where it fits",
    };
    writeln!(out, "  {DIM}{:<10}{DIM:#}{importance}", "worth")
}

fn explain_preset(preset: Preset, out: &mut dyn Write) -> io::Result<()> {
    let becomes = preset
        .dataset()
        .map_or_else(|| "records of any kind".to_owned(), |dataset| dataset.to_string());
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} {DIM}[{}]{DIM:#} becomes {becomes}",
        preset.title(),
        preset.name()
    )?;
    paragraph(preset.about(), "", out)?;
    writeln!(
        out,
        "{CYAN}→ --preset {} reads a file so, --preset none as it stands{CYAN:#}",
        preset.name()
    )
}

/// What can be done to the values of a column.
fn transforms(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{BOLD}Transforms{BOLD:#}")?;
    paragraph(
        "They rewrite the values of a column before they are checked and sent. A value that a transform does not fit \
         stays as it was. Write --transform COLUMN=TRANSFORM, or keep them in a recipe.",
        "",
        out,
    )?;
    writeln!(out)?;
    for (written, what) in transform::KINDS {
        writeln!(out, "  {CYAN}{written}{CYAN:#}")?;
        write!(out, "      ")?;
        paragraph(what, "      ", out)?;
    }
    writeln!(
        out,
        "\nWhat a file's own values suggest: {CYAN}tatami columns FILE{CYAN:#}"
    )
}

fn explain_rule(rule: Rule, out: &mut dyn Write) -> io::Result<()> {
    let about = rule.about();
    let style = severity_style(about.severity);
    writeln!(
        out,
        "{BOLD}{}{BOLD:#} {DIM}[{}]{DIM:#} {style}{}{style:#}",
        about.title,
        about.name,
        about.severity.name()
    )?;
    paragraph(about.text, "", out)?;
    writeln!(out, "{CYAN}→ {}{CYAN:#}", about.advice)
}

/// A text in lines of a readable length; those after the first are indented.
pub(super) fn paragraph(text: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut column = indent.len();
    let mut is_first = true;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if !is_first && column + 1 + width > WIDTH {
            write!(out, "\n{indent}")?;
            column = indent.len();
        } else if !is_first {
            write!(out, " ")?;
            column += 1;
        }
        is_first = false;
        write!(out, "{word}")?;
        column += width;
    }
    writeln!(out)
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ")
        .map_or(text, |(first, _)| first)
        .trim_end_matches('.')
}
