// Authorization code: the token request, at http://127.0.0.1:9400
// Secrets are read from the environment.
const form = new URLSearchParams([
  ["grant_type", "authorization_code"],
  ["code", process.env.CODE],
  ["redirect_uri", "http://127.0.0.1:8912/callback"],
  ["code_verifier", process.env.CODE_VERIFIER],
]);
const headers = {
  "Accept": "application/json",
};
// Each form-encoded (RFC 6749 section 2.3.1).
const encoded = (part) => new URLSearchParams([["", part]]).toString().slice(1);
headers.Authorization = "Basic " + btoa(`${encoded("practice-web")}:${encoded(process.env.CLIENT_SECRET)}`);
const response = await fetch("http://127.0.0.1:9400/token", { method: "POST", headers, body: form, redirect: "manual" });
console.log(response.status);
console.log(await response.text());
