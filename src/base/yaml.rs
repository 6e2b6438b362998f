//! YAML that other programs are configured with.

use serde_json::Value;

/// Most values and names in a text, with all that its aliases stand for: a hundred times what a person writes.
const NODES: usize = 50_000;

/// The documents of a text, each as JSON would say it (YAML 1.2 section 10; `yes` is true, as in 1.1, which many still
/// read). Aliases are followed, within bounds.
///
/// # Errors
/// Where it is no YAML, doubles a key or goes beyond the bounds: the place and the reason, without what stands there.
pub fn documents(text: &str) -> Result<Vec<Value>, String> {
    let options = serde_saphyr::options! { budget: serde_saphyr::budget! { max_nodes: NODES } };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let told = error.to_string();
        let first = told.lines().next().unwrap_or_default();
        first.strip_prefix("error: ").unwrap_or(first).to_owned()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn documents_are_read_as_json_says_them() {
        let text = "a: &a [1, 2.5, yes, ~, 'x']\nb: *a\n---\nc: |-\n  x\n  y\n";
        let list = json!([1, 2.5, true, null, "x"]);
        assert_eq!(documents(text), Ok(vec![json!({ "a": list, "b": list }), json!({ "c": "x\ny" })]));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_place_and_costs_no_more_than_its_length() {
        let list = |at: usize| format!("a{at}: &a{at} [{}]\n", vec![format!("*a{}", at - 1); 9].join(", "));
        let bomb: String = std::iter::once("a0: &a0 [x, x]\n".to_owned()).chain((1..12).map(list)).collect();
        for (text, says) in [
            ("a: [secret\nb: c", "line 2 column 2"),
            ("a:\n\tb: secret", "line 2 column"),
            ("a: 1\na: 2", "duplicate mapping key"),
            (&"[".repeat(100_000), "recursion limit"),
            (&bomb, "budget"),
        ] {
            let told = documents(text).expect_err(says);
            assert!(told.contains(says) && !told.contains("secret") && !told.contains('\n'), "{told}");
        }
    }
}
