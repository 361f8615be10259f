"""Makes an RSA key, its public half as PEM and as a key set, and a token that it signed: `make_token.py FOLDER`."""

import json
import pathlib
import sys
import time

from joserfc import jwk, jwt

folder = pathlib.Path(sys.argv[1])
key = jwk.RSAKey.generate_key(2048, {"kid": "bench", "alg": "RS256", "use": "sig"}, private=True)
now = int(time.time())
claims = {
    "iss": "https://bench.example",
    "aud": "bench",
    "sub": "person-1",
    "iat": now,
    "exp": now + 86_400,
    "scope": "orders:read orders:write",
    "name": "Somebody with a name of a usual length",
    "groups": ["team-one", "team-two", "team-three"],
}
(folder / "public.pem").write_bytes(key.as_pem(private=False))
(folder / "public.jwks").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
(folder / "token").write_text(jwt.encode({"alg": "RS256", "kid": "bench"}, claims, key))
