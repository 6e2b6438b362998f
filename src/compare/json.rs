//! A comparison for programs.

use super::{Change, Comparison, Fold, Row, Section, StageRow};
use crate::base::json::{Json, Members, number, object, optional, text};

impl Comparison {
    /// `{ kind, same, differences, folded, a, b, stages }`. Of each stage what differs and what is folded away; what is
    /// the same is counted.
    pub fn to_json(&self) -> Json {
        let folded = Fold::ALL.map(|fold| (fold.word().to_owned(), number(&self.folded(fold))));
        object([
            ("kind", text(self.kind.word())),
            ("same", Json::Bool(self.is_same())),
            ("differences", number(&self.differences())),
            ("folded", Json::Object(folded.into())),
            ("a", text(self.a.clone())),
            ("b", text(self.b.clone())),
            ("stages", Json::Array(self.stages.iter().map(of_stage).collect())),
        ])
    }
}

fn of_stage(stage: &StageRow) -> Json {
    let side = |at: Option<usize>| at.map_or(Json::Null, |at| number(&at));
    let mut members: Members = vec![
        ("stage".to_owned(), text(stage.slug.clone())),
        ("number".to_owned(), number(&stage.number)),
        ("in".to_owned(), text(stage.only().unwrap_or("both"))),
        ("differences".to_owned(), number(&stage.differences())),
    ];
    if stage.is_sent {
        members.push(("exchanges".to_owned(), Json::Array(vec![side(stage.at.0), side(stage.at.1)])));
    }
    members.extend(stage.why.clone().map(|why| ("why".to_owned(), text(why))));
    members.push(("parts".to_owned(), Json::Array(stage.sections.iter().map(of_section).collect())));
    Json::Object(members)
}

fn of_section(section: &Section) -> Json {
    let same = section.rows.iter().filter(|row| row.change == Change::Same).count();
    let others = section.rows.iter().filter(|row| row.change != Change::Same);
    object([
        ("part", text(section.part.word())),
        ("about", text(section.about.clone())),
        ("same", number(&same)),
        ("rows", Json::Array(others.map(of_row).collect())),
    ])
}

fn of_row(row: &Row) -> Json {
    let mut members: Members = vec![
        ("name".to_owned(), text(row.name.clone())),
        ("change".to_owned(), text(row.change.word())),
        ("a".to_owned(), optional(row.a.clone())),
        ("b".to_owned(), optional(row.b.clone())),
    ];
    if let Change::Folded(fold) = row.change {
        members.push(("because".to_owned(), text(fold.word())));
    }
    let words = |words: &[String]| Json::Array(words.iter().map(text).collect());
    if row.words != Default::default() {
        members.push(("only_a".to_owned(), words(&row.words.0)));
        members.push(("only_b".to_owned(), words(&row.words.1)));
    }
    Json::Object(members)
}
