"""Authlib as a client that protects its requests: client.py ISSUER REDIRECT_URI INITIAL_ACCESS_TOKEN."""

import sys
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwk, jwt

issuer, redirect_uri, initial_access_token = sys.argv[1:4]
server = requests.get(issuer + "/.well-known/openid-configuration").json()
key = jwk.ECKey.generate_key("P-256", {"kid": "own", "use": "sig", "alg": "ES256"})

# RFC 7591: registered by itself, with a key; RFC 7592: read, and given up at the end.
metadata = {
    "redirect_uris": [redirect_uri],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "private_key_jwt",
    "request_object_signing_alg": "ES256",
    "jwks": {"keys": [key.as_dict(private=False)]},
}
assert requests.post(server["registration_endpoint"], json=metadata).status_code == 401
bearer = lambda token: {"Authorization": "Bearer " + token}
made = requests.post(server["registration_endpoint"], json=metadata, headers=bearer(initial_access_token))
assert made.status_code == 201, made.text
made = made.json()
own = bearer(made["registration_access_token"])
read = requests.get(made["registration_client_uri"], headers=own).json()
assert read["client_id"] == made["client_id"], read

client = OAuth2Session(made["client_id"], key, scope="openid email offline_access", redirect_uri=redirect_uri,
                       token_endpoint_auth_method="private_key_jwt", code_challenge_method="S256")
client.register_client_auth_method(PrivateKeyJWT(server["token_endpoint"], alg="ES256"))


def request_object(signed_with, **parameters):
    """What the request asks for, signed (RFC 9101), and its state."""
    url, state = client.create_authorization_url(issuer, **parameters)
    now = int(time.time())
    claims = {**dict(parse_qsl(urlsplit(url).query)), "iss": made["client_id"], "aud": issuer, "iat": now, "nbf": now,
              "exp": now + 60, "jti": generate_token(20)}
    header = {"alg": "ES256", "kid": "own", "typ": "oauth-authz-req+jwt"}
    return jwt.encode(header, claims, signed_with), state


def pushed(request):
    """The answer to a request that is pushed (RFC 9126); Authlib authenticates the client as at the token endpoint."""
    form = {"client_id": made["client_id"], "request": request}
    return client._http_post(server["pushed_authorization_request_endpoint"], urlencode(form),
                             auth=client.client_auth("private_key_jwt"), headers={"Content-Type": "application/x-www-form-urlencoded"})


verifier, nonce = generate_token(48), generate_token(20)
request, state = request_object(key, code_verifier=verifier, nonce=nonce)
answer = pushed(request)
assert answer.status_code == 201, answer.text
at = server["authorization_endpoint"] + "?" + urlencode({"client_id": made["client_id"], "request_uri": answer.json()["request_uri"]})
back = requests.get(at, allow_redirects=False).headers["location"]
# RFC 9207
assert dict(parse_qsl(urlsplit(back).query))["iss"] == issuer, back
token = client.fetch_token(server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
keys = jwk.KeySet.import_key_set(requests.get(server["jwks_uri"]).json())
claims = jwt.decode(token["id_token"], keys).claims
required = {"iss": issuer, "aud": made["client_id"], "nonce": nonce, "sub": "alice"}
jwt.JWTClaimsRegistry(**{name: {"essential": True, "value": value} for name, value in required.items()}).validate(claims)

# Signed with a key that is not registered, and with a code that was used.
stranger = jwk.ECKey.generate_key("P-256")
refused = pushed(request_object(stranger, nonce=nonce)[0])
assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object"), refused.text
try:
    client.fetch_token(server["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier)
    raise AssertionError("a code was taken twice")
except OAuthError as error:
    assert error.error == "invalid_grant", error

assert requests.delete(made["registration_client_uri"], headers=own).status_code == 204
assert requests.get(made["registration_client_uri"], headers=own).status_code == 401
print("done")
