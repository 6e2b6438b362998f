"""A server on Authlib that takes the grants of another one for its users (ID-JAG): resource_server.py PORT IDP CLIENT_ID SECRET."""

import sys

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.drafts.id_jag import IDJAGGrant
from authlib.oauth2.rfc6749 import ClientMixin
from flask import Flask, jsonify, request
from joserfc.jwk import KeySet

port, idp, client_id, secret = sys.argv[1:5]
issuer = f"http://127.0.0.1:{port}"
keys = KeySet.import_key_set(requests.get(idp + "/jwks").json())
seen, tokens = set(), {}
app = Flask(__name__)


class Client(ClientMixin):
    def get_client_id(self):
        return client_id

    def get_allowed_scope(self, scope):
        return scope

    def check_client_secret(self, client_secret):
        return client_secret == secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type):
        return grant_type == IDJAGGrant.GRANT_TYPE


class Grant(IDJAGGrant):
    def get_audiences(self):
        return [issuer]

    def resolve_issuer_key(self, named, headers):
        return keys

    def authenticate_user(self, subject):
        return subject if subject == "alice" else None

    def check_jti(self, claims, jti):
        is_new = jti not in seen
        seen.add(jti)
        return is_new

    def check_id_jag_permission(self, client, user, scopes):
        return True


def save(token, asked):
    tokens[token["access_token"]] = asked.user


server = AuthorizationServer(app, query_client=lambda named: Client() if named == client_id else None, save_token=save)
server.register_grant(Grant)


@app.get("/.well-known/oauth-authorization-server")
def metadata():
    return jsonify(
        issuer=issuer,
        token_endpoint=issuer + "/token",
        grant_types_supported=[Grant.GRANT_TYPE],
        response_types_supported=[],
        token_endpoint_auth_methods_supported=["client_secret_basic"],
        authorization_grant_profiles_supported=["urn:ietf:params:oauth:grant-profile:id-jag"],
    )


@app.post("/token")
def token():
    return server.create_token_response()


@app.get("/me")
def me():
    user = tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    return jsonify(sub=user) if user else ("", 401, {"WWW-Authenticate": "Bearer"})


app.run("127.0.0.1", int(port))
