"""Signs a person in to one platform with another one as its issuer: `sign_in_elsewhere.py HERE ISSUER LINK_CODE`."""

import json
import sys

import requests

here, issuer, link = sys.argv[1:4]
browser = requests.Session()
ways = browser.get(f"{here}/v1/sign-in").json()
assert [way["id"] for way in ways["issuers"]] == ["head-office"], ways

# The browser is signed in at the issuer already, in a jar of its own: cookies do not know ports.
there = requests.Session()
signed_in = there.post(f"{issuer}/v1/session", json={"link": link}, headers={"origin": issuer})
assert signed_in.status_code == 200, signed_in.text

begun = browser.get(f"{here}/v1/session/oidc/head-office?next=/people", allow_redirects=False)
assert begun.status_code == 303, begun.text
asked = there.get(begun.headers["location"], allow_redirects=False)
assert asked.status_code in (302, 303), (asked.status_code, asked.text)
answer = asked.headers["location"]
assert answer.startswith(f"{here}/v1/session/oidc/head-office/callback?"), answer

# Another browser cannot use the answer.
stolen = requests.get(answer, allow_redirects=False)
assert "problem=" in stolen.headers["location"], stolen.headers

done = browser.get(answer, allow_redirects=False)
assert done.headers["location"] == "/people", (done.status_code, done.headers, done.text)
principal = browser.get(f"{here}/v1/session").json()["principal"]
print(json.dumps(principal))
