//! What a header says and what is suspicious in it (RFC 7515 section 4, RFC 8725).

use super::super::algorithm;
use super::super::jwk::{Jwk, PRIVATE_MEMBERS};
use crate::base::check::{Check, Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text::{elided_between_words, visible};

static ALG: Rule = Rule {
    id: "jwt.alg",
    title: "alg is a registered name",
    why: "alg says how the token is protected; names are case-sensitive, so None is not none and es256 is nothing.",
    fix: "Write the exact name from the registry, and accept only the algorithms you expect.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "4.1.1"),
    rejects: None,
};

static ALG_NONE: Rule = Rule {
    id: "jwt.alg_none",
    title: "the token is signed",
    why: "With alg none, in whatever spelling, anybody can write the token. Unusual spellings are probes for careless verifiers.",
    fix: "Refuse alg none unless you asked for it; sign with ES256 or RS256.",
    level: Level::Should,
    spec: Spec::new("RFC 8725", "3.2"),
    rejects: None,
};

static ALG_CURRENT: Rule = Rule {
    id: "jwt.alg_current",
    title: "the algorithm is neither broken nor deprecated",
    why: "RSA1_5 encryption falls to padding oracles; EdDSA does not say which curve it means.",
    fix: "Encrypt with RSA-OAEP-256 or ECDH-ES; write Ed25519 for EdDSA where both sides know it.",
    level: Level::Should,
    spec: Spec::new("RFC 8725", "3.2"),
    rejects: None,
};

static CRIT: Rule = Rule {
    id: "jwt.crit",
    title: "crit is well-formed and everything in it is understood",
    why: "crit lists members that must be understood; who ignores it skips a check the issuer relies on.",
    fix: "Refuse the token. crit must be a list of names that are in the header and not defined by RFC 7515.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "4.1.11"),
    rejects: None,
};

static B64: Rule = Rule {
    id: "jwt.b64",
    title: "the payload of a JWT is encoded",
    why: "With b64 false the payload is signed as it stands; readers that ignore it see other claims.",
    fix: "Leave b64 out. Outside of JWTs it must also be listed in crit.",
    level: Level::Must,
    spec: Spec::new("RFC 7797", "7"),
    rejects: None,
};

static EMBEDDED_KEY: Rule = Rule {
    id: "jwt.embedded_key",
    title: "the token does not bring its own key",
    why: "jwk, x5c, jku and x5u let the sender choose the key; trusting them makes every signature valid (CVE-2018-0114).",
    fix: "Verify with keys from the issuer's JWKS. Use an embedded key only where a protocol binds it otherwise, as DPoP does.",
    level: Level::Should,
    spec: Spec::new("RFC 8725", "3.10"),
    rejects: None,
};

static PUBLIC_JWK: Rule = Rule {
    id: "jwt.public_jwk",
    title: "a key in the header is public",
    why: "A private key in the header lets everyone who sees the token sign.",
    fix: "Put the public members only into jwk, and replace the exposed key.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "4.1.3"),
    rejects: None,
};

static KID: Rule = Rule {
    id: "jwt.kid",
    title: "kid is a plain name",
    why: "A kid with paths, quotes or commands attacks verifiers that use it in a file name, query or command.",
    fix: "Look kid up in a list of keys and use it for nothing else.",
    level: Level::Must,
    spec: Spec::new("RFC 8725", "3.10"),
    rejects: None,
};

static TYP: Rule = Rule {
    id: "jwt.typ",
    title: "typ is text",
    why: "typ keeps one kind of token from passing for another.",
    fix: "Write the media type, such as JWT or at+jwt.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "4.1.9"),
    rejects: None,
};

static ZIP: Rule = Rule {
    id: "jwt.zip",
    title: "the content is not compressed",
    why: "Compression before encryption leaks content by length, and a small token can unpack to gigabytes.",
    fix: "Leave zip out, and limit the size when unpacking.",
    level: Level::Should,
    spec: Spec::new("RFC 8725", "3.6"),
    rejects: None,
};

static P2C: Rule = Rule {
    id: "jwt.p2c",
    title: "p2c is between 1,000 and 1,200,000",
    why: "Few rounds make the password guessable; very many keep the recipient busy with one token (CVE-2023-50967).",
    fix: "Use some 100,000 to 1,000,000 rounds, and refuse counts beyond a limit before computing.",
    level: Level::Should,
    spec: Spec::new("RFC 7518", "4.8.1.2"),
    rejects: None,
};

static EPK: Rule = Rule {
    id: "jwt.epk",
    title: "the ephemeral key is a public point on its curve",
    why: "A point that is not on the curve makes a careless recipient give away its private key bit by bit.",
    fix: "Check every point before use; refuse the token.",
    level: Level::Must,
    spec: Spec::new("RFC 8725", "3.4"),
    rejects: None,
};

static REPLICATED: Rule = Rule {
    id: "jwt.replicated_claims",
    title: "claims repeated in the header equal those in the payload",
    why: "A reader that takes iss, sub or aud from the header sees another token than one that reads the payload.",
    fix: "Refuse the token, and read claims from the payload.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "5.3"),
    rejects: None,
};

/// The rules about the header.
pub static RULES: &[&Rule] = &[
    &ALG,
    &ALG_NONE,
    &ALG_CURRENT,
    &CRIT,
    &B64,
    &EMBEDDED_KEY,
    &PUBLIC_JWK,
    &KID,
    &TYP,
    &ZIP,
    &P2C,
    &EPK,
    &REPLICATED,
];

/// Header members that RFC 7515, 7516 and 7518 define themselves, which `crit` must not name.
const REGISTERED: [&str; 20] = [
    "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk", "apu",
    "apv", "iv", "tag", "p2s", "p2c",
];

/// Extensions that are understood here.
const UNDERSTOOD: [&str; 1] = ["b64"];

/// Everything there is to say about a header; `claims` are needed for what it repeats of them.
pub(super) fn inspect(header: &Json, claims: Option<&Json>) -> Vec<Check> {
    let mut checks = vec![alg(header)];
    let more = [alg_none(header), alg_current(header), crit(header), b64(header), public_jwk(header), kid(header)];
    checks.extend(more.into_iter().flatten());
    checks.extend(embedded_keys(header));
    let rest = [typ(header), zip(header), p2c(header), epk(header), replicated(header, claims)];
    checks.extend(rest.into_iter().flatten());
    checks
}

fn alg(header: &Json) -> Check {
    let expected = "a registered algorithm";
    match header.get("alg") {
        None => ALG.broken(expected, "no alg"),
        Some(Json::String(name)) => match (algorithm::find(name), algorithm::resembling(name)) {
            (Some(info), _) => ALG.pass(format!("{name}: {}", info.meaning)),
            (None, Some(meant)) => ALG.broken(expected, format!("{:?}, which is not {}", visible(name), meant.name)),
            (None, None) => ALG.broken(expected, elided_between_words(&visible(name), 60)),
        },
        Some(other) => ALG.broken("text", format!("of type {}", other.kind())),
    }
}

fn alg_none(header: &Json) -> Option<Check> {
    let name = header.text("alg").filter(|_| is_unsecured(Some(header)))?;
    if name == "none" {
        return Some(ALG_NONE.broken("a signature", "alg is none: anyone can write this token"));
    }
    Some(ALG_NONE.broken("a signature", format!("{:?}: a probe whether verifiers take it for none", visible(name))))
}

/// Whether `alg` is `none`, or a spelling of it that careless verifiers take for it.
pub(super) fn is_unsecured(header: Option<&Json>) -> bool {
    let Some(alg) = header.and_then(|header| header.text("alg")) else { return false };
    alg == "none" || algorithm::resembling(alg).is_some_and(|info| info.name == "none")
}

fn alg_current(header: &Json) -> Option<Check> {
    match header.text("alg")? {
        "RSA1_5" => Some(ALG_CURRENT.broken("RSA-OAEP-256 or ECDH-ES", "RSA1_5")),
        "EdDSA" => Some(ALG_CURRENT.note("EdDSA, which RFC 9864 replaces by Ed25519")),
        _ => None,
    }
}

fn crit(header: &Json) -> Option<Check> {
    let crit = header.get("crit")?;
    let names = crit.strings();
    let fault = match crit {
        Json::Array(elements) if elements.is_empty() => Some("the list is empty".to_owned()),
        Json::Array(elements) if names.len() == elements.len() => {
            names.iter().find_map(|name| critical_fault(header, &names, name))
        }
        Json::Array(_) => Some("not everything in the list is text".to_owned()),
        other => Some(format!("of type {}", other.kind())),
    };
    Some(CRIT.holds(
        fault.is_none(),
        "a list of extensions that are understood",
        fault.unwrap_or_else(|| names.join(", ")),
    ))
}

fn critical_fault(header: &Json, names: &[&str], name: &str) -> Option<String> {
    let shown = visible(name);
    if REGISTERED.contains(&name) {
        return Some(format!("{shown} is defined by RFC 7515 itself"));
    }
    if header.get(name).is_none() {
        return Some(format!("{shown} is not in the header"));
    }
    if names.iter().filter(|other| **other == name).count() > 1 {
        return Some(format!("{shown} is listed twice"));
    }
    (!UNDERSTOOD.contains(&name)).then(|| format!("{shown} is not understood here, so the token must be refused"))
}

fn b64(header: &Json) -> Option<Check> {
    let listed = header.get("crit").is_some_and(|crit| crit.strings().contains(&"b64"));
    let fault = match header.get("b64")? {
        Json::Bool(false) if listed => "false",
        Json::Bool(false) => "false, and not listed in crit",
        Json::Bool(true) => return Some(B64.note("true, which is the rule without it")),
        _ => "neither true nor false",
    };
    Some(B64.broken("no b64", fault))
}

fn embedded_keys(header: &Json) -> Vec<Check> {
    let found = |name: &&str| header.get(name).is_some();
    let judge = |name: &str| match name {
        "jku" | "x5u" => EMBEDDED_KEY.broken("no address of a key", format!("{name}: not trusted, nothing is fetched")),
        _ => EMBEDDED_KEY.note(format!("{name}: a key the sender brought along; it is never used to verify")),
    };
    ["jwk", "x5c", "jku", "x5u"].iter().filter(|name| found(name)).map(|name| judge(name)).collect()
}

fn public_jwk(header: &Json) -> Option<Check> {
    let jwk = header.get("jwk")?;
    let private: Vec<&str> = PRIVATE_MEMBERS.into_iter().filter(|name| jwk.get(name).is_some()).collect();
    let actual =
        if private.is_empty() { "public members only".to_owned() } else { format!("it has {}", private.join(", ")) };
    Some(PUBLIC_JWK.holds(private.is_empty(), "public members only", actual))
}

fn kid(header: &Json) -> Option<Check> {
    let Json::String(kid) = header.get("kid")? else {
        return Some(KID.broken("text", format!("of type {}", header.get("kid")?.kind())));
    };
    let shown = elided_between_words(&visible(kid), 80).into_owned();
    Some(match suspicion(kid) {
        Some(what) => KID.warn("a plain name", format!("{what}: {shown}")),
        None => KID.pass(shown),
    })
}

/// What a kid would do to a verifier that puts it into a path, a query, a command or a log.
fn suspicion(kid: &str) -> Option<&'static str> {
    let has = |patterns: &[&str]| patterns.iter().any(|pattern| kid.contains(pattern));
    if kid.len() > 512 {
        return Some("very long");
    }
    if visible(kid) != kid {
        return Some("it has control or invisible characters");
    }
    if has(&["../", "..\\", "/dev/", "/proc/", "/etc/"]) {
        return Some("it looks like a path");
    }
    // Two hyphens begin a comment in SQL, and stand in a random name of base64url now and then.
    let is_name = kid.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if has(&["'", "\"", ";", "`"]) || has(&["--"]) && !is_name {
        return Some("it looks like part of a query");
    }
    has(&["|", "$(", "&&"]).then_some("it looks like part of a command")
}

