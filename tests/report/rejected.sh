# discovery
curl 'http://127.0.0.1:9400/.well-known/openid-configuration' \
  --header 'Accept: application/json'

# the JWKS request
curl 'http://127.0.0.1:9400/jwks' \
  --header 'Accept: application/jwk-set+json, application/json'

# the authorization request
curl 'http://127.0.0.1:9400/authorize?response_type=code&client_id=practice-web&redirect_uri=http%3A%2F%2F127.0.0.1%3A8912%2Fcallback&scope=openid+profile+email+offline_access&state=oAfTzZO54Qw_teAPjFsLbcQgz1rqd5gY_NPctm19Vmc&nonce=pUKxXmNKFfN3SVzQlvx8HJ1ERiG1m6HEtO45A4w178M&code_challenge=A1bdvfjFqplN55mz-7Kue3DVQ2uN-w6YWUDVvPqkPJc&code_challenge_method=S256'

# the token request
curl --request 'POST' 'http://127.0.0.1:9400/token' \
  --header 'Content-Type: application/x-www-form-urlencoded' \
  --header 'Accept: application/json' \
  --header 'Authorization: Basic REDACTED-client_secret-1' \
  --data-raw 'grant_type=authorization_code&code=REDACTED-code-1&redirect_uri=http%3A%2F%2F127.0.0.1%3A8912%2Fcallback&code_verifier=REDACTED-code_verifier-1'
