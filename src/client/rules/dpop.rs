//! Rules for tokens that are bound to a key or a certificate, for the proofs that go with them and for nonces.

super::rules! {
    HEADER = "dpop_proof.header", Must, "RFC 9449" "4.2",
        "The request carries one proof: a JWT of type dpop+jwt",
        "A JWT that was made for something else must not count as a proof, and of two a server cannot know which is meant.",
        "Send one DPoP header field, whose JWT has typ dpop+jwt.";
    KEY = "dpop_proof.key", Must, "RFC 9449" "4.2",
        "The proof is signed with the private key whose public part is in its header",
        "That is all it proves: who sends it has the key.",
        "Put the public key alone into jwk, and sign with an asymmetric algorithm.";
    CLAIMS = "dpop_proof.claims", Must, "RFC 9449" "4.2",
        "jti, htm, htu and iat are in the proof",
        "They tie the proof to one request; without one of them it could be used for another.",
        "Do not remove these claims.";
    HTM = "dpop_proof.htm", Must, "RFC 9449" "4.3",
        "htm is the method of the request",
        "A proof that was seen for one request must not serve for another.",
        "Make a proof anew for each request.";
    HTU = "dpop_proof.htu", Must, "RFC 9449" "4.3",
        "htu is the URL of the request, without query and fragment",
        "A proof for one address must not serve at another. Behind a proxy the server may see another address than the client.",
        "Sign the very URL that is called; at the server, have the proxy pass on host and scheme.";
    IAT = "dpop_proof.iat", Must, "RFC 9449" "4.3",
        "iat is now",
        "A server takes a proof for a short time only, so that one that is found is of little use.",
        "Make a proof anew for each request; compare the clocks of both machines.";
    JTI = "dpop_proof.jti", Must, "RFC 9449" "4.2",
        "The proof has a jti of its own",
        "By it a server notices a proof that is used again.",
        "Draw 96 random bits or more for each proof, also when a request is made again.";
    ATH = "dpop_proof.ath", Must, "RFC 9449" "7",
        "ath is the hash of the access token",
        "Without it a proof could go with another token that is bound to the same key.",
        "Put the SHA-256 of the token, in base64url, into ath wherever a token is presented.";
    ALG = "dpop_proof.alg", Advice, "RFC 9449" "5.1",
        "The server names the algorithm of the proof",
        "It may refuse proofs with algorithms that it does not name.",
        "Fill in a dpop_private_key for an algorithm of dpop_signing_alg_values_supported.";
    NONCE = "dpop_proof.nonce", Must, "RFC 9449" "8.2",
        "The proof has the nonce that this server gave last",
        "Each server has its own, and a new one takes the place of the one before, also where it comes with a success.",
        "Keep the newest DPoP-Nonce of each server, and put it into the next proof for that server.";
    NONCE_CHALLENGE = "dpop.nonce_challenge", Must, "RFC 9449" "8",
        "A server that wants a nonce says so with the error use_dpop_nonce, and gives one",
        "From another answer a client cannot see what to do. A token endpoint answers 400, an API 401 with a challenge.",
        "Answer with use_dpop_nonce and exactly one DPoP-Nonce header field.";
    NONCE_FORM = "dpop.nonce_form", Must, "RFC 9449" "8.1",
        "A nonce has visible ASCII characters alone, without quotation mark and backslash",
        "What else is in a header field is read in different ways: what comes back in the proof need not be what was given.",
        "Make nonces of base64url characters.";
    NONCE_TAKEN = "dpop.nonce_taken", Must, "RFC 9449" "8",
        "A nonce that the server has given is taken",
        "A server that goes on asking leaves its clients in a loop.",
        "Look whether all nodes of the server share their nonces, and whether what stands before it drops header fields.";
    TOKEN_TYPE = "dpop.token_type", Must, "RFC 9449" "5",
        "The token is of type DPoP",
        "Bearer says that anybody who has the token can use it, although a proof was sent.",
        "Switch DPoP on for this client at the server. It may be that only the refresh token is bound.";
    BOUND = "dpop.bound", Must, "RFC 9449" "6",
        "The token names the key that was proven",
        "By cnf.jkt an API knows which key has to be proven; without it the binding protects nothing.",
        "Put the thumbprint of the key into cnf.jkt, in the token or in what introspection says of it.";
    SCHEME = "dpop_proof.scheme", Must, "RFC 9449" "7.1",
        "A token of type DPoP is presented with the scheme DPoP and a proof",
        "An API must refuse it as a bearer token.",
        "Send Authorization: DPoP, and a proof with ath.";
    REFRESH_KEY = "dpop.refresh_key", Must, "RFC 9449" "5",
        "A refresh token of a public client works with its key alone; one of a confidential client with every key",
        "Nothing else protects the first; the second is bound to the client, which may change its key.",
        "Bind refresh tokens to the key where the client is public, and only there.";
    JKT = "dpop_proof.jkt", Must, "RFC 9449" "10",
        "The code is redeemed with the key that dpop_jkt or the pushed proof named",
        "The server has bound the code to that key, and refuses every other.",
        "Keep the key from the authorization request to the token request.";
    PUSHED_JKT = "dpop_proof.pushed_jkt", Must, "RFC 9449" "10.1",
        "dpop_jkt of a pushed request is the key of its proof",
        "Each of them binds the code. Where they name two keys the server must refuse the request.",
        "Send one of the two, or both for the same key.";
    CONFLICT = "dpop.jkt_conflict", Must, "RFC 9449" "10.1",
        "A pushed request is refused whose dpop_jkt is not the key of its proof",
        "The server cannot know which of the two keys the client means, and whoever put one of them there may not have it.",
        "At the server, compare dpop_jkt with the thumbprint of the proof's key wherever both come.";
    CHALLENGE = "dpop.challenge", Should, "RFC 9449" "7.1",
        "A refusal of a bound token names the scheme DPoP",
        "From it a client sees how to present the token, and with which algorithms.",
        "Answer with WWW-Authenticate: DPoP, its error and algs.";
    ENFORCED = "dpop.enforced", Must, "RFC 9449" "7.2",
        "A token that is bound to a key is refused as a bearer token",
        "An API that takes it alone makes the binding worthless: whoever finds the token can use it.",
        "At the API, compare cnf.jkt of the token with the key of the proof, and refuse what comes without one.";
    KEY_ENFORCED = "dpop.key_enforced", Must, "RFC 9449" "7.1",
        "A token that is bound to a key is refused with a proof by another one",
        "An API that takes any proof makes the binding worthless: whoever finds the token signs with a key of their own.",
        "At the API, compare cnf.jkt of the token with the thumbprint of the jwk in the proof.";
    REPLAY = "dpop.replay", Advice, "RFC 9449" "11.1",
        "A proof that was used is not taken again",
        "Whoever sees a call on its way could make the same one again, as long as the proof counts as new. A server may do without this where its nodes share nothing.",
        "At the API, keep the jti of each proof for as long as it is taken, or have its nonce be good for some seconds.";
    CERTIFICATE_ENFORCED = "mtls.enforced", Must, "RFC 8705" "3",
        "A token that is bound to a certificate is refused without it",
        "An API that takes it alone makes the binding worthless: whoever finds the token can use it.",
        "At the API, compare cnf.x5t#S256 of the token with the certificate of the connection.";
    CERTIFICATE = "mtls.bound", Must, "RFC 8705" "3",
        "The token names the certificate that was shown",
        "By cnf.x5t#S256 an API knows which certificate has to be shown; without it the binding protects nothing.",
        "Put the SHA-256 of the certificate into cnf.x5t#S256, and let the client show the same one everywhere.";
}