fn typ(header: &Json) -> Option<Check> {
    let typ = header.get("typ")?;
    Some(match typ.as_str() {
        Some(typ) => TYP.pass(elided_between_words(&visible(typ), 80)),
        None => TYP.broken("text", format!("of type {}", typ.kind())),
    })
}

fn zip(header: &Json) -> Option<Check> {
    let zip = header.get("zip")?;
    Some(ZIP.broken("no zip", elided_between_words(&visible(&zip.to_string()), 60)))
}

fn p2c(header: &Json) -> Option<Check> {
    let is_password = header.text("alg").is_some_and(|alg| alg.starts_with("PBES2-"));
    let Some(p2c) = header.get("p2c") else {
        return is_password.then(|| P2C.broken("a number of rounds", "no p2c"));
    };
    let holds = p2c.as_i64().is_some_and(|rounds| (1_000..=1_200_000).contains(&rounds));
    Some(P2C.holds(holds, "1000 to 1200000", elided_between_words(&p2c.to_string(), 60)))
}

fn epk(header: &Json) -> Option<Check> {
    let expected = "a public key that is valid";
    Some(match Jwk::from_json(header.get("epk")?) {
        Ok(key) if key.has_private_members() => EPK.broken(expected, "it has private members"),
        Ok(key) => EPK.pass(visible(&key.describe())),
        Err(error) => EPK.broken(expected, visible(&error.to_string())),
    })
}

fn replicated(header: &Json, claims: Option<&Json>) -> Option<Check> {
    let claims = claims?;
    let repeated: Vec<&str> = ["iss", "sub", "aud"].into_iter().filter(|name| header.get(name).is_some()).collect();
    if repeated.is_empty() {
        return None;
    }
    let differing = repeated.iter().find(|name| header.get(name) != claims.get(name));
    let actual = differing.map_or_else(|| repeated.join(", "), |name| format!("{name} differs"));
    Some(REPLICATED.holds(differing.is_none(), "the same values", actual))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thumbprint has two hyphens beside each other now and then; what the same server does gets the same verdict.
    #[test]
    fn a_random_name_is_no_part_of_a_query() {
        for (kid, is_suspicious) in [
            ("wUaN46--zIbUcrS2_knFoEVJDKLHy-rqd48n93_zQ_A", false),
            ("k1 -- drop", true),
            ("k1';--", true),
            ("a.b--c", true),
        ] {
            assert_eq!(suspicion(kid).is_some(), is_suspicious, "{kid}");
        }
    }
}
