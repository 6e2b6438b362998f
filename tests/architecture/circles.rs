//! Files that stand side by side do not use each other in a circle: of two, one can be read without the other.
//!
//! Judged in each folder, a subfolder counting as one file. A file may use the `mod.rs` above it, as Rust has it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, sources};

/// Folders and the files in them that are in a circle. Strike out what no longer is; add nothing.
const KNOWN: [(&str, &[&str]); 5] = [
    ("client", &["assertion", "authentication"]),
    ("flow", &["grant", "session", "stage", "step", "trace"]),
    ("gui", &["command", "model"]),
    (
        "practice",
        &[
            "assertion",
            "authorization",
            "authorization_response",
            "automatic",
            "bearer",
            "certificates",
            "client",
            "config",
            "dpop",
            "endpoint",
            "facts",
            "grant",
            "interaction",
            "introspection",
            "jarm",
            "mtls",
            "page",
            "pending",
            "pushed",
            "redirect_uri",
            "request_object",
            "response_type",
            "return_to",
            "rules",
            "scope",
            "store",
            "token",
        ],
    ),
    ("preset", &["read", "section"]),
];

/// In each folder, which file uses which.
type Uses = BTreeMap<String, BTreeSet<(String, String)>>;

/// `src/client/settings/mod.rs` is `client`, `settings`.
fn place(source: &Source) -> Vec<&str> {
    let name = source.name.trim_start_matches("src/").trim_end_matches(".rs");
    name.strip_suffix("/mod").unwrap_or(name).split('/').collect()
}

/// What a path with groups names, its groups taken apart: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(text: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let (head, rest) = text.split_at(text.find(|c| !is_path(c)).unwrap_or(text.len()));
    let Some(group) = rest.strip_prefix('{') else { return vec![head.to_owned()] };
    let (mut depth, mut branches) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => branches.push(String::new()),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                branches.last_mut().expect("never empty").push(c);
            }
        }
    }
    branches.iter().flat_map(|branch| paths(branch.trim())).map(|path| format!("{head}{path}")).collect()
}

/// Places from the root that the code of a file names.
fn used(source: &Source) -> Vec<Vec<String>> {
    let code: Vec<&str> = source.code().map(|(_, line)| line).collect();
    let code = code.join("\n");
    let own: Vec<String> = place(source).into_iter().map(str::to_owned).collect();
    let starts = code.match_indices("crate::").chain(code.match_indices("super::"));
    let starts = starts.filter(|(at, _)| !code[..*at].ends_with("::")).map(|(at, _)| at);
    let named = starts.flat_map(|at| paths(&code[at..]));
    named.map(|path| absolute(&own, &path)).collect()
}

fn absolute(own: &[String], path: &str) -> Vec<String> {
    let (mut from, mut rest) = (own.to_vec(), path);
    if let Some(below) = rest.strip_prefix("crate::") {
        (from, rest) = (Vec::new(), below);
    }
    while let Some(below) = rest.strip_prefix("super::") {
        from.pop();
        rest = below;
    }
    from.extend(rest.split("::").map(str::to_owned));
    from
}

fn uses(sources: &[Source]) -> Uses {
    let places: BTreeSet<Vec<&str>> = sources
        .iter()
        .flat_map(|source| (1..=place(source).len()).map(|depth| place(source)[..depth].to_vec()))
        .collect();
    let mut found = Uses::new();
    for source in sources.iter().filter(|source| source.module().is_some()) {
        let own = place(source);
        for other in used(source) {
            let common = own.iter().zip(&other).take_while(|(own, other)| own == other).count();
            let Some(beside) = other.get(..=common).filter(|_| (1..own.len()).contains(&common)) else { continue };
            if places.contains(&beside.iter().map(String::as_str).collect::<Vec<_>>()) {
                let pair = (own[common].to_owned(), beside[common].clone());
                found.entry(own[..common].join("/")).or_default().insert(pair);
            }
        }
    }
    found
}

/// Those from which a way leads back to themselves.
fn circling(uses: &BTreeSet<(String, String)>) -> BTreeSet<&str> {
    uses.iter().map(|(user, _)| user.as_str()).filter(|user| reached(uses, user).contains(user)).collect()
}

fn reached<'a>(uses: &'a BTreeSet<(String, String)>, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut ways = vec![from];
    while let Some(at) = ways.pop() {
        let next = uses.iter().filter(|(user, _)| user == at).map(|(_, other)| other.as_str());
        ways.extend(next.filter(|other| reached.insert(*other)));
    }
    reached
}

#[test]
fn files_beside_each_other_are_in_no_circle_but_the_known_ones() {
    let all = uses(&sources("src"));
    let found: BTreeMap<&str, BTreeSet<&str>> = all
        .iter()
        .map(|(folder, uses)| (folder.as_str(), circling(uses)))
        .filter(|(_, circle)| !circle.is_empty())
        .collect();
    let known = KNOWN.map(|(folder, files)| (folder, files.iter().copied().collect())).into_iter().collect();
    assert_eq!(found, known, "left what is in a circle, right what is known to be");
}

#[test]
fn circles_are_found_where_they_are() {
    let file = |name: &str, text: &str| Source { name: format!("src/{name}.rs"), text: text.to_owned() };
    let uses = uses(&[
        file("m/mod", "mod a;"),
        file("m/a", "use super::b::{B, C};"),
        file("m/b", "fn f() { crate::m::c::g() }"),
        file("m/c/mod", "use crate::base::{text, time};\nuse super::super::m::a;"),
        file("m/d", "use super::a::A; // super::d::D\nuse crate::m::{b, c::{self, d}};"),
        file("n", "use crate::m;"),
    ]);
    assert_eq!(circling(&uses["m"]), BTreeSet::from(["a", "b", "c"]));
    assert_eq!(uses["m"].iter().filter(|(user, _)| user == "d").count(), 3);
}
