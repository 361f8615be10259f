"""Makes a Cognito user pool in moto's server at ADDRESS and prints its issuer, its keys' address and an access token."""

import json
import sys

import boto3

address = sys.argv[1]
pools = boto3.client(
    "cognito-idp",
    region_name="eu-central-1",
    endpoint_url=address,
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
pool = pools.create_user_pool(PoolName="team")["UserPool"]["Id"]
client = pools.create_user_pool_client(
    UserPoolId=pool, ClientName="shop", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
)["UserPoolClient"]["ClientId"]
pools.admin_create_user(UserPoolId=pool, Username="ada")
pools.admin_set_user_password(UserPoolId=pool, Username="ada", Password="Correct-Horse-9", Permanent=True)
tokens = pools.initiate_auth(
    ClientId=client,
    AuthFlow="USER_PASSWORD_AUTH",
    AuthParameters={"USERNAME": "ada", "PASSWORD": "Correct-Horse-9"},
)["AuthenticationResult"]
print(
    json.dumps(
        {
            "issuer": f"https://cognito-idp.eu-central-1.amazonaws.com/{pool}",
            "keys": f"{address}/{pool}/.well-known/jwks.json",
            "client": client,
            "access": tokens["AccessToken"],
            "id": tokens["IdToken"],
        }
    )
)
