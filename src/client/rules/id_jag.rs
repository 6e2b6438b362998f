//! Rules for an Identity Assertion JWT Authorization Grant (ID-JAG), by which one server vouches for a user at another.

super::rules! {
    TYP = "id_jag.typ", Must, "ID-JAG" "3.1",
        "typ is oauth-id-jag+jwt",
        "A server that takes other JWTs for a grant would take ID tokens and access tokens as well.",
        "Issue the grant with typ oauth-id-jag+jwt in its header.";
    CLAIMS = "id_jag.claims", Must, "ID-JAG" "3.1",
        "iss, sub, aud, client_id, jti, exp and iat are there",
        "The resource authorization server judges the grant by them, and refuses it where one is missing.",
        "Put all seven into the grant.";
    ISS = "id_jag.iss", Must, "ID-JAG" "3.1",
        "iss is the server that was asked for the grant",
        "The other server looks up by iss whose keys it verifies the grant with.",
        "Write the issuer of the metadata into iss, character for character.";
    AUD = "id_jag.aud", Must, "ID-JAG" "3.1",
        "aud is the resource authorization server alone",
        "A grant for several servers could be used by one of them at another.",
        "Write the issuer that came as audience into aud, as a text or an array of one.";
    CLIENT = "id_jag.client_id", Must, "ID-JAG" "3.1",
        "client_id is this client at the resource authorization server",
        "That server takes the grant from no other client than the one it names.",
        "Register at the identity provider under which client_id this client is known there, or fill in resource_client_id.";
    EXP = "id_jag.exp", Must, "ID-JAG" "3.1",
        "The grant is good when it comes: exp is ahead, and nbf is not",
        "A grant that is over, or good from a later time on, is refused by the other server.",
        "Compare the clocks, and let the grant last some minutes.";
    RESOURCE = "id_jag.resource", Must, "ID-JAG" "4.3",
        "resource names nothing that was not asked for",
        "The access token would be good somewhere else than where it is meant to be used.",
        "Write the resource of the request into the grant, or refuse with invalid_target.";
    SCOPE = "id_jag.scope", Must, "ID-JAG" "4.3",
        "scope allows no more than was asked",
        "The other server hands out what the grant allows.",
        "Leave out of scope what the client did not ask for, and what the user may not do.";
    SIGNATURE = "id_jag.signature", Must, "ID-JAG" "4.4.1",
        "A key of the server made the signature of the grant",
        "The other server verifies the grant with the same keys, and refuses it where none fits.",
        "Sign the grant with a key of jwks_uri.";
    REFRESH_TOKEN = "id_jag.refresh_token", Should, "ID-JAG" "4.3.4",
        "No refresh token comes with the grant",
        "A new grant can be had for the identity assertion, as long as the identity provider allows that.",
        "Issue the grant without a refresh token.";
    CNF = "id_jag.cnf", Must, "ID-JAG" "8.6.1.1",
        "The grant is bound to the key that was proven when it was asked for",
        "A server that makes nothing of the proof, and does not say so, hands out a grant that works for whoever steals it.",
        "Write the thumbprint of the proof's key into cnf.jkt of the grant, and leave cnf out where there was no proof.";
    PROOF = "id_jag.proof", Must, "ID-JAG" "8.6.1.2",
        "A bound grant comes with a proof by its key",
        "The other server has to refuse it otherwise, with invalid_grant.",
        "Switch on dpop_bound_access_tokens, and use the key that the grant was asked for with.";
    RENEWAL = "id_jag.renewal", Should, "ID-JAG" "4.4.3",
        "No refresh token comes for the grant",
        "It would work on when the identity provider has ended the access; the grant itself can be sent once more, and then a \
         new one be asked for.",
        "At the resource authorization server, issue no refresh token for an ID-JAG.";
}
