# -*- coding: utf-8 -*-
# Authorization code: the token request, at http://127.0.0.1:9400
# Secrets are read from the environment.
import os
from urllib.parse import quote_plus

import requests

response = requests.post(
    "http://127.0.0.1:9400/token",
    # Each form-encoded (RFC 6749 section 2.3.1).
    auth=(quote_plus("practice-web"), quote_plus(os.environ["CLIENT_SECRET"])),
    headers={
        "Accept": "application/json",
    },
    data=[
        ("grant_type", "authorization_code"),
        ("code", os.environ["CODE"]),
        ("redirect_uri", "http://127.0.0.1:8912/callback"),
        ("code_verifier", os.environ["CODE_VERIFIER"]),
    ],
    timeout=30,
    allow_redirects=False,
)
print(response.status_code)
print(response.text)
