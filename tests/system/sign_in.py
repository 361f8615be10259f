"""Signs a person in with Trunkline as a service does, with the real authlib: `sign_in.py API LINK_CODE TOKEN`."""

import json
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwk, jwt

api, link, token = sys.argv[1:4]
callback = "http://127.0.0.1:9/callback"
owner = {"authorization": f"Bearer {token}"}

made = requests.post(
    f"{api}/v1/oidc/clients",
    headers=owner,
    json={"kind": "confidential", "name": "shop", "trusted": True, "redirect_uris": [callback]},
)
assert made.status_code == 201, made.text
client = made.json()

browser = requests.Session()
signed_in = browser.post(f"{api}/v1/session", json={"link": link}, headers={"origin": api})
assert signed_in.status_code == 200, signed_in.text
person = signed_in.json()["principal"]

metadata = requests.get(f"{api}/.well-known/openid-configuration").json()
verifier, nonce = generate_token(48), generate_token(24)
service = OAuth2Session(
    client["id"],
    client["client_secret"],
    scope="openid profile groups",
    redirect_uri=callback,
    code_challenge_method="S256",
)
address, state = service.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
)

# Nobody who is not signed in gets a code, and no other address is ever sent one.
assert "/sign-in?" in requests.get(address, allow_redirects=False).headers["location"]
elsewhere = address.replace("callback", "callback2")
assert "location" not in browser.get(elsewhere, allow_redirects=False).headers

# A browser keeps its cookie from a page that another site leads to; the platform then asks its own page to go on.
answer = browser.get(address, allow_redirects=False)
assert answer.status_code in (302, 303), (answer.status_code, answer.text)
answered = parse_qs(urlsplit(answer.headers["location"]).query)
assert answered["state"] == [state] and answered["iss"] == [metadata["issuer"]], answered

tokens = service.fetch_token(
    metadata["token_endpoint"],
    authorization_response=answer.headers["location"],
    code_verifier=verifier,
    state=state,
)
keys = jwk.KeySet.import_key_set(requests.get(metadata["jwks_uri"]).json())
claims = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims
rules = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": metadata["issuer"]},
    aud={"essential": True, "value": client["id"]},
    nonce={"essential": True, "value": nonce},
)
rules.validate(claims)
assert claims["sub"] == person["id"], claims

told = service.get(metadata["userinfo_endpoint"])
assert told.status_code == 200 and told.json()["sub"] == person["id"], told.text

# The code was good once.
again = requests.post(
    metadata["token_endpoint"],
    auth=(client["id"], client["client_secret"]),
    data={
        "grant_type": "authorization_code",
        "code": answered["code"][0],
        "redirect_uri": callback,
        "code_verifier": verifier,
    },
)
assert again.status_code == 400 and again.json()["error"] == "invalid_grant", again.text
print(json.dumps({"sub": claims["sub"], "groups": claims["groups"]}))
