// Authorization code: the token request, at http://127.0.0.1:9400
// Secrets are read from the environment.
//
// [dependencies]
// reqwest = { version = "0.13", features = ["blocking", "form"] }
// url = "2"

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let mut request = client.post("http://127.0.0.1:9400/token");
    // Each form-encoded (RFC 6749 section 2.3.1).
    let encoded = |part: &str| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
    request = request.basic_auth(encoded("practice-web"), Some(encoded(&std::env::var("CLIENT_SECRET")?)));
    request = request.header("Accept", "application/json");
    let form: Vec<(&str, String)> = vec![
        ("grant_type", "authorization_code".to_string()),
        ("code", std::env::var("CODE")?),
        ("redirect_uri", "http://127.0.0.1:8912/callback".to_string()),
        ("code_verifier", std::env::var("CODE_VERIFIER")?),
    ];
    let response = request.form(&form).send()?;
    println!("{}", response.status().as_u16());
    println!("{}", response.text()?);
    Ok(())
}
