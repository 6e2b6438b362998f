//! Texts whose size is an attack on whoever takes them apart.

use grantscope::jose::base64url;

/// One of each kind: too long, too many parts, too many members, nested too deep.
pub fn hostile() -> [String; 8] {
    let names: String = (0..60_000).map(|n| format!("\"{n}\":0,")).collect();
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    [
        ".".repeat(1_000_000),
        "a".repeat(10_000_000),
        "a.".repeat(500_000),
        format!("eyJ{}", " ".repeat(1_000_000)),
        "{".repeat(1_000_000),
        token(&format!("{{\"alg\":\"HS256\",{names}\"a\":{}}}", nested(10_000)), "{}"),
        token(&format!("{{\"alg\":\"HS256\",{names}\"a\":1}}"), &format!("{{{names}\"a\":1}}")),
        token("{\"alg\":\"HS256\"}", &format!("{{\"a\":{}}}", nested(120))),
    ]
}

fn token(header: &str, payload: &str) -> String {
    format!("{}.{}.AAAA", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()))
}
